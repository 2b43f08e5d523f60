//! A migration that failed, and what it leaves behind.

use migrate_postgres::ServerError;
use migrate_postgres::blocker::Blockage;
use migrate_text::migration_ref::{Direction, MigrationRef};
use migrate_text::source::Location;

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
    /// What of its message failed.
    pub part: FailedPart,
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

/// Whose the statement is that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedPart {
    /// One of the file's.
    Statement,
    /// All of the file's had run: a constraint or trigger that is deferred has failed.
    Deferred,
    /// One of ours, by which the migration is guarded or recorded: no file is to blame.
    Ours,
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
