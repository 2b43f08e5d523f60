//! Writes the ledger: as SQL text, so that a migration and its rows are one message and one
//! transaction.
//!
//! Every name is qualified and no operator is used: a migration may have changed the search path.

use std::time::Duration;

use crate::lock::Held;
use migrate_postgres::{ServerError, Session};
use migrate_sql::mask_passwords;
use migrate_text::migration_ref::Direction;
use migrate_text::name::quote_literal;

use super::attempt::Outcome;
use super::kept::{check, check_row, check_settled};
use super::new_row::{Attempted, Client, NewRow, text};
use super::place::LedgerPlace;
use super::row::insert;
use super::unfinished::Sent;

/// SQL for both rows of an applied migration. Runs inside the migration's transaction, whose
/// start is the migration's.
pub fn record_applied(place: &LedgerPlace, client: &Client, what: Attempted<'_>) -> String {
    let row = NewRow::of(place, client, what, Direction::Up, Outcome::Applied);
    let row = insert(&row);
    let check = check_settled(place, what.version, Outcome::Applied);
    format!("{};\n{row};\n{check}", diesel_insert(place, what.version))
}

/// SQL for a reverted migration: Diesel's row goes, ours is added.
pub fn record_reverted(place: &LedgerPlace, client: &Client, what: Attempted<'_>) -> String {
    let row = NewRow::of(place, client, what, Direction::Down, Outcome::Reverted);
    let row = insert(&row);
    let check = check_settled(place, what.version, Outcome::Reverted);
    format!("{};\n{row};\n{check}", diesel_delete(place, what.version))
}

/// Records a failure, in a transaction of its own, after the migration's was rolled back, or had
/// been ended by the migration itself.
#[expect(clippy::too_many_arguments, reason = "a row has as many values")]
pub fn record_failure(
    session: &mut Session,
    place: &LedgerPlace,
    client: &Client,
    what: Attempted<'_>,
    direction: Direction,
    since_begin: Duration,
    error: &ServerError,
    escaped: Option<&Sent>,
) -> Result<(), ServerError> {
    let message = told(error);
    let row = insert(&NewRow {
        error: Some(&message),
        since_begin: Some(since_begin),
        begun: escaped,
        ..NewRow::of(place, client, what, direction, Outcome::Failed)
    });
    session.execute(&format!("begin read write; {row}; commit"))
}

/// What the ledger keeps of an error.
fn told(error: &ServerError) -> String {
    let message = mask_passwords(&error.message);
    match error.sqlstate.as_str() {
        "" => message.into_owned(),
        sqlstate => format!("{message} (SQLSTATE {sqlstate})"),
    }
}

/// SQL that ends a migration outside a transaction without success. What is done of it stays
/// recorded, and so does what it changed for good of other services': a rerun has to know.
pub fn finish_failed(
    place: &LedgerPlace,
    id: i64,
    error: &ServerError,
    breach: Option<&str>,
) -> String {
    let changes = [
        ended(Outcome::Failed),
        format!("error = {}", quote_literal(&told(error))),
        format!("breach = {}", text(breach)),
    ];
    update(place, id, &changes.join(", "))
}

/// SQL that records that a migration outside a transaction begins, or goes on after
/// `statements_done`. What may follow it is `returning`.
pub fn start_outside_transaction(
    place: &LedgerPlace,
    client: &Client,
    what: Attempted<'_>,
    direction: Direction,
    statements_done: usize,
) -> String {
    insert(&NewRow {
        statements_done,
        ..NewRow::of(place, client, what, direction, Outcome::Running)
    })
}

/// SQL that records that a statement is sent which cannot be recorded together with what it does.
pub fn statement_begun(place: &LedgerPlace, id: i64, sent: &Sent) -> String {
    update(
        place,
        id,
        &format!("begun = {}", quote_literal(&sent.text())),
    )
}

/// SQL that records one more finished statement of a migration outside a transaction.
pub fn statement_done(place: &LedgerPlace, id: i64, statements_done: usize) -> String {
    let changes = format!("statements_done = {statements_done}, begun = null");
    let done = format!("statements_done operator(pg_catalog.=) {statements_done}");
    format!(
        "{};\n{}",
        update(place, id, &changes),
        check_row(place, id, &done)
    )
}

/// SQL that ends a migration outside a transaction, to run as one transaction.
pub fn finish_applied(place: &LedgerPlace, id: i64, version: &str, direction: Direction) -> String {
    let (outcome, diesel) = match direction {
        Direction::Up => (Outcome::Applied, diesel_insert(place, version)),
        Direction::Down => (Outcome::Reverted, diesel_delete(place, version)),
    };
    let run_on = match direction {
        Direction::Up => ", run_on = localtimestamp",
        Direction::Down => "",
    };
    let update = update(place, id, &(ended(outcome) + run_on));
    let check = check_settled(place, version, outcome);
    format!("{diesel};\n{update};\n{check}")
}

/// What changes in a row when its attempt ends.
fn ended(outcome: Outcome) -> String {
    format!(
        "state = {}, finished_at = pg_catalog.clock_timestamp()",
        quote_literal(outcome.as_str())
    )
}

fn update(place: &LedgerPlace, id: i64, changes: &str) -> String {
    format!(
        "update {} set {changes} where id operator(pg_catalog.=) {id}",
        place.ledger()
    )
}

/// Adds our rows for migrations that Diesel's own tool applied, in the order in which it did.
pub fn adopt(
    session: &mut Held<'_>,
    place: &LedgerPlace,
    client: &Client,
    migrations: &[Attempted<'_>],
) -> Result<(), ServerError> {
    if migrations.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<String> = migrations
        .iter()
        .map(|what| NewRow::of(place, client, *what, Direction::Up, Outcome::Adopted))
        .map(|row| insert(&row))
        .collect();
    // They are the last rows that there are.
    let ours = migrations.iter().map(|what| quote_literal(what.version));
    let ours: Vec<String> = ours.collect();
    rows.push(check(&format!(
        "(select pg_catalog.count(*) from (select version, state from {} order by id desc limit {}) l \
         where l.state operator(pg_catalog.=) 'adopted' and l.version in ({})) \
         operator(pg_catalog.=) {}",
        place.ledger(),
        ours.len(),
        ours.join(", "),
        ours.len()
    )));
    // A message of several statements is one transaction.
    session.execute(&rows.join(";\n"))
}

pub(super) fn diesel_insert(place: &LedgerPlace, version: &str) -> String {
    let version = quote_literal(version);
    format!(
        "insert into {} (version) values ({version})",
        place.diesel()
    )
}

pub(super) fn diesel_delete(place: &LedgerPlace, version: &str) -> String {
    // `operator(...)`: the migration's search path may hide the usual one.
    format!(
        "delete from {} where version operator(pg_catalog.=) {}",
        place.diesel(),
        quote_literal(version)
    )
}
