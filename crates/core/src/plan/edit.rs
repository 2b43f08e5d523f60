//! An edited migration, to be shown.

use serde::Serialize;

use crate::history::Migration;
use crate::ledger::LedgerState;
use migrate_sql::mask_passwords;

use super::compare::applied_text;
use super::standing::Standing;

/// An edited migration: what was applied, and what its file says now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edit {
    /// The migration.
    #[serde(skip)]
    pub standing: Standing,
    /// Its file.
    pub file: String,
    /// What was applied; `None` if the ledger does not have it. Passwords are stars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<String>,
    /// What the file says now. Passwords are stars.
    pub present: String,
}

impl Edit {
    /// How a migration's file stands to what the ledger kept of it.
    pub fn of(standing: &Standing, migration: &Migration, ledger: &LedgerState) -> Self {
        Self {
            standing: standing.clone(),
            file: migration.up.path().display().to_string(),
            applied: applied_text(&standing.version, ledger).map(str::to_owned),
            present: mask_passwords(migration.up.text()).into_owned(),
        }
    }
}
