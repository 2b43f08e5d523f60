//! What a revert would do.

use std::sync::Arc;

use crate::history::{History, Migration, name_of};
use crate::ledger::{LedgerState, Unfinished};
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
    Ok(applied.into_iter().skip(keep).rev().collect())
}
