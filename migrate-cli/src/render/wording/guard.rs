//! Migrations that changed what is not theirs.

use migrate_core::deploy::{ForeignChange, GuardBreach};
use migrate_core::event::Direction;
use migrate_core::report::DatabaseDeploy;

use super::deploy::{left, others};
use crate::render::message::Message;

/// Words what the guard inside a migration's transaction found.
pub fn breach(breach: &GuardBreach, report: Option<&DatabaseDeploy>) -> Message {
    let migration = &breach.migration;
    let did = match breach.changed.is_empty() {
        false => "changed what other services own",
        true => "closed the cursors of its guard",
    };
    let title = format!(
        "migration {}_{} of {} {did}",
        migration.version,
        migration.name,
        migration.services.join(", ")
    );
    let label = match breach.for_good {
        true => "done, and cannot be rolled back",
        false => "rolled back",
    };
    let changed: Vec<String> = breach.changed.iter().map(change).collect();
    let applied = report.map_or(0, |report| report.total_applied);
    let rest = others(breach.direction, applied, breach.not_tried);
    Message::new("ownership", title)
        .at(breach.location.as_ref(), label)
        .maybe_note("changed", (!changed.is_empty()).then(|| changed.join("\n")))
        .state(format!("{}; {rest}", left(breach.remains)))
        .next(advice(breach))
}

/// `table posts of post: column title dropped; trigger audit dropped`.
fn change(change: &ForeignChange) -> String {
    format!(
        "{} {} of {}: {}",
        change.kind,
        shown(change),
        change.services.join(", "),
        change.changes.join("; ")
    )
}

fn shown(change: &ForeignChange) -> String {
    let name = &change.name;
    match name.schema == "public" || change.kind == "schema" || change.kind == "extension" {
        true => name.name.clone(),
        false => format!("{}.{}", name.schema, name.name),
    }
}

fn advice(breach: &GuardBreach) -> String {
    let file = match breach.direction {
        Direction::Up => "up.sql",
        Direction::Down => "down.sql",
    };
    let mut owners: Vec<&str> = breach
        .changed
        .iter()
        .flat_map(|change| change.services.iter().map(String::as_str))
        .collect();
    owners.sort_unstable();
    owners.dedup();
    if owners.is_empty() {
        return format!("take the `CLOSE ALL` out of {file}");
    }
    if owners.contains(&GuardBreach::TOOL) {
        return format!("take this out of {file}: the ledger is written by `migrate` alone");
    }
    let all = breach.migration.services.iter().map(String::as_str);
    let all: Vec<String> = all
        .chain(owners.iter().copied())
        .map(|service| format!("\"{service}\""))
        .collect();
    format!(
        "move this to a migration of {}, or name {}: services = [{}]",
        owners.join(" and "),
        if all.len() == 2 { "both" } else { "all" },
        all.join(", ")
    )
}
