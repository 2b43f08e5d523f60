//! What is to be reverted, with what is run for it; and to be applied again.

use crate::attribution::Attributed;
use crate::deploy::Script;
use crate::error::Error;
use crate::ledger::{self, LedgerState, Unfinished};
use crate::plan::{Reach, RevertStep, Step, plan_revert};
use crate::reach::Connected;
use crate::report::UncertainRevert;
use migrate_sql::SqlFile;
use migrate_text::source::SourceFile;

use super::refuse::refuse;

/// A migration to revert, and what is run for it.
pub(super) type Reverting = (RevertStep, Script);

/// All that are to be reverted, last applied first.
pub(super) struct ToRevert {
    pub(super) steps: Vec<Reverting>,
    /// Of these, those on which others may build that stay.
    pub(super) uncertain: Vec<UncertainRevert>,
}

impl Connected {
    /// The steps with their SQL, from disk or else from the ledger. Refuses those that may not be
    /// taken.
    pub(super) fn reverting(
        &mut self,
        attributed: &Attributed<'_>,
        ledger: &LedgerState,
        reach: &Reach,
        service: Option<&str>,
    ) -> Result<ToRevert, Error> {
        let steps = plan_revert(attributed.history, ledger, reach, service).map_err(|error| {
            Error::Plan {
                database: self.database.name.clone(),
                error,
                edits: Vec::new(),
            }
        })?;
        if steps.is_empty() && !matches!(reach, Reach::To(_)) {
            return Err(Error::NothingApplied {
                database: self.database.name.clone(),
            });
        }
        let versions: Vec<&str> = steps.iter().map(|step| step.version.as_str()).collect();
        refuse(attributed.breaches_of_down(&versions))?;
        let steps = self.with_scripts(ledger, steps)?;
        let uncertain = self.judge_revert(attributed, ledger, &steps)?;
        Ok(ToRevert { steps, uncertain })
    }

    fn with_scripts(
        &mut self,
        ledger: &LedgerState,
        steps: Vec<RevertStep>,
    ) -> Result<Vec<Reverting>, Error> {
        steps
            .into_iter()
            .map(|step| {
                let on_disk = step.migration.as_ref().and_then(|m| m.down.clone());
                let file = match on_disk {
                    Some(file) => file,
                    None => self.saved_down(&ledger.place, &step)?,
                };
                let script = Script::of(&file)?;
                if script.statements().is_empty() {
                    // It would take the row away and leave what the row tells of.
                    return Err(Error::EmptyDownSql {
                        database: self.database.name.clone(),
                        migration: step.folder_name.clone(),
                    });
                }
                Ok((step, script))
            })
            .collect()
    }

    /// The `down.sql` that the ledger kept, for a migration whose files are gone.
    fn saved_down(
        &mut self,
        place: &ledger::LedgerPlace,
        step: &RevertStep,
    ) -> Result<SourceFile, Error> {
        let saved = match step.migration {
            // The file was removed on purpose.
            Some(_) => None,
            None => {
                let saved = ledger::saved_down_sql(&mut self.session, place, &step.version);
                saved.map_err(|error| self.not_read(error))?
            }
        };
        let sql = saved.ok_or_else(|| Error::NoDownSql {
            database: self.database.name.clone(),
            standing: step.folder_name.clone(),
        })?;
        if SqlFile::of(&sql).has_masked_passwords() {
            return Err(Error::PasswordNotKept {
                database: self.database.name.clone(),
                migration: step.folder_name.clone(),
            });
        }
        let path = format!("{}/down.sql (kept in the ledger)", step.folder_name);
        Ok(SourceFile::new(path, sql))
    }

    /// The same migrations to be applied, in the order of their versions, as by a deploy. An edited
    /// or missing one is no obstacle if it is the one that is done again. Refuses what could not
    /// be applied then.
    pub(super) fn again(
        &mut self,
        attributed: &Attributed<'_>,
        ledger: &LedgerState,
        steps: &[Reverting],
    ) -> Result<Vec<Step>, Error> {
        let goes = |version: &str| steps.iter().any(|(step, _)| step.version == version);
        let applied = ledger.entries.iter().filter(|entry| entry.in_diesel);
        let staying = applied.map(|entry| entry.version.as_str());
        let newest = staying.filter(|version| !goes(version)).max();
        let mut again = Vec::new();
        for (step, _) in steps {
            let migration = step.migration.clone().ok_or_else(|| Error::NotOnDisk {
                database: self.database.name.clone(),
                migration: step.folder_name.clone(),
            })?;
            Script::of(&migration.up)?;
            again.push(Step {
                late: newest.is_some_and(|newest| step.version.as_str() < newest),
                migration,
                unfinished: Unfinished::default(),
            });
        }
        again.sort_by(|a, b| a.migration.version.cmp(&b.migration.version));
        self.judge_again(attributed, ledger, &again)?;
        Ok(again)
    }
}
