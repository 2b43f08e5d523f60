//! The ledger's tables, and their upgrades.

use std::time::Duration;

use crate::lock::Held;

use super::kept::check;
use super::place::{LedgerError, LedgerPlace};
use super::row::{FORMAT, format_of, upgrade};

/// Makes sure that both tools' tables exist in our format. Takes a session that has the lock:
/// PostgreSQL's `CREATE TABLE IF NOT EXISTS` fails when two run it at once.
///
/// An upgrade locks the ledger. Somebody may be reading it for hours, such as a dump, and whoever
/// wants to read it then would queue behind us: hence `lock_timeout`; zero waits for ever.
pub fn ensure(
    session: &mut Held<'_>,
    place: &LedgerPlace,
    lock_timeout: Duration,
) -> Result<LedgerPlace, LedgerError> {
    if place.diesel_table && format_of(place)? == FORMAT {
        return Ok(place.clone());
    }
    let mut sql = format!(
        "begin read write;\nset local lock_timeout = {};\n",
        lock_timeout.as_millis()
    );
    // Exactly as Diesel creates it, but for the schema's name: src/migration in Diesel.
    sql.push_str(&format!(
        "create table if not exists {} (\
           version varchar(50) primary key not null, \
           run_on timestamp not null default current_timestamp);\n",
        place.diesel()
    ));
    sql.push_str(&upgrade(place)?);
    let format_table = place.format_table();
    sql.push_str(&format!(
        "delete from {format_table};\ninsert into {format_table} values ({FORMAT});\n{};\ncommit",
        check(&format!(
            "exists (select from {format_table} where format = {FORMAT})"
        ))
    ));
    session.execute(&sql).inspect_err(|_| {
        // The first error is the one that counts.
        let _ = session.execute("rollback");
    })?;
    Ok(LedgerPlace {
        diesel_table: true,
        format: Some(FORMAT),
        ..place.clone()
    })
}
