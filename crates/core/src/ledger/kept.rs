//! Whether a row that was written is there: a trigger that returns nothing, a rule or a policy on
//! our tables keeps it away, and the statement that wrote it does not fail for that.

use migrate_postgres::{ServerError, sqlstate};
use migrate_text::name::quote_literal;

use super::attempt::Outcome;
use super::place::LedgerPlace;

/// What the server says where a row is not there. It names our table, as all errors of what we
/// record do.
const NOT_KEPT: &str = "a row that was written is not there: __migrate_ledger";

/// Whether it is the error of a row that was written and is not there.
pub fn is_not_kept(error: &ServerError) -> bool {
    error.is(sqlstate::INVALID_TEXT_REPRESENTATION) && error.message.contains(NOT_KEPT)
}

/// The same error where the server did not answer with a row, and not with an error either.
pub fn not_kept() -> ServerError {
    ServerError {
        sqlstate: sqlstate::INVALID_TEXT_REPRESENTATION.to_owned(),
        message: NOT_KEPT.to_owned(),
        connection_lost: false,
        ..ServerError::interrupted()
    }
}

/// SQL that fails unless our last row for a version has this outcome, and Diesel's table has the
/// version or not, as it should.
pub(super) fn check_settled(place: &LedgerPlace, version: &str, outcome: Outcome) -> String {
    let version = quote_literal(version);
    let diesel = format!(
        "exists (select from {} where version operator(pg_catalog.=) {version})",
        place.diesel()
    );
    let diesel = match Outcome::APPLIED.contains(&outcome) {
        true => diesel,
        false => format!("not {diesel}"),
    };
    check(&format!(
        "{diesel} and (select l.state from {} l where l.version operator(pg_catalog.=) {version} \
         order by l.id desc limit 1) operator(pg_catalog.=) '{}'",
        place.ledger(),
        outcome.as_str()
    ))
}

/// SQL that fails unless a row of ours is as a condition says.
pub(super) fn check_row(place: &LedgerPlace, id: i64, condition: &str) -> String {
    check(&format!(
        "exists (select from {} where id operator(pg_catalog.=) {id} and {condition})",
        place.ledger()
    ))
}

/// SQL that fails unless a condition is true: a text that is no number is cast to one. The text
/// comes of a function that is not immutable, or the planner would cast it in any case.
pub(super) fn check(condition: &str) -> String {
    format!(
        "select case when {condition} then 0 \
         else pg_catalog.concat({})::pg_catalog.int4 end",
        quote_literal(NOT_KEPT)
    )
}
