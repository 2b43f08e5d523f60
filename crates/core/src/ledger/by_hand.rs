//! What people say of migrations, with `resolve`: rows for which nothing was run.

use crate::lock::Held;
use migrate_postgres::ServerError;
use migrate_text::migration_ref::Direction;

use super::attempt::{ByHand, Outcome};
use super::kept::check_settled;
use super::new_row::{Attempted, Client, NewRow};
use super::place::LedgerPlace;
use super::read::Applied;
use super::row::insert;
use super::write::{diesel_delete, diesel_insert};

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
    let (direction, outcome) = match (said, record) {
        (ByHand::RolledBack, _) => (Direction::Down, Outcome::Reverted),
        // Diesel's own tool applied it, and still did.
        (_, Some(record)) if record.outcome == Outcome::Adopted => {
            (Direction::Up, Outcome::Adopted)
        }
        _ => (Direction::Up, Outcome::Applied),
    };
    let row = NewRow {
        by_hand: Some(said),
        // It does not become the last one that was applied.
        in_place_of: record
            .filter(|_| said != ByHand::RolledBack)
            .map(|record| record.in_place_of.unwrap_or(record.id)),
        ..NewRow::of(place, client, what, direction, outcome)
    };
    let diesel = match (said, in_diesel) {
        (ByHand::RolledBack, true) => diesel_delete(place, what.version) + ";\n",
        (ByHand::Applied, false) => diesel_insert(place, what.version) + ";\n",
        _ => String::new(),
    };
    let check = check_settled(place, what.version, outcome);
    let sql = format!(
        "begin read write;\n{diesel}{};\n{check};\ncommit",
        insert(&row)
    );
    session.execute(&sql).inspect_err(|_| {
        // The first error is the one that counts.
        let _ = session.execute("rollback");
    })
}
