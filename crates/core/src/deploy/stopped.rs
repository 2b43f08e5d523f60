//! How a migration outside a transaction stops.

use migrate_postgres::ServerError;
use migrate_sql::Statement;

use super::job::Job;
use super::remains::{FailedPart, MigrationFailure, Remains};
use super::transaction::ourselves;

/// A statement outside a transaction after which nothing more is run.
pub(super) struct Stopped {
    pub(super) error: ServerError,
    pub(super) recorded: Recorded,
    /// The invalid indexes that it left or that stood in its way.
    pub(super) invalid_indexes: Vec<String>,
    /// Whether it may have committed a part of what it does.
    pub(super) commits_itself: bool,
    /// Whose the statement is.
    pub(super) part: FailedPart,
    pub(super) escaped: Option<Escaped>,
}

/// A statement ended the transaction that held it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escaped {
    /// Whether the error is only how that was found out.
    pub(super) of_proof: bool,
}

/// What the ledger says of such a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorded {
    /// That it failed, once that is written.
    AsFailed,
    /// That it is done: what is refused is what it changed.
    AsDone,
    /// Nothing yet, though it happened: the next deploy has to ask.
    NotAtAll,
}

impl Stopped {
    pub(super) fn before(error: ServerError) -> Self {
        Self {
            error,
            recorded: Recorded::AsFailed,
            invalid_indexes: Vec::new(),
            commits_itself: false,
            part: FailedPart::Statement,
            escaped: None,
        }
    }
}

/// SQL of ours as a transaction of the role that connected.
pub(super) fn as_ourselves(sql: &str) -> String {
    let ourselves = ourselves("set local");
    format!("begin read write; {ourselves};\n{sql};\ncommit")
}

/// What is told of a migration that such a statement has ended.
pub(super) fn failure(
    job: &Job<'_>,
    stopped: Stopped,
    statement: Option<&Statement>,
    done: usize,
) -> MigrationFailure {
    let Stopped {
        error,
        invalid_indexes,
        commits_itself,
        part,
        escaped,
        ..
    } = stopped;
    let of = job.script.statements().len();
    let location = statement.map(|statement| {
        error
            .position
            .and_then(|position| {
                let character = position.checked_sub(1)?;
                job.script.location_at(statement.span.start, character)
            })
            .or_else(|| job.script.location_inside(&error))
            .unwrap_or_else(|| job.script.location_of(statement))
    });
    MigrationFailure {
        migration: job.migration.clone(),
        direction: job.direction,
        location,
        commits_itself,
        part,
        remains: match (escaped, error.connection_lost) {
            (Some(_), _) => Remains::Escaped { done },
            // It may have been done, and its record too.
            (None, true) => Remains::AtLeast { done, of },
            (None, false) => Remains::Statements { done, of },
        },
        of_proof: escaped.is_some_and(|escaped| escaped.of_proof),
        error,
        invalid_indexes,
        not_tried: 0,
        tries: 1,
        blockage: None,
    }
}
