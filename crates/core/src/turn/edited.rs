//! Files that were edited after they were applied: their texts are compared with the ledger's.

use crate::error::Error;
use crate::history::History;
use crate::ledger::{self, LedgerState};
use crate::plan::{Edit, PlanError, edited};
use crate::reach::Connected;

impl Connected {
    /// Reads how every version stands, and what was applied of those whose files were edited
    /// since.
    pub(crate) fn read_ledger_of(&mut self, history: &History) -> Result<LedgerState, Error> {
        let mut ledger = self.read_ledger()?;
        let edited = edited(history, &ledger);
        let versions: Vec<&str> = edited.iter().map(String::as_str).collect();
        let saved = ledger::saved_up_sql(&mut self.session, &ledger.place, &versions);
        let mut saved = saved.map_err(|error| self.not_read(error))?;
        let texts = edited.into_iter().map(|version| {
            let applied = saved.remove(&version);
            (version, applied)
        });
        ledger.edited = Some(texts.collect());
        Ok(ledger)
    }

    /// A plan's refusal, with the texts of edited migrations for a diff.
    pub(super) fn refused(
        &self,
        history: &History,
        ledger: &LedgerState,
        error: PlanError,
    ) -> Error {
        let edits = match &error {
            PlanError::Modified(standings) => {
                let on_disk = standings.iter().filter_map(|standing| {
                    let migration = history.find(&standing.version)?;
                    Some(Edit::of(standing, migration, ledger))
                });
                on_disk.collect()
            }
            _ => Vec::new(),
        };
        Error::Plan {
            database: self.database.name.clone(),
            error,
            edits,
        }
    }
}
