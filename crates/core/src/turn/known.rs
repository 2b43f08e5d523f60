//! What was applied, as far as its text is known: it may be another than the files have by now.

use crate::error::Error;
use crate::history::{History, Migration};
use crate::ledger::{self, LedgerState};
use crate::plan::edited;
use crate::reach::Connected;

/// What is applied, and how much of it is known.
pub(super) struct Known {
    /// The files, and what the ledger kept of those that are gone or were edited since.
    pub(super) history: History,
    /// The versions and folder names of those of which nobody has a text.
    pub(super) unknown: Vec<(String, String)>,
}

impl Connected {
    /// The history with these versions as they were applied, by what the ledger kept of those whose
    /// folders are gone or whose files were edited since.
    pub(super) fn known(
        &mut self,
        history: &History,
        ledger: &LedgerState,
        applied: &[&str],
    ) -> Result<Known, Error> {
        let edited = edited(history, ledger);
        let is_other = |version: &&&str| {
            history.find(version).is_none() || edited.iter().any(|edited| edited == *version)
        };
        let others: Vec<&str> = applied.iter().filter(is_other).copied().collect();
        let saved = ledger::saved_up_sql(&mut self.session, &ledger.place, &others);
        let mut saved = saved.map_err(|error| self.not_read(error))?;
        let mut kept = Vec::new();
        let mut unknown = Vec::new();
        for version in others {
            let entry = ledger.entries.iter().find(|entry| entry.version == version);
            let record = entry.and_then(|entry| entry.record.as_ref());
            match (record, saved.remove(version)) {
                (Some(record), Some(up)) => {
                    let services = &record.services;
                    let mut migration = Migration::kept(version, &record.name, services, up);
                    migration.run_in_transaction = record.run_in_transaction;
                    kept.push(migration);
                }
                (record, _) => {
                    let stopped = entry.and_then(|entry| entry.stopped.as_deref());
                    let record = record.or(stopped);
                    let name = record.map_or(version, |record| record.name.as_str());
                    unknown.push((version.to_owned(), name.to_owned()));
                }
            }
        }
        Ok(Known {
            history: history.with(kept),
            unknown,
        })
    }
}
