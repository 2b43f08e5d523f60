//! Migrations that come late: whether they may still be applied.

use crate::attribution::{Attributed, Attribution};
use crate::error::{Doing, Error};
use crate::history::{History, Migration};
use crate::ledger::{self, LedgerState};
use crate::plan::{DeployPlan, Order, applied_after};
use crate::reach::Connected;
use crate::report::LateMigration;

use super::refuse::unseen;

/// What is applied, and how much of it is known.
struct Known {
    /// The files, and what the ledger kept of those that are gone.
    history: History,
    /// The versions and folder names of those of which nobody has a text.
    unknown: Vec<(String, String)>,
}

impl Connected {
    /// Refuses what comes late and touches the same as an applied one that should have come after
    /// it. Tells of the others what could not be seen. Writes nothing.
    pub(super) fn judge_late(
        &mut self,
        attributed: &Attributed<'_>,
        ledger: &LedgerState,
        plan: &DeployPlan,
    ) -> Result<Vec<LateMigration>, Error> {
        let late = plan.late();
        let Some(oldest) = late.first() else {
            return Ok(Vec::new());
        };
        let order = match self.database.strict_order {
            true => Order::Strict,
            false => Order::Lenient,
        };
        plan.check_order(ledger, order)
            .map_err(|error| Error::Plan {
                database: self.database.name.clone(),
                error,
                edits: Vec::new(),
            })?;
        let applied = applied_after(ledger, oldest);
        let Known { history, unknown } = self.known(attributed.history, ledger, &applied)?;
        let attribution = Attribution::of(&history, attributed.policy);
        let conflicts = attribution.conflicts_of_late(&late, &applied);
        if !conflicts.is_empty() {
            return Err(Error::Late {
                database: self.database.name.clone(),
                conflicts,
            });
        }
        let steps = plan.steps.iter().filter(|step| step.late);
        let told = steps.map(|step| {
            let version = step.migration.version.as_str();
            let around = attribution.unseen_around_late(version, &applied);
            let unknown = unknown
                .iter()
                .filter(|(unknown, _)| unknown.as_str() > version);
            LateMigration {
                migration: step.migration.reference(),
                unseen: around.into_iter().map(unseen).collect(),
                unknown: unknown.map(|(_, name)| name.clone()).collect(),
            }
        });
        Ok(told.collect())
    }

    /// The history with what the ledger kept of applied migrations whose folders are gone.
    fn known(
        &mut self,
        history: &History,
        ledger: &LedgerState,
        applied: &[&str],
    ) -> Result<Known, Error> {
        let gone = applied
            .iter()
            .filter(|version| history.find(version).is_none());
        let gone: Vec<&str> = gone.copied().collect();
        let mut saved = ledger::saved_up_sql(&mut self.session, &ledger.place, &gone)
            .map_err(self.failed(Doing::ReadingLedger))?;
        let mut kept = Vec::new();
        let mut unknown = Vec::new();
        for version in gone {
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
