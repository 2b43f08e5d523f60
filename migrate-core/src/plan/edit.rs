//! What became of files after they were applied.

use serde::Serialize;

use crate::checksum::Checksum;
use crate::history::{History, Migration};
use crate::ledger::{Applied, LedgerState};
use crate::statement::{has_masked_passwords, mask_passwords, same_but_for_layout};

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
            applied: ledger.edited.get(&standing.version).cloned(),
            present: mask_passwords(migration.up.text()).into_owned(),
        }
    }
}

/// The applied versions whose files have another checksum now: of these the texts have to be
/// compared.
pub fn edited<'l>(history: &History, ledger: &'l LedgerState) -> Vec<&'l str> {
    let applied = ledger.entries.iter().filter(|entry| entry.in_diesel);
    applied
        .filter(|entry| {
            let migration = history.find(&entry.version);
            migration.is_some_and(|migration| is_edited(entry, migration))
        })
        .map(|entry| entry.version.as_str())
        .collect()
}

/// Whether a migration's file is another than that which was applied.
pub(super) fn is_edited(entry: &Applied, migration: &Migration) -> bool {
    let checksum = entry.record.as_ref().and_then(|r| r.checksum.clone());
    // Where only Diesel knows of it there is nothing to compare with.
    checksum.is_some_and(|checksum| Checksum::from_ledger(checksum) != migration.checksum())
}

/// Whether only comments and white space of a migration's file were edited.
pub(super) fn is_reformatted(migration: &Migration, ledger: &LedgerState) -> bool {
    let applied = ledger.edited.get(&migration.version);
    // Of a password the ledger has no more than its length.
    let applied = applied.filter(|applied| !has_masked_passwords(applied));
    applied.is_some_and(|applied| same_but_for_layout(applied, migration.up.text()))
}
