//! Migrations that changed what is not theirs.

use migrate_core::error::{ForeignChange, GuardBreach, Offence, Remains};
use migrate_core::report::{DatabaseDeploy, shown};
use migrate_text::migration_ref::Direction;
use serde_json::json;

use crate::code::Code;
use crate::message::Message;
use crate::so_far::{left, others};

/// Words what the guard inside a migration's transaction found.
pub fn breach(breach: &GuardBreach, report: Option<&DatabaseDeploy>) -> Message {
    let label = match breach.for_good {
        true => "done, and cannot be rolled back",
        false => "rolled back",
    };
    let this = match breach.remains {
        // A rerun is refused.
        Remains::Statements { done, of } if breach.for_good && done > 0 => {
            format!("{done} of {of} statements are done for good")
        }
        Remains::Statements { .. } if breach.for_good => "what it committed stays".to_owned(),
        remains => left(remains),
    };
    let applied = report.map_or(0, |report| report.total_applied);
    let rest = match breach.refused_again {
        true => "nothing was run now".to_owned(),
        false => others(breach.direction, applied, breach.not_tried),
    };
    message(breach, label)
        .state(format!("{this}; {rest}"))
        .next(advice(breach))
}

/// The same in a database that is thrown away.
pub fn breach_in_shadow(breach: &GuardBreach, state: &str) -> Message {
    let breach = GuardBreach {
        for_good: false,
        ..breach.clone()
    };
    message(&breach, "here").state(state).next(advice(&breach))
}

fn message(breach: &GuardBreach, label: &str) -> Message {
    let migration = &breach.migration;
    let of = match migration.services.is_empty() {
        true => String::new(),
        false => format!(" of {}", migration.services.join(", ")),
    };
    let title = format!("migration {migration}{of} {}", breach.offence);
    let changed: Vec<String> = changes(breach).iter().map(change).collect();
    Message::new(Code::Ownership, title)
        .at(breach.location.as_ref(), label)
        .maybe_note("changed", (!changed.is_empty()).then(|| changed.join("\n")))
}

fn changes(breach: &GuardBreach) -> &[ForeignChange] {
    match &breach.offence {
        Offence::Changed(changes) => changes,
        Offence::ClosedCursors | Offence::SwitchedOff => &[],
    }
}

/// `table posts of post: column title dropped; trigger audit dropped`.
fn change(change: &ForeignChange) -> String {
    let owners = match change.services.is_empty() {
        true => "no service".to_owned(),
        false => change.services.join(", "),
    };
    let name = name_of(change);
    format!(
        "{} {name} of {owners}: {}",
        change.kind,
        change.changes.join("; ")
    )
}

/// Its name as `migrate.toml` writes it.
fn name_of(change: &ForeignChange) -> String {
    match change.kind.class() {
        Some(class) if !class.has_schema() => change.name.name.clone(),
        Some(_) | None => shown(&change.name),
    }
}

fn advice(breach: &GuardBreach) -> String {
    let file = match breach.direction {
        Direction::Up => "up.sql",
        Direction::Down => "down.sql",
    };
    let changes = changes(breach);
    let mut owners: Vec<&str> = changes
        .iter()
        .flat_map(|change| change.services.iter().map(String::as_str))
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let is_ledger = owners.contains(&GuardBreach::TOOL);
    let advice = match &breach.offence {
        Offence::ClosedCursors => format!("take the `CLOSE ALL` out of {file}"),
        Offence::SwitchedOff if breach.migration.services.is_empty() => {
            "name all services in metadata.toml".to_owned()
        }
        Offence::SwitchedOff => {
            "put it into a migration that names no services, or name all services in metadata.toml"
                .to_owned()
        }
        Offence::Changed(_) if is_ledger => {
            format!("take this out of {file}: the ledger is written by `migrate` alone")
        }
        Offence::Changed(_) => {
            let otherwise = exception(changes);
            let consent = consent(breach, &owners);
            match changes.iter().any(|change| change.services.is_empty()) {
                false => format!("{consent}\n{otherwise}"),
                true if owners.is_empty() => format!("{}\n{otherwise}", of_nobody(breach, "it")),
                true => {
                    let rest = of_nobody(breach, "what is of no service");
                    format!("{consent}\n{rest}\n{otherwise}")
                }
            }
        }
    };
    match breach.on_disk {
        true => advice,
        false => format!("get the folder back from version control; then {advice}"),
    }
}

/// What the owners' consent takes.
fn consent(breach: &GuardBreach, owners: &[&str]) -> String {
    let mut all: Vec<&str> = breach.services.iter().map(String::as_str).collect();
    let new = owners.iter().filter(|owner| !all.contains(owner));
    let new: Vec<&str> = new.copied().collect();
    all.extend(new);
    let services = format!("services = {}", json!(all)).replace("\",\"", "\", \"");
    let named = match all.len() {
        1 => format!("say so in metadata.toml: {services}"),
        2 => format!("name both in metadata.toml: {services}"),
        _ => format!("name all in metadata.toml: {services}"),
    };
    if breach.for_good {
        let command = match breach.direction {
            Direction::Up => "migrate deploy",
            Direction::Down => "migrate revert",
        };
        return format!("{named}; then `{command}` goes on");
    }
    match (breach.on_disk, owners) {
        (false, _) => named,
        (true, _) if all.len() == 1 => named,
        // What several tables need is changed for all of them at once.
        (true, _)
            if changes(breach)
                .iter()
                .any(|change| change.services.len() > 1) =>
        {
            named
        }
        (true, [owner]) => format!("move it to a migration of {owner}, or {named}"),
        (true, _) => format!("write one migration for each, or {named}"),
    }
}

fn of_nobody(breach: &GuardBreach, what: &str) -> String {
    match breach.for_good || !breach.on_disk {
        true => "name no services in metadata.toml".to_owned(),
        false => format!("put {what} into a migration that names no services"),
    }
}

/// How a migration makes an exception for objects. A string of JSON is one of TOML.
fn exception(changes: &[ForeignChange]) -> String {
    let exceptions: Vec<String> = changes
        .iter()
        .map(|change| {
            let object = json!(pattern(change));
            format!("{{ object = {object}, reason = \"...\" }}")
        })
        .collect();
    let what = if changes.len() == 1 { "it" } else { "them" };
    format!("or except {what}: allow = [{}]", exceptions.join(", "))
}

/// A pattern of `migrate.toml` that means the object alone.
fn pattern(change: &ForeignChange) -> String {
    let name = match change.name.name.contains('.') {
        true => format!("{}.{}", change.name.schema, change.name.name),
        false => name_of(change),
    };
    let literal = |c: char| match c {
        '*' | '?' | '[' => format!("[{c}]"),
        c => c.to_string(),
    };
    name.chars().map(literal).collect()
}
