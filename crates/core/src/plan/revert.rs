//! What a revert would do.

use std::sync::Arc;

use crate::history::{History, Migration, name_of};
use crate::ledger::{Applied, LedgerState, Unfinished};
use migrate_text::migration_ref::{Direction, MigrationRef};

use super::error::PlanError;

/// How far to go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The last so many, by the order in which they were applied.
    Steps(usize),
    /// Everything applied after this version, which itself stays.
    To(String),
    /// Everything.
    All,
}

/// A migration to revert.
#[derive(Debug, Clone)]
pub struct RevertStep {
    /// The version.
    pub version: String,
    /// The migration on disk; where it is gone, the ledger may have kept its `down.sql`.
    pub migration: Option<Arc<Migration>>,
    /// The folder's name as far as it is known.
    pub folder_name: String,
    /// The services at the time.
    pub services: Vec<String>,
    /// Whether it is one transaction, as the folder says or else said at the time.
    pub run_in_transaction: bool,
    /// What an earlier revert outside a transaction has left.
    pub unfinished: Unfinished,
}

impl RevertStep {
    /// What identifies it to a reader.
    pub fn reference(&self) -> MigrationRef {
        MigrationRef {
            version: self.version.clone(),
            name: name_of(&self.folder_name).to_owned(),
            services: self.services.clone(),
        }
    }
}

/// Plans a revert, last applied first: the last one is the one applied last, not the one with
/// the highest version. With `service` only its migrations are considered.
///
/// # Errors
///
/// One of these is of other services too: what it did for them would go as well.
pub fn plan_revert(
    history: &History,
    ledger: &LedgerState,
    reach: &Reach,
    service: Option<&str>,
) -> Result<Vec<RevertStep>, PlanError> {
    let applied: Vec<RevertStep> = ledger
        .entries
        .iter()
        .filter(|entry| entry.in_diesel)
        .map(|entry| {
            let attempt = entry.record.as_ref();
            let migration = history.find(&entry.version).cloned();
            let (folder_name, services) = match (&migration, attempt) {
                (Some(migration), _) => (migration.folder_name.clone(), migration.services.clone()),
                (None, Some(attempt)) => (attempt.name.clone(), attempt.services.clone()),
                (None, None) => (entry.version.clone(), Vec::new()),
            };
            RevertStep {
                version: entry.version.clone(),
                run_in_transaction: match (&migration, attempt) {
                    (Some(migration), _) => migration.run_in_transaction,
                    (None, attempt) => attempt.is_none_or(|attempt| attempt.run_in_transaction),
                },
                migration,
                folder_name,
                services,
                unfinished: entry.left(Direction::Down),
            }
        })
        .filter(|step| service.is_none_or(|wanted| step.services.iter().any(|s| s == wanted)))
        .collect();
    let keep = match reach {
        Reach::All => 0,
        Reach::Steps(steps) => applied.len().saturating_sub(*steps),
        Reach::To(version) => {
            let position = applied.iter().position(|step| &step.version == version);
            position.map(|index| index + 1).ok_or_else(|| {
                let applied = applied.iter().map(|step| step.version.as_str());
                PlanError::NotApplied {
                    version: version.clone(),
                    nearest: migrate_text::name::nearest(version, applied).map(str::to_owned),
                }
            })?
        }
    };
    let steps: Vec<RevertStep> = applied.into_iter().skip(keep).rev().collect();
    if let Some(chosen) = service {
        check_services(&steps, chosen, ledger)?;
    }
    Ok(steps)
}

/// Refuses what is of other services than the chosen one too.
fn check_services(
    steps: &[RevertStep],
    chosen: &str,
    ledger: &LedgerState,
) -> Result<(), PlanError> {
    let others = |step: &RevertStep| -> Vec<String> {
        let others = step.services.iter().filter(|name| *name != chosen);
        others.cloned().collect()
    };
    match steps.iter().find(|step| !others(step).is_empty()) {
        None => Ok(()),
        Some(step) => Err(PlanError::OfOthersToo {
            migration: step.folder_name.clone(),
            others: others(step),
            chosen: chosen.to_owned(),
            steps: steps_back_to(&step.version, ledger),
        }),
    }
}

/// How many steps lead back to before a migration was applied: it and all that came after it.
pub fn steps_back_to(version: &str, ledger: &LedgerState) -> usize {
    let applied = ledger.entries.iter().filter(|entry| entry.in_diesel);
    let since = applied.skip_while(|entry| entry.version != version);
    since.count()
}

/// The versions that were applied after a migration and stay when these steps are taken. One of
/// which a part is done for good, outside a transaction, counts: it goes on from there.
pub fn staying_after<'l>(
    version: &str,
    steps: &[&RevertStep],
    ledger: &'l LedgerState,
) -> Vec<&'l str> {
    let since = ledger.entries.iter();
    let since = since.skip_while(|entry| entry.version != version).skip(1);
    let is_there = |entry: &&Applied| entry.in_diesel || !entry.left(Direction::Up).is_nothing();
    let goes = |version: &str| steps.iter().any(|step| step.version == version);
    since
        .filter(is_there)
        .map(|entry| entry.version.as_str())
        .filter(|version| !goes(version))
        .collect()
}
