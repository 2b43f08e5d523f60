//! Migrations that come late: whether they may still be applied.

use crate::attribution::{Attributed, Attribution};
use crate::error::Error;
use crate::ledger::LedgerState;
use crate::plan::{DeployPlan, Order, applied_after};
use crate::reach::Connected;
use crate::report::LateMigration;

use super::known::Known;
use super::refuse::unseen;

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
}
