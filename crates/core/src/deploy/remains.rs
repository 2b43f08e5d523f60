//! A migration that failed, and what it leaves behind.

use std::borrow::Cow;

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
    /// Whether the error is only how it was found out that the transaction was another one.
    pub of_proof: bool,
    /// For whom it waited in the last try, if that is why it failed.
    pub blockage: Option<Box<Blockage>>,
}

impl MigrationFailure {
    /// Whether the file ended the transaction that held it.
    pub(super) fn is_escape(&self) -> bool {
        matches!(self.remains, Remains::Escaped { .. })
    }

    /// The error as the ledger shall keep it.
    pub(super) fn recorded(&self) -> Cow<'_, ServerError> {
        if !self.of_proof {
            return Cow::Borrowed(&self.error);
        }
        Cow::Owned(ServerError {
            message: "the file ended the transaction that held it".to_owned(),
            sqlstate: String::new(),
            ..self.error.clone()
        })
    }
}

/// A migration ended the transaction that held it, in a way that its text does not show.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}migration {migration} ended the transaction that held it", at(.location.as_ref()))]
pub struct Escape {
    /// The migration.
    pub migration: MigrationRef,
    /// The way it was run.
    pub direction: Direction,
    /// The statement, where each has a transaction of its own.
    pub location: Option<Location>,
    /// How many statements before that are done for good, outside a transaction.
    pub statements_done: usize,
    /// What the server refused after it, if that is how it was stopped.
    #[source]
    pub error: Option<ServerError>,
    /// Whether an earlier attempt did it, and this one was refused before it did anything.
    pub refused_again: bool,
    /// How many migrations after it were not tried.
    pub not_tried: usize,
}

impl Escape {
    /// A failure as an escape, if it is one.
    pub(super) fn of(failure: &MigrationFailure) -> Option<Self> {
        let Remains::Escaped { done } = failure.remains else {
            return None;
        };
        Some(Self {
            migration: failure.migration.clone(),
            direction: failure.direction,
            location: failure.location.clone(),
            statements_done: done,
            error: (!failure.of_proof).then(|| failure.error.clone()),
            refused_again: false,
            not_tried: failure.not_tried,
        })
    }
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
    /// of it is committed, and nobody can say how much.
    Escaped {
        /// How many of its statements before that are done for good, outside a transaction.
        done: usize,
    },
    /// The connection broke, perhaps while it committed: the ledger will tell.
    Unknown,
}
