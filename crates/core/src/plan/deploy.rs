//! What a deploy would do.

use std::sync::Arc;

use crate::history::{History, Migration};
use crate::ledger::{LedgerState, Unfinished};
use migrate_text::name::nearest;

use super::resolve::{Resolution, Unfit};
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

/// Why nothing can be deployed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// Applied migrations were edited.
    #[error("{} edited after being applied", names(.0))]
    Modified(Vec<Standing>),
    /// Applied migrations are not on disk, though later ones are.
    #[error("{} applied and not on disk, and later ones are", names(.0))]
    Missing(Vec<Standing>),
    /// This version is not applied, so nothing is applied after it.
    #[error("version {version} is not applied")]
    NotApplied {
        /// As given.
        version: String,
        /// The applied version most like it.
        nearest: Option<String>,
    },
    /// No migration has this version.
    #[error("no migration has the version {version}")]
    UnknownVersion {
        /// As given.
        version: String,
        /// The version most like it.
        nearest: Option<String>,
    },
    /// Migrations come late, and the database takes none that do.
    #[error("older than {newest}, which is applied: {}", .late.join(", "))]
    OutOfOrder {
        /// Their folder names.
        late: Vec<String>,
        /// The newest version that is applied.
        newest: String,
    },
    /// What a person says of a migration does not go with how it stands.
    #[error("{}_{} {}, so it {}", .standing.version, .standing.name, unfit.because(), resolution.cannot())]
    Unfit {
        /// What was said.
        resolution: Resolution,
        /// Why that cannot be.
        unfit: Unfit,
        /// How it stands.
        standing: Box<Standing>,
    },
}

/// Who they are, with the verb of the sentence about them.
fn names(standings: &[Standing]) -> String {
    let name = |standing: &Standing| format!("{}_{}", standing.version, standing.name);
    let names: Vec<String> = standings.iter().map(name).collect();
    let verb = if names.len() == 1 { "was" } else { "were" };
    format!("{} {verb}", names.join(", "))
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

/// The error for a version that no migration has.
pub(super) fn check_version(history: &History, version: &str) -> Result<(), PlanError> {
    if history.find(version).is_some() {
        return Ok(());
    }
    let versions = history.migrations().iter().map(|m| m.version.as_str());
    Err(PlanError::UnknownVersion {
        version: version.to_owned(),
        nearest: nearest(version, versions).map(str::to_owned),
    })
}
