//! How running a migration fails.

use migrate_postgres::ServerError;
use migrate_postgres::blocker::Blockage;
use migrate_text::migration_ref::{Direction, MigrationRef};
use migrate_text::source::Location;

use super::guard::GuardBreach;
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
            Self::Breach(breach) => Some(breach.direction),
        }
    }
}

/// A migration failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}migration {migration} {}", at(.location.as_ref()), failed(*.direction))]
pub struct MigrationFailure {
    /// The migration.
    pub migration: MigrationRef,
    /// The way it was run.
    pub direction: Direction,
    /// What the server said.
    #[source]
    pub error: ServerError,
    /// The statement, or the very word, where there is one to blame.
    pub location: Option<Location>,
    /// Whether all its statements had run: a constraint or trigger that is deferred has failed.
    pub deferred: bool,
    /// Whether the statement that failed may have committed a part of what it does: a procedure.
    pub commits_itself: bool,
    /// What is left of the migration in the database.
    pub remains: Remains,
    /// Invalid indexes that it left or that stood in its way, as they are written in SQL.
    pub invalid_indexes: Vec<String>,
    /// How many migrations after it were not tried.
    pub not_tried: usize,
    /// How often it was tried.
    pub tries: u32,
    /// For whom it waited in the last try, if that is why it failed.
    pub blockage: Option<Box<Blockage>>,
}

fn failed(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "failed",
        Direction::Down => "could not be reverted",
    }
}

/// A place before the sentence about it.
pub(super) fn at(location: Option<&Location>) -> String {
    location.map_or_else(String::new, |location| format!("{location}: "))
}

/// What a failed migration leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remains {
    /// Nothing: its transaction was rolled back.
    Nothing,
    /// The first statements, each for good; a rerun goes on after them.
    Statements {
        /// How many.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// The connection broke outside a transaction. These are done for good, and perhaps one more:
    /// the ledger and the database will tell.
    AtLeast {
        /// How many.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// The file ended the transaction that held it, in a way that its text does not show: a part
    /// of it is committed, and no row tells of it.
    Part,
    /// The connection broke, perhaps while it committed: the ledger will tell.
    Unknown,
}
