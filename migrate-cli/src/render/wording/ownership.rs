//! Migrations that touch what is another's.

use migrate_core::attribution::{Breach, Reason};
use migrate_core::ownership::shown;

use crate::render::message::Message;

/// Words one breach that the files themselves show.
pub fn word(breach: &Breach) -> Message {
    let label = label(breach);
    Message::new("ownership", title(breach))
        .at(Some(&breach.location), label)
        .state("nothing was applied")
        .next(advice(breach))
}

fn title(breach: &Breach) -> String {
    let who = who(&breach.services);
    let Breach { verb, kind, .. } = breach;
    let a = article(kind);
    let name = name_of(breach);
    match &breach.reason {
        Reason::Owned { owners } if *verb == "rename to" => {
            format!(
                "{who} may not take the name {name}, which is of {}",
                services(owners)
            )
        }
        Reason::Owned { owners } if *verb == "create" => {
            format!(
                "{who} may not {verb} {kind} {name}, which is of {}",
                services(owners)
            )
        }
        Reason::Owned { owners } | Reason::NotRead { owners } => {
            format!("{who} may not {verb} {a} {kind} of {}", services(owners))
        }
        Reason::UsedBy { owners, .. } => {
            format!(
                "{who} may not {verb} {a} {kind} that {} needs",
                services(owners)
            )
        }
        Reason::Nobodys => format!("{who} may not {verb} {a} {kind} of no service"),
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

/// Its name as `migrate.toml` writes it. A schema or extension is in no schema.
fn name_of(breach: &Breach) -> String {
    match breach.kind {
        "schema" | "extension" => breach.name.name.clone(),
        _ => shown(&breach.name),
    }
}

/// What stands below the place.
fn label(breach: &Breach) -> String {
    let created = breach.created_in.as_ref();
    let created = created.map_or_else(String::new, |folder| format!(", created in {folder}"));
    match &breach.reason {
        Reason::Owned { owners } | Reason::NotRead { owners } => {
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
        Reason::Ledger => "what was applied is recorded there".to_owned(),
        Reason::SystemCatalog => "only statements of their own change it".to_owned(),
        Reason::Several { owners } => {
            let all = owners
                .iter()
                .map(|(service, name)| format!("{} is {service}'s", shown(name)));
            all.collect::<Vec<_>>().join(", ")
        }
    }
}

fn advice(breach: &Breach) -> String {
    let exception = format!(
        "or except it: allow = [{{ object = \"{}\", reason = \"...\" }}]",
        name_of(breach)
    );
    match &breach.reason {
        Reason::Owned { owners } | Reason::UsedBy { owners, .. } => {
            let owner = owners.first().map_or("", String::as_str);
            match breach.services.is_empty() {
                true => format!("say so in metadata.toml: services = [\"{owner}\"]\n{exception}"),
                false => format!(
                    "move it to a migration of {}, or name both in metadata.toml: {}\n{exception}",
                    owners.join(" or "),
                    named(&breach.services, &[owner])
                ),
            }
        }
        Reason::NotRead { owners } => format!(
            "add \"{}\" to `reads` of {} in migrate.toml, or name both in metadata.toml: {}\n\
             {exception}",
            name_of(breach),
            breach.services.join(" or "),
            named(
                &breach.services,
                &[owners.first().map_or("", String::as_str)]
            )
        ),
        Reason::Nobodys => format!("put it into a migration that names no services\n{exception}"),
        Reason::Ledger | Reason::SystemCatalog => "remove the statement".to_owned(),
        Reason::Several { owners } => {
            let owners: Vec<&str> = owners.iter().map(|(service, _)| service.as_str()).collect();
            format!(
                "write one migration for each, or name all in metadata.toml: {}",
                named(&[], &owners)
            )
        }
    }
}

/// `services = ["auth", "post"]`
fn named(services: &[String], more: &[&str]) -> String {
    let all = services
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied());
    let quoted: Vec<String> = all.map(|service| format!("\"{service}\"")).collect();
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

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}
