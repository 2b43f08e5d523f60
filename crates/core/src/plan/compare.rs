//! Whether files are still what was applied.

use crate::history::{History, Migration};
use crate::ledger::{Applied, LedgerState};
use migrate_sql::SqlFile;
use migrate_text::checksum::Checksum;

/// The applied versions whose files have another checksum now: of these the texts have to be
/// compared.
pub fn edited(history: &History, ledger: &LedgerState) -> Vec<String> {
    let applied = ledger.entries.iter().filter(|entry| entry.in_diesel);
    let edited = applied.filter(|entry| {
        let migration = history.find(&entry.version);
        migration.is_some_and(|migration| has_other_checksum(entry, migration))
    });
    edited.map(|entry| entry.version.clone()).collect()
}

/// Whether a migration's file is another than that which was applied.
pub(super) fn is_edited(entry: &Applied, migration: &Migration, ledger: &LedgerState) -> bool {
    match &ledger.edited {
        // There may be thousands: they are compared once.
        Some(edited) => edited.contains_key(&entry.version),
        None => has_other_checksum(entry, migration),
    }
}

fn has_other_checksum(entry: &Applied, migration: &Migration) -> bool {
    let record = entry.record.as_ref();
    let checksum = record.and_then(|record| record.checksum.as_ref());
    // Where only Diesel knows of it there is nothing to compare with.
    checksum.is_some_and(|was| *migration.checksum() != Checksum::from_ledger(was.clone()))
}

/// Whether only comments and white space of a migration's file were edited.
pub(super) fn is_reformatted(migration: &Migration, ledger: &LedgerState) -> bool {
    let applied = applied_text(&migration.version, ledger);
    // Of a password the ledger has no more than its length.
    let applied = applied.map(SqlFile::of);
    let applied = applied.filter(|applied| !applied.has_masked_passwords());
    let present = SqlFile::of(migration.up.text());
    applied.is_some_and(|applied| applied.is_same_but_for_layout(&present))
}

/// Whether the ledger's checksum of an edited migration is not that of the text that it kept: a
/// person has changed the row, and nobody can say what was applied.
pub(super) fn is_row_altered(entry: &Applied, ledger: &LedgerState) -> bool {
    let applied = applied_text(&entry.version, ledger);
    // Of a password the ledger has no more than its length.
    let applied = applied.filter(|text| !SqlFile::of(text).has_masked_passwords());
    let record = entry.record.as_ref();
    let checksum = record.and_then(|record| record.checksum.clone());
    match (applied, checksum) {
        (Some(text), Some(checksum)) => Checksum::of(text) != Checksum::from_ledger(checksum),
        (None, _) | (_, None) => false,
    }
}

/// What was applied of an edited migration, if the ledger kept it.
pub(super) fn applied_text<'l>(version: &str, ledger: &'l LedgerState) -> Option<&'l str> {
    ledger.edited.as_ref()?.get(version)?.as_deref()
}
