//! How running a migration fails.

use migrate_text::migration_ref::{Direction, MigrationRef};
use migrate_text::source::Location;

use super::guard::GuardBreach;
use super::remains::{Escape, MigrationFailure, Remains, at};
use super::script::ForbiddenText;

/// Migrations could not be run to their end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExecuteError {
    /// A file holds what it may not; nothing of the run was started.
    #[error(transparent)]
    Forbidden(#[from] ForbiddenText),
    /// A migration outside a transaction stopped half way, and its file was then edited in the
    /// part that is done for good.
    #[error("{}{migration} was edited in the part that is done", at(.location.as_ref()))]
    FinishedPartEdited {
        /// The way it was run.
        direction: Direction,
        /// The migration's folder name.
        migration: String,
        /// How many statements are done.
        statements_done: usize,
        /// The first that differs.
        location: Option<Location>,
    },
    /// A migration outside a transaction stopped half way, and shall now be one transaction: what
    /// is done would be done again.
    #[error("{migration} stopped half way, and now wants to be one transaction")]
    NowInTransaction {
        /// The migration's folder name.
        migration: String,
        /// How many statements are done.
        statements_done: usize,
    },
    /// A migration outside a transaction was killed at a statement of which nobody can say whether
    /// it happened; nothing of the run was started.
    #[error("{}nobody can say whether statement {} of {migration} happened", at(.location.as_ref()), statements_done + 1)]
    InDoubt {
        /// The migration.
        migration: MigrationRef,
        /// The way it was run.
        direction: Direction,
        /// How many statements are done for certain.
        statements_done: usize,
        /// How many it has.
        statements: usize,
        /// The statement, if the file still has as many.
        location: Option<Location>,
    },
    /// Somebody asked to stop.
    #[error("interrupted at migration {migration}")]
    Interrupted {
        /// The migration that was running, or would have been next.
        migration: MigrationRef,
        /// The way it was run.
        direction: Direction,
        /// What is left of it in the database; nothing to tell where it was not begun.
        remains: Option<Remains>,
        /// Whether its statement may have committed a part of what it does: a procedure.
        commits_itself: bool,
        /// The invalid indexes that it left.
        invalid_indexes: Vec<String>,
        /// How many migrations after it were not tried.
        not_tried: usize,
    },
    /// A migration failed.
    #[error(transparent)]
    Migration(Box<MigrationFailure>),
    /// A migration ended the transaction that held it.
    #[error(transparent)]
    Escaped(Box<Escape>),
    /// A migration changed what other services own.
    #[error(transparent)]
    Breach(Box<GuardBreach>),
}

impl ExecuteError {
    /// The way in which the migration was run that it is about, if that is known.
    pub fn direction(&self) -> Option<Direction> {
        match self {
            Self::Forbidden(_) => None,
            Self::NowInTransaction { .. } => Some(Direction::Up),
            Self::FinishedPartEdited { direction, .. }
            | Self::InDoubt { direction, .. }
            | Self::Interrupted { direction, .. } => Some(*direction),
            Self::Migration(failure) => Some(failure.direction),
            Self::Escaped(escape) => Some(escape.direction),
            Self::Breach(breach) => Some(breach.direction),
        }
    }
}
