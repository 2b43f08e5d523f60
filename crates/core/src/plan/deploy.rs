//! What a deploy would do.

use std::sync::Arc;

use crate::history::{History, Migration};
use crate::ledger::{LedgerState, Unfinished};

use super::error::{PlanError, check_version};
use super::standing::{Standing, State, standings};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeployRequest {
    /// The last version to apply; all where there is none.
    pub to: Option<String>,
    /// Only migrations of this service.
    pub service: Option<String>,
    /// Only these versions.
    pub only: Option<Vec<String>>,
    /// Whether a person said that what stopped half way is to be run again: a statement of which
    /// nobody can say whether it happened too, and what stands in its way is dropped.
    pub retry: bool,
}

/// Ordered steps, and what is worth a warning.
#[derive(Debug, Clone, Default)]
pub struct DeployPlan {
    /// What to apply, oldest first.
    pub steps: Vec<Step>,
    /// Migrations in the database that are newer than all files.
    pub ahead: Vec<Standing>,
    /// Applied migrations of whose files only comments or white space were edited since.
    pub reformatted: Vec<Standing>,
}

/// A migration to apply.
#[derive(Debug, Clone)]
pub struct Step {
    /// The migration.
    pub migration: Arc<Migration>,
    /// It is older than the newest applied one.
    pub late: bool,
    /// What an earlier attempt outside a transaction has left of it.
    pub unfinished: Unfinished,
}

impl Step {
    /// Whether an earlier attempt outside a transaction has left something of it.
    pub fn has_begun(&self) -> bool {
        !self.unfinished.is_nothing()
    }
}

/// Plans a deploy. An edited or missing migration refuses it: the database then has something
/// that the history does not tell.
pub fn plan_deploy(
    history: &History,
    ledger: &LedgerState,
    request: &DeployRequest,
) -> Result<DeployPlan, PlanError> {
    if let Some(version) = &request.to {
        check_version(history, version)?;
    }
    let standings = standings(history, ledger);
    let in_state = |state| -> Vec<Standing> {
        let found = standings.iter().filter(|standing| standing.state == state);
        found.cloned().collect()
    };
    let mut missing = in_state(State::Missing);
    // Something of it may be there, and nobody can go on with it.
    let newest = history.migrations().last().map(|last| &last.version);
    let half_done = |standing: &&Standing| {
        standing.state == State::Failed && history.find(&standing.version).is_none()
    };
    let half_done = standings.iter().filter(half_done).cloned();
    let (later, earlier): (Vec<_>, Vec<_>) =
        half_done.partition(|standing| Some(&standing.version) > newest);
    missing.extend(earlier);
    if !missing.is_empty() {
        return Err(PlanError::Missing(missing));
    }
    let modified = in_state(State::Modified);
    if !modified.is_empty() {
        return Err(PlanError::Modified(modified));
    }
    let steps = standings
        .iter()
        .filter(|standing| matches!(standing.state, State::Pending | State::Failed))
        .filter(|standing| request.to.as_ref().is_none_or(|to| &standing.version <= to))
        .filter(|standing| {
            let only = request.only.as_ref();
            only.is_none_or(|only| only.contains(&standing.version))
        })
        .filter_map(|standing| step(history, standing, request.service.as_deref()))
        .collect();
    let mut ahead = in_state(State::Ahead);
    ahead.extend(later);
    Ok(DeployPlan {
        steps,
        ahead,
        reformatted: standings
            .iter()
            .filter(|s| s.reformatted)
            .cloned()
            .collect(),
    })
}

fn step(history: &History, standing: &Standing, service: Option<&str>) -> Option<Step> {
    let migration = history.find(&standing.version)?;
    let wanted = service.is_none_or(|wanted| migration.services.iter().any(|s| s == wanted));
    wanted.then(|| Step {
        migration: migration.clone(),
        late: standing.late,
        unfinished: standing.unfinished.clone(),
    })
}
