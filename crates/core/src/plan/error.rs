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
    #[error("{}", several(.0, "applied migration was edited", "applied migrations were edited"))]
    Modified(Vec<Standing>),
    /// Applied migrations are not on disk, though later ones are.
    #[error("{}", several(.0, "applied migration is missing on disk", "applied migrations are missing on disk"))]
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
    #[error("{}", out_of_order(.late))]
    OutOfOrder {
        /// Their folder names.
        late: Vec<String>,
        /// The newest version that is applied.
        newest: String,
    },
    /// What a person says of a migration does not go with how it stands.
    #[error("{}_{} is {:?}", .standing.version, .standing.name, .standing.state)]
    Unfit {
        /// What was said.
        resolution: Resolution,
        /// Why that cannot be.
        unfit: Unfit,
        /// How it stands.
        standing: Box<Standing>,
    },
}

fn out_of_order(late: &[String]) -> String {
    match late {
        [one] => format!("{one} comes late"),
        all => format!("{} migrations come late", all.len()),
    }
}

fn several(standings: &[Standing], one: &str, many: &str) -> String {
    let what = if standings.len() == 1 { one } else { many };
    format!("{} {what}", standings.len())
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
