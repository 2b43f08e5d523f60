//! Migrations that touch what is another's.

use migrate_core::error::{Breach, Reason};
use migrate_core::report::shown;
use migrate_sql::verb::Verb;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

use crate::code::Code;
use crate::message::Message;

/// Words the breaches that the files themselves show.
pub fn words(breaches: &[Breach]) -> Vec<Message> {
    let word = |breach| word(breach, &needed(breach, breaches));
    breaches.iter().map(word).collect()
}

fn word(breach: &Breach, needed: &[&str]) -> Message {
    let file = breach.location.file.path();
    let state = match file.ends_with("down.sql") {
        true => "nothing was reverted",
        false => "nothing was applied",
    };
    Message::new(Code::Ownership, title(breach))
        .at(Some(&breach.location), label(breach))
        .state(state)
        .next(advice(breach, needed))
}

/// The services that the migration would have to name for all that it does, its own first.
fn needed<'b>(breach: &'b Breach, all: &'b [Breach]) -> Vec<&'b str> {
    let same = |other: &&Breach| other.migration == breach.migration;
    let owners = all.iter().filter(same).flat_map(|breach| {
        let owners: &[String] = match &breach.reason {
            Reason::Owned { owners }
            | Reason::UsedBy { owners, .. }
            | Reason::NotRead { owners }
            | Reason::NotUsed { owners } => owners,
            Reason::Nobodys
            | Reason::ForAll { .. }
            | Reason::NamedDatabase
            | Reason::WayOut
            | Reason::Ledger
            | Reason::SystemCatalog
            | Reason::Several { .. } => &[],
        };
        let first = owners.first().into_iter();
        first.chain(&breach.besides).map(String::as_str)
    });
    let own = breach.services.iter().map(String::as_str);
    let mut needed = Vec::new();
    for service in own.chain(owners) {
        if !needed.contains(&service) {
            needed.push(service);
        }
    }
    needed
}

fn title(breach: &Breach) -> String {
    let who = who(&breach.services);
    let Breach { verb, kind, .. } = breach;
    let a = article(*kind);
    let name = name_of(breach);
    match &breach.reason {
        Reason::Owned { owners } if *verb == Verb::RenameTo => {
            format!(
                "{who} may not take the name {name}, which is of {}",
                services(owners)
            )
        }
        Reason::Owned { owners } if *verb == Verb::Create => {
            format!(
                "{who} may not {verb} {kind} {name}, which is of {}",
                services(owners)
            )
        }
        Reason::Owned { owners } | Reason::NotRead { owners } | Reason::NotUsed { owners } => {
            format!("{who} may not {verb} {a} {kind} of {}", services(owners))
        }
        Reason::UsedBy { owners, .. } => {
            format!(
                "{who} may not {verb} {a} {kind} that {} needs",
                services(owners)
            )
        }
        Reason::Nobodys => format!("{who} may not {verb} {a} {kind} of no service"),
        Reason::ForAll { .. } => {
            format!("{who} may not touch what acts on every service: {verb}")
        }
        Reason::NamedDatabase => {
            "a migration may not drop or rename a database of migrate.toml".to_owned()
        }
        Reason::WayOut => format!("a migration may not {verb}"),
        Reason::Ledger => format!("a migration may not {verb} the ledger"),
        Reason::SystemCatalog => {
            format!("a migration may not {verb} PostgreSQL's own catalog")
        }
        Reason::Several { .. } => format!(
            "migration {} changes what several services own, and does not say for which it is",
            breach.migration
        ),
    }
}

/// Its name as `migrate.toml` writes it. A schema or extension, for one, is in no schema.
fn name_of(breach: &Breach) -> String {
    match breach.kind.class().is_none_or(Class::has_schema) && !breach.is_unplaced() {
        true => shown(&breach.name),
        false => breach.name.name.clone(),
    }
}

/// What stands below the place.
fn label(breach: &Breach) -> String {
    let created = breach.created_in.as_ref();
    let created = created.map_or_else(String::new, |folder| format!(", created in {folder}"));
    match &breach.reason {
        Reason::Owned { owners } | Reason::NotRead { owners } | Reason::NotUsed { owners } => {
            format!(
                "{} is owned by {}{created}",
                name_of(breach),
                owners.join(" or ")
            )
        }
        Reason::UsedBy { owners, table } => format!(
            "{} is needed by table {} of {}",
            name_of(breach),
            shown(table),
            owners.join(" or ")
        ),
        Reason::Nobodys => format!(
            "{} was created in {}, which is for no service",
            name_of(breach),
            breach.created_in.as_deref().unwrap_or("this migration")
        ),
        Reason::ForAll { services } => format!("acts on {}", services.join(", ")),
        Reason::NamedDatabase => format!("{} is named there", name_of(breach)),
        Reason::WayOut => "no wall sees what is done there".to_owned(),
        Reason::Ledger => "what was applied is recorded there".to_owned(),
        Reason::SystemCatalog => "only statements of their own change it".to_owned(),
        Reason::Several { owners, .. } => {
            let all = owners
                .iter()
                .map(|(service, name)| format!("{} is {service}'s", shown(name)));
            all.collect::<Vec<_>>().join(", ")
        }
    }
}

fn advice(breach: &Breach, needed: &[&str]) -> String {
    let exception = exception(&name_of(breach));
    let all = if needed.len() > 2 { "all" } else { "both" };
    let named = format!("name {all} in metadata.toml: {}", named(needed));
    match &breach.reason {
        Reason::Owned { .. } | Reason::UsedBy { .. } if breach.services.is_empty() => {
            format!(
                "say so in metadata.toml: {}\n{exception}",
                self::named(needed)
            )
        }
        Reason::Owned { .. } if !breach.besides.is_empty() => format!("{named}\n{exception}"),
        Reason::Owned { owners } => format!(
            "move it to a migration of {}, or {named}\n{exception}",
            owners.join(" or ")
        ),
        Reason::UsedBy { .. } => format!("{named}\n{exception}"),
        Reason::NotRead { .. } => format!(
            "add \"{}\" to `reads` of {} in migrate.toml, or {named}\n{exception}",
            name_of(breach),
            breach.services.join(" or "),
        ),
        Reason::NotUsed { .. } => format!(
            "add \"{}\" to `uses` of {} in migrate.toml, or {named}\n{exception}",
            name_of(breach),
            breach.services.join(" or "),
        ),
        Reason::WayOut => format!("remove the statement\n{exception}"),
        Reason::Nobodys => format!("put it into a migration that names no services\n{exception}"),
        Reason::ForAll { services } => {
            let all: Vec<&str> = services.iter().map(String::as_str).collect();
            format!(
                "put it into a migration that names no services, or name all: {}",
                self::named(&all)
            )
        }
        Reason::Ledger | Reason::SystemCatalog | Reason::NamedDatabase => {
            "remove the statement".to_owned()
        }
        Reason::Several { owners, at_once } => {
            let owners: Vec<&str> = owners.iter().map(|(service, _)| service.as_str()).collect();
            let named = format!("name all in metadata.toml: {}", self::named(&owners));
            match at_once {
                true => named,
                false => format!("write one migration for each, or {named}"),
            }
        }
    }
}

/// How a migration makes an exception for an object.
fn exception(name: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("or except it: allow = [{{ object = \"{name}\", reason = \"...\" }}]")
}

/// `services = ["auth", "post"]`
fn named(services: &[&str]) -> String {
    let quoted: Vec<String> = services
        .iter()
        .map(|service| format!("\"{service}\""))
        .collect();
    format!("services = [{}]", quoted.join(", "))
}

/// Who does it.
fn who(services: &[String]) -> String {
    match services {
        [] => "a migration of no service".to_owned(),
        [one] => format!("service {one}"),
        several => format!("services {}", several.join(" and ")),
    }
}

fn services(owners: &[String]) -> String {
    match owners {
        [one] => format!("service {one}"),
        several => format!("services {}", several.join(" or ")),
    }
}

fn article(kind: ObjectKind) -> &'static str {
    if kind.words().starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}
