//! Writes the ledger: as SQL text, so that a migration and its rows are one message and one
//! transaction.
//!
//! Every name is qualified and no operator is used: a migration may have changed the search path.

use base64::prelude::{BASE64_STANDARD, Engine};

use std::time::Duration;

use crate::lock::Held;
use migrate_postgres::{ServerError, Session};
use migrate_sql::mask_passwords;
use migrate_text::checksum::Checksum;
use migrate_text::name::quote_literal;

use super::{ByHand, LedgerPlace};

/// Who runs the migrations, for the ledger and the server's list of sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The machine's name.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The version of this tool.
    pub tool_version: String,
}

impl Client {
    /// What the server shows as the session's application.
    pub fn application_name(&self) -> String {
        // PostgreSQL cuts at 63 bytes; a long host name must not hide the process.
        let host: String = self.host.chars().take(40).collect();
        format!("migrate {}@{host}", self.pid)
    }
}

/// What is recorded of a migration whichever way it goes.
#[derive(Debug, Clone, Copy)]
pub struct Attempted<'a> {
    /// The version.
    pub version: &'a str,
    /// The folder's name.
    pub name: &'a str,
    /// Whether it is one transaction.
    pub run_in_transaction: bool,
    /// The services.
    pub services: &'a [String],
    /// `up.sql`.
    pub up_sql: Option<&'a str>,
    /// `down.sql`.
    pub down_sql: Option<&'a str>,
}

/// SQL for both rows of an applied migration. Runs inside the migration's transaction, whose
/// start is the migration's.
pub fn record_applied(place: &LedgerPlace, client: &Client, what: Attempted<'_>) -> String {
    let row = insert(place, client, what, &Ending::of("up", "applied"));
    format!("{};\n{row}", diesel_insert(place, what.version))
}

/// SQL for a reverted migration: Diesel's row goes, ours is added.
pub fn record_reverted(place: &LedgerPlace, client: &Client, what: Attempted<'_>) -> String {
    let row = insert(place, client, what, &Ending::of("down", "reverted"));
    format!("{};\n{row}", diesel_delete(place, what.version))
}

/// Records a failure, in a transaction of its own, after the migration's was rolled back.
pub fn record_failure(
    session: &mut Session,
    place: &LedgerPlace,
    client: &Client,
    what: Attempted<'_>,
    direction: &str,
    since_begin: Duration,
    error: &ServerError,
) -> Result<(), ServerError> {
    let message = told(error);
    let ending = Ending {
        error: Some(&message),
        since_begin: Some(since_begin),
        ..Ending::of(direction, "failed")
    };
    let row = insert(place, client, what, &ending);
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
    format!(
        "update {} set state = 'failed', finished_at = pg_catalog.clock_timestamp(), error = {}, \
         breach = {} where id operator(pg_catalog.=) {id}",
        place.ledger(),
        quote_literal(&told(error)),
        breach.map_or_else(|| "null".to_owned(), quote_literal)
    )
}

/// SQL that records that a migration outside a transaction begins, or goes on after
/// `statements_done`. What may follow it is `returning`.
pub fn start_outside_transaction(
    place: &LedgerPlace,
    client: &Client,
    what: Attempted<'_>,
    direction: &str,
    statements_done: usize,
) -> String {
    let ending = Ending {
        statements_done,
        ..Ending::of(direction, "running")
    };
    insert(place, client, what, &ending)
}

/// SQL that records that a statement is sent which cannot be recorded together with what it does.
pub fn statement_begun(place: &LedgerPlace, id: i64, facts: &str) -> String {
    format!(
        "update {} set begun = {} where id operator(pg_catalog.=) {id}",
        place.ledger(),
        quote_literal(facts)
    )
}

/// SQL that records one more finished statement of a migration outside a transaction.
pub fn statement_done(place: &LedgerPlace, id: i64, statements_done: usize) -> String {
    format!(
        "update {} set statements_done = {statements_done}, begun = null \
         where id operator(pg_catalog.=) {id}",
        place.ledger()
    )
}

/// SQL that ends a migration outside a transaction, to run as one transaction.
pub fn finish_applied(place: &LedgerPlace, id: i64, version: &str, direction: &str) -> String {
    let (diesel, end) = match direction {
        "up" => (
            diesel_insert(place, version),
            "state = 'applied', run_on = localtimestamp",
        ),
        _ => (diesel_delete(place, version), "state = 'reverted'"),
    };
    format!(
        "{diesel};\nupdate {} set {end}, finished_at = pg_catalog.clock_timestamp() \
         where id operator(pg_catalog.=) {id}",
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
    let rows: Vec<String> = migrations
        .iter()
        .map(|what| insert(place, client, *what, &Ending::of("up", "adopted")))
        .collect();
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

/// SQL text as an expression that gives it back. Encoded, so that the message holds a function's
/// body only once: otherwise PostgreSQL cannot tell where in the message an error in it is.
fn encoded(sql: &str) -> String {
    let encoded = BASE64_STANDARD.encode(mask_passwords(sql).as_bytes());
    format!("pg_catalog.convert_from(pg_catalog.decode('{encoded}', 'base64'), 'UTF8')")
}

/// How a row says that an attempt ended.
pub(super) struct Ending<'a> {
    pub(super) direction: &'a str,
    pub(super) state: &'a str,
    pub(super) statements_done: usize,
    pub(super) error: Option<&'a str>,
    pub(super) by_hand: Option<ByHand>,
    pub(super) in_place_of: Option<i64>,
    /// How long ago it began, where that was not in this transaction.
    pub(super) since_begin: Option<Duration>,
}

impl<'a> Ending<'a> {
    pub(super) fn of(direction: &'a str, state: &'a str) -> Self {
        Self {
            direction,
            state,
            statements_done: 0,
            error: None,
            by_hand: None,
            in_place_of: None,
            since_begin: None,
        }
    }

    /// What Diesel's row has, to know it by: both are written in one transaction, or ours is
    /// written for the one that is there.
    fn run_on(&self, place: &LedgerPlace, version: &str) -> String {
        match (self.state, self.in_place_of) {
            ("applied", None) => "localtimestamp".to_owned(),
            ("applied" | "adopted", _) => format!(
                "(select run_on from {} where version operator(pg_catalog.=) {})",
                place.diesel(),
                quote_literal(version)
            ),
            _ => "null".to_owned(),
        }
    }
}

pub(super) fn insert(
    place: &LedgerPlace,
    client: &Client,
    what: Attempted<'_>,
    ending: &Ending<'_>,
) -> String {
    let text = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quote_literal);
    let sql = |sql: Option<&str>| sql.map_or_else(|| "null".to_owned(), encoded);
    let services: Vec<String> = what
        .services
        .iter()
        .map(|name| quote_literal(name))
        .collect();
    let checksum = what.up_sql.map(|sql| Checksum::of(sql).to_string());
    let finished = match ending.state {
        "running" => "null",
        _ => "pg_catalog.clock_timestamp()",
    };
    format!(
        "insert into {ledger} (version, name, direction, state, run_in_transaction, services, \
         checksum, up_sql, down_sql, statements_done, started_at, finished_at, host, \
         tool_version, error, run_on, by_hand, in_place_of) values ({version}, {name}, \
         '{direction}', '{state}', {run_in_transaction}, array[{services}]::pg_catalog.text[], \
         {checksum}, {up}, {down}, {statements_done}, {started}, {finished}, {host}, \
         {tool}, {error}, {run_on}, {by_hand}, {in_place_of})",
        started = started(place, ending.since_begin),
        ledger = place.ledger(),
        version = quote_literal(what.version),
        name = quote_literal(what.name),
        direction = ending.direction,
        state = ending.state,
        run_in_transaction = what.run_in_transaction,
        services = services.join(", "),
        checksum = text(checksum.as_deref()),
        up = sql(what.up_sql),
        down = sql(what.down_sql),
        statements_done = ending.statements_done,
        host = quote_literal(&client.host),
        tool = quote_literal(&client.tool_version),
        error = text(ending.error),
        run_on = ending.run_on(place, what.version),
        by_hand = text(ending.by_hand.map(ByHand::as_str)),
        in_place_of = ending
            .in_place_of
            .map_or_else(|| "null".to_owned(), |id| id.to_string()),
    )
}

/// When an attempt began. For `now()` all transactions of a message began when that came in:
/// those that follow another began when that ended. So did a failed one, of which only its own
/// message tells the begin.
fn started(place: &LedgerPlace, since_begin: Option<Duration>) -> String {
    // `operator(...)`: the migration's search path may hide the usual one.
    let began = since_begin.map_or_else(
        || "pg_catalog.now()".to_owned(),
        |ago| {
            let seconds = ago.as_secs_f64();
            format!(
                "(pg_catalog.clock_timestamp() operator(pg_catalog.-) \
                 pg_catalog.make_interval(secs => {seconds}))"
            )
        },
    );
    format!(
        "coalesce((select l.finished_at \
         from (select finished_at from {} order by id desc limit 1) l \
         where l.finished_at operator(pg_catalog.>) {began} \
         and l.finished_at operator(pg_catalog.<=) pg_catalog.clock_timestamp()), {began})",
        place.ledger()
    )
}
