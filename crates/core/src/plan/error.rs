//! Why nothing is planned, and what a person may say of a migration that stands in the way.

use serde::Serialize;

use crate::history::History;
use crate::ledger::ByHand;
use migrate_text::name::nearest;

use super::standing::Standing;

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
    /// A revert for one service would take back what is of others too.
    #[error("{migration} is of {} too, and only {chosen} was chosen", .others.join(" and "))]
    OfOthersToo {
        /// The migration's folder name.
        migration: String,
        /// The other services.
        others: Vec<String>,
        /// The service that was chosen.
        chosen: String,
        /// How many steps lead back to before it.
        steps: usize,
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

/// What shall be done about a migration that somebody has to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The database has all that it does: it counts as applied.
    Applied,
    /// The database has nothing of it: it counts as not applied.
    RolledBack,
    /// It failed, and is run again.
    Retry,
    /// Its file was edited, and may be as it is now.
    AcceptModified,
}

impl Resolution {
    /// What the ledger is told; nothing of what is run again.
    pub fn by_hand(self) -> Option<ByHand> {
        match self {
            Self::Applied => Some(ByHand::Applied),
            Self::RolledBack => Some(ByHand::RolledBack),
            Self::AcceptModified => Some(ByHand::Accepted),
            Self::Retry => None,
        }
    }

    /// What is not possible, as the end of a sentence about a migration.
    pub(super) fn cannot(self) -> &'static str {
        match self {
            Self::Applied => "cannot be counted as applied",
            Self::RolledBack => "cannot be counted as rolled back",
            Self::Retry => "cannot be tried again",
            Self::AcceptModified => "has no edit to accept",
        }
    }
}

/// Why nothing of the kind can be said of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is applied.
    IsApplied,
    /// It is applied, and later than everything on disk.
    IsAhead,
    /// Nothing of it was ever tried.
    NeverTried,
    /// What failed was its revert.
    RevertFailed,
    /// It is not as its file says, or was never applied.
    NotModified,
    /// Only Diesel's own tool knows of it: there is nothing to compare with.
    NotKept,
    /// It is not applied, and its folder is gone.
    NotOnDisk,
}

impl Unfit {
    /// Why, as the middle of a sentence about a migration.
    pub(super) fn because(self) -> &'static str {
        match self {
            Self::IsApplied => "is applied",
            Self::IsAhead => "is applied, and later than all files",
            Self::NeverTried => "was never tried",
            Self::RevertFailed => "is applied, and its revert has failed",
            Self::NotModified => "is not applied, or is as it was applied",
            Self::NotKept => "was applied by Diesel's own tool, which keeps no text",
            Self::NotOnDisk => "is not applied, and its folder is gone",
        }
    }
}
