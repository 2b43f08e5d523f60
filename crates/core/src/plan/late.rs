//! Migrations that come late: newer ones were applied before them.

use crate::ledger::LedgerState;

use super::deploy::{DeployPlan, Step};
use super::error::PlanError;

/// Whether a database takes migrations that come late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It does, where that does not matter.
    Lenient,
    /// It takes none: `strict_order = true`.
    Strict,
}

impl DeployPlan {
    /// The versions of the steps that come late.
    pub fn late(&self) -> Vec<&str> {
        let late = self.steps.iter().filter(|step| step.late);
        late.map(|step| step.migration.version.as_str()).collect()
    }

    /// Refuses steps that come late where the database takes none.
    pub fn check_order(&self, ledger: &LedgerState, order: Order) -> Result<(), PlanError> {
        let late: Vec<&Step> = self.steps.iter().filter(|step| step.late).collect();
        if order == Order::Lenient || late.is_empty() {
            return Ok(());
        }
        let applied = ledger.entries.iter().filter(|entry| entry.in_diesel);
        let newest = applied.map(|entry| entry.version.as_str()).max();
        Err(PlanError::OutOfOrder {
            late: late
                .iter()
                .map(|step| step.migration.folder_name.clone())
                .collect(),
            newest: newest.unwrap_or_default().to_owned(),
        })
    }
}

/// The applied versions after a version, in the order of the versions.
pub fn applied_after<'l>(ledger: &'l LedgerState, version: &str) -> Vec<&'l str> {
    let applied = ledger.entries.iter().filter(|entry| entry.in_diesel);
    let versions = applied.map(|entry| entry.version.as_str());
    let mut after: Vec<&str> = versions.filter(|applied| *applied > version).collect();
    after.sort_unstable();
    after
}
