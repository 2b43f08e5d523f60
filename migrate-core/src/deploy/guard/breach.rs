//! What the guard's error says.

use serde::{Deserialize, Serialize};

use crate::database::ServerError;
use crate::event::{Direction, MigrationRef};
use crate::name::QualifiedName;
use crate::source::Location;

use super::super::Remains;
use super::super::failure::MigrationFailure;

/// Raised by `guard.sql`; no code of PostgreSQL's begins so.
const CHANGED: &str = "MG001";
/// Raised by `guard.sql` after a statement with transactions of its own.
const CHANGED_FOR_GOOD: &str = "MG003";
/// Raised by `guard.sql` when it could not look.
const BLINDED: &str = "MG002";

/// A migration changed what other services own.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{error}")]
pub struct GuardBreach {
    /// The migration.
    pub migration: MigrationRef,
    /// The way it was run.
    pub direction: Direction,
    /// What it changed, by name; empty when it stopped the guard from looking.
    pub changed: Vec<ForeignChange>,
    /// The same as the ledger has it.
    pub error: ServerError,
    /// The statement that did it, where each is looked after alone.
    pub location: Option<Location>,
    /// Whether the change stays: the statement had transactions of its own.
    pub for_good: bool,
    /// What is left of the migration in the database.
    pub remains: Remains,
    /// How many migrations after it were not tried.
    pub not_tried: usize,
}

/// An object of another service, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignChange {
    /// `table`, `view`, `sequence`, `type`, `function`, ...
    pub kind: String,
    /// What it was called before.
    pub name: QualifiedName,
    /// Who owns it.
    pub services: Vec<String>,
    /// What was done to it, in words.
    pub changes: Vec<String>,
}

#[derive(Deserialize)]
struct Raised {
    kind: String,
    schema: String,
    name: String,
    services: Vec<String>,
    words: Vec<String>,
}

/// What the guard found, if it is the guard's error. A file may raise the same code, but not
/// what we read.
fn find(error: &ServerError) -> Option<Vec<ForeignChange>> {
    if error.is(BLINDED) {
        return Some(Vec::new());
    }
    if !error.is(CHANGED) && !error.is(CHANGED_FOR_GOOD) {
        return None;
    }
    let raised: Vec<Raised> = serde_json::from_str(error.detail.as_deref()?).ok()?;
    let changes = raised.into_iter().map(|raised| ForeignChange {
        kind: raised.kind,
        name: QualifiedName::new(raised.schema, raised.name),
        services: raised.services,
        changes: raised.words,
    });
    Some(changes.collect())
}

/// Whether it is the guard's error.
pub(in crate::deploy) fn finds(error: &ServerError) -> bool {
    find(error).is_some()
}

impl GuardBreach {
    /// Who the ledger's tables are said to belong to.
    pub const TOOL: &str = "migrate itself";

    /// A failure as a breach, if the guard was what failed.
    pub(in crate::deploy) fn of(failure: &MigrationFailure) -> Option<Self> {
        Some(Self {
            migration: failure.migration.clone(),
            direction: failure.direction,
            changed: find(&failure.error)?,
            error: failure.error.clone(),
            location: failure.location.clone(),
            for_good: failure.error.is(CHANGED_FOR_GOOD),
            remains: failure.remains,
            not_tried: failure.not_tried,
        })
    }
}
