//! A row that is about to be written, and the SQL for what is in it.
//!
//! Every name is qualified and no operator is used: a migration may have changed the search path.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};

use migrate_sql::mask_passwords;
use migrate_text::migration_ref::Direction;
use migrate_text::name::quote_literal;

use super::attempt::{ByHand, Outcome};
use super::place::LedgerPlace;
use super::unfinished::Sent;

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

/// A row that is about to be written.
pub(super) struct NewRow<'a> {
    pub(super) place: &'a LedgerPlace,
    pub(super) client: &'a Client,
    pub(super) what: Attempted<'a>,
    pub(super) direction: Direction,
    pub(super) outcome: Outcome,
    pub(super) statements_done: usize,
    pub(super) error: Option<&'a str>,
    pub(super) by_hand: Option<ByHand>,
    pub(super) in_place_of: Option<i64>,
    /// The statement of which nobody can say how much of it happened.
    pub(super) begun: Option<&'a Sent>,
    /// How long ago it began, where that was not in this transaction.
    pub(super) since_begin: Option<Duration>,
}

impl<'a> NewRow<'a> {
    pub(super) fn of(
        place: &'a LedgerPlace,
        client: &'a Client,
        what: Attempted<'a>,
        direction: Direction,
        outcome: Outcome,
    ) -> Self {
        Self {
            place,
            client,
            what,
            direction,
            outcome,
            statements_done: 0,
            error: None,
            by_hand: None,
            in_place_of: None,
            begun: None,
            since_begin: None,
        }
    }

    pub(super) fn services(&self) -> String {
        let services = self.what.services.iter().map(|name| quote_literal(name));
        let services: Vec<String> = services.collect();
        format!("array[{}]::pg_catalog.text[]", services.join(", "))
    }

    /// When an attempt began. For `now()` all transactions of a message began when that came in:
    /// those that follow another began when that ended. So did a failed one, of which only its own
    /// message tells the begin.
    pub(super) fn started(&self) -> String {
        // `operator(...)`: the migration's search path may hide the usual one.
        let began = self.since_begin.map_or_else(
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
            self.place.ledger()
        )
    }

    pub(super) fn finished(&self) -> String {
        let finished = match self.outcome {
            Outcome::Running => "null",
            _ => "pg_catalog.clock_timestamp()",
        };
        finished.to_owned()
    }

    /// What Diesel's row has, to know it by: both are written in one transaction, or ours is
    /// written for the one that is there.
    pub(super) fn run_on(&self) -> String {
        match (self.outcome, self.in_place_of) {
            (Outcome::Applied, None) => "localtimestamp".to_owned(),
            (Outcome::Applied | Outcome::Adopted, _) => format!(
                "(select run_on from {} where version operator(pg_catalog.=) {})",
                self.place.diesel(),
                quote_literal(self.what.version)
            ),
            _ => "null".to_owned(),
        }
    }
}

/// A text that may be none.
pub(super) fn text(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quote_literal)
}

/// SQL text as an expression that gives it back. Encoded, so that the message holds a function's
/// body only once: otherwise PostgreSQL cannot tell where in the message an error in it is.
pub(super) fn encoded(sql: Option<&str>) -> String {
    let Some(sql) = sql else {
        return "null".to_owned();
    };
    let encoded = BASE64_STANDARD.encode(mask_passwords(sql).as_bytes());
    format!("pg_catalog.convert_from(pg_catalog.decode('{encoded}', 'base64'), 'UTF8')")
}
