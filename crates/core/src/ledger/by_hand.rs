//! What people say of migrations, with `resolve`: rows for which nothing was run.

use serde::Serialize;

use crate::lock::Held;
use migrate_postgres::ServerError;

use super::write::{Ending, diesel_delete, diesel_insert, insert};
use super::{Applied, Attempted, Client, LedgerPlace, Outcome};

/// What a person says of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ByHand {
    /// The database has all that it does.
    Applied,
    /// The database has nothing of it.
    RolledBack,
    /// Its file may be as it is now.
    Accepted,
}

impl ByHand {
    /// As it stands in the ledger.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::RolledBack => "rolled_back",
            Self::Accepted => "accepted",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let all = [Self::Applied, Self::RolledBack, Self::Accepted];
        all.into_iter().find(|by_hand| by_hand.as_str() == text)
    }
}

/// Records what a person says of a migration that stands like this, in one transaction. Earlier
/// rows stay as they are.
pub fn record_by_hand(
    session: &mut Held<'_>,
    place: &LedgerPlace,
    client: &Client,
    what: Attempted<'_>,
    stands: Option<&Applied>,
    said: ByHand,
) -> Result<(), ServerError> {
    let in_diesel = stands.is_some_and(|entry| entry.in_diesel);
    let record = stands.and_then(|entry| entry.record.as_ref());
    let (direction, state) = match (said, record) {
        (ByHand::RolledBack, _) => ("down", "reverted"),
        // Diesel's own tool applied it, and still did.
        (_, Some(record)) if record.outcome == Outcome::Adopted => ("up", "adopted"),
        _ => ("up", "applied"),
    };
    let ending = Ending {
        by_hand: Some(said),
        // It does not become the last one that was applied.
        in_place_of: record
            .filter(|_| said != ByHand::RolledBack)
            .map(|record| record.in_place_of.unwrap_or(record.id)),
        ..Ending::of(direction, state)
    };
    let diesel = match (said, in_diesel) {
        (ByHand::RolledBack, true) => diesel_delete(place, what.version) + ";\n",
        (ByHand::Applied, false) => diesel_insert(place, what.version) + ";\n",
        _ => String::new(),
    };
    let row = insert(place, client, what, &ending);
    let sql = format!("begin read write;\n{diesel}{row};\ncommit");
    session.execute(&sql).inspect_err(|_| {
        // The first error is the one that counts.
        let _ = session.execute("rollback");
    })
}
