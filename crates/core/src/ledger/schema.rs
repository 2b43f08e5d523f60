//! The ledger's tables, and their upgrades.

use std::time::Duration;

use crate::lock::Held;

use super::{LedgerError, LedgerPlace};

/// The format that this version writes.
pub const FORMAT: i32 = UPGRADES.len() as i32;

/// What leads from each format to the next; the first creates the tables. Never edited once
/// released, only added to.
const UPGRADES: [&str; 3] = ["
create table if not exists {format_table} (format integer not null);
create table {ledger} (
    id bigint generated always as identity primary key,
    version text not null,
    name text not null,
    direction text not null check (direction in ('up', 'down')),
    state text not null check (state in ('running', 'applied', 'reverted', 'failed', 'adopted')),
    run_in_transaction boolean not null,
    services text[] not null default '{}',
    checksum text,
    up_sql text,
    down_sql text,
    statements_done integer not null default 0,
    run_on timestamp,
    started_at timestamptz not null,
    finished_at timestamptz,
    duration interval generated always as (finished_at - started_at) stored,
    executed_by text not null default session_user,
    host text not null default '',
    tool_version text not null default '',
    error text
);
create index on {ledger} (version, id);
comment on table {ledger} is 'What `migrate` did to this database, a row for each attempt. Its last row for a version says how that stands.';
", "
alter table {ledger} add column breach jsonb;
", "
alter table {ledger}
    add column by_hand text check (by_hand in ('applied', 'rolled_back', 'accepted')),
    add column in_place_of bigint,
    add column begun jsonb;
"];

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
    let done = place.upgrades_done()?;
    if place.diesel_table && done == UPGRADES.len() {
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
    for upgrade in &UPGRADES[done..] {
        let upgrade = upgrade
            .replace("{ledger}", &place.ledger().to_string())
            .replace("{format_table}", &place.format_table().to_string());
        sql.push_str(&upgrade);
    }
    let format_table = place.format_table();
    sql.push_str(&format!(
        "delete from {format_table};\ninsert into {format_table} values ({FORMAT});\ncommit"
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
