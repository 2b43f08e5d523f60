//! What is done to the ledger where there are no services to be protected from each other: then no
//! file is looked through but those that name it.

use std::sync::Arc;

use crate::history::{History, Migration};
use crate::ownership::Policy;
use migrate_text::migration_ref::Direction;

use super::breach::{Breach, Reason};
use super::judged::Attribution;

/// How the names of the ledger's tables begin.
const NAMES: [&str; 2] = ["__diesel_schema_migrations", "__migrate_"];

/// What these files do to the ledger.
pub(crate) fn breaches_of_ledger(
    migrations: &[Arc<Migration>],
    direction: Direction,
) -> Vec<Breach> {
    let naming = migrations.iter().filter(|migration| {
        let file = match direction {
            Direction::Up => Some(&migration.up),
            Direction::Down => migration.down.as_ref(),
        };
        file.is_some_and(|file| names_it(file.text()))
    });
    let naming: Vec<Migration> = naming.map(|migration| (**migration).clone()).collect();
    if naming.is_empty() {
        return Vec::new();
    }
    let history = History::ordered(naming);
    let policy = Policy::default();
    let attribution = Attribution::of(&history, &policy);
    let mut breaches = match direction {
        Direction::Up => attribution.breaches().to_vec(),
        Direction::Down => {
            let all = history.migrations().iter();
            attribution.breaches_of_down(&all.map(|m| m.version.as_str()).collect::<Vec<_>>())
        }
    };
    breaches.retain(|breach| breach.reason == Reason::Ledger);
    breaches
}

/// Whether a text speaks of the ledger.
fn names_it(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    NAMES.iter().any(|name| text.contains(name))
}
