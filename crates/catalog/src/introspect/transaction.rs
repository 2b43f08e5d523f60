//! The transaction in which a catalog is read.

use migrate_postgres::{ServerError, Session};

/// Settings that change what `pg_get_...def` and `format_type` write, and one that makes them slow.
///
/// With an empty search path every name outside `pg_catalog` is written with its schema.
const SETTINGS: &str = "
    set local search_path = '';
    set local timezone = 'UTC';
    set local datestyle = 'ISO, YMD';
    set local intervalstyle = 'postgres';
    set local extra_float_digits = 3;
    set local bytea_output = 'hex';
    set local standard_conforming_strings = on;
    set local quote_all_identifiers = off;
    set local jit = off";

/// Runs `read` where it sees the database as of one moment, with settings that do not depend on
/// the role, the database or what the session did before. All of them end with it.
pub(super) fn with_one_picture<T>(
    session: &mut Session,
    read: impl FnOnce(&mut Session) -> Result<T, ServerError>,
) -> Result<T, ServerError> {
    let (begin, end) = if session.in_transaction() {
        // Rolling back to a savepoint takes settings back, too.
        (
            "savepoint migrate_introspect",
            "rollback to savepoint migrate_introspect; release savepoint migrate_introspect",
        )
    } else {
        (
            "begin isolation level repeatable read read only",
            "rollback",
        )
    };
    let answer = session
        .execute(&format!("{begin};{SETTINGS}"))
        .and_then(|()| read(session));
    let ended = session.execute(end);
    // The first error is the one that counts.
    let answer = answer?;
    ended?;
    Ok(answer)
}
