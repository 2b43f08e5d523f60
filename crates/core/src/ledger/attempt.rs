//! One attempt at a migration, as the ledger keeps it.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::Value;

use migrate_postgres::{Rows, text_array};

use super::{ByHand, LedgerPlace};

/// A row of `__migrate_ledger` without its SQL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// Its number: attempts are numbered in their order.
    pub id: i64,
    /// The version.
    pub version: String,
    /// The folder's name at the time.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// `up` or `down`.
    pub direction: String,
    /// The services at the time.
    pub services: Vec<String>,
    /// Whether it was one transaction.
    #[serde(skip)]
    pub run_in_transaction: bool,
    /// The checksum of `up.sql` at the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// Statements that are done for good, outside a transaction.
    pub statements_done: usize,
    /// When it started, in ISO 8601 with zone.
    pub started_at: String,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// The role.
    pub executed_by: String,
    /// The machine.
    pub host: String,
    /// The version of this tool.
    pub tool_version: String,
    /// What the server said when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it had changed for good of other services' when it was stopped for that, as the
    /// executor wrote it down.
    #[serde(skip)]
    pub breach: Option<String>,
    /// What a person said of it, where nothing was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
    /// The row whose place in the order of application this one has: what it says is of the same
    /// application.
    #[serde(skip)]
    pub in_place_of: Option<i64>,
    /// The statement that was sent alone, outside a transaction, and is not recorded as done, as
    /// the executor wrote it down.
    #[serde(skip)]
    pub begun: Option<String>,
}

/// A statement that was begun outside a transaction and is not recorded as done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// What was to be known of it beforehand, as the executor wrote it down.
    pub facts: String,
    /// Whether nobody heard how it ended: otherwise it failed.
    pub unended: bool,
}

impl Attempt {
    /// The statement that was begun and is not recorded as done.
    pub fn begun(&self) -> Option<Begun> {
        Some(Begun {
            facts: self.begun.clone()?,
            unended: self.outcome == Outcome::Running,
        })
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Not yet ended, or killed. Only outside a transaction.
    Running,
    /// Applied.
    Applied,
    /// Reverted.
    Reverted,
    /// Failed; in a transaction nothing of it is left.
    Failed,
    /// Applied by Diesel's own tool and found by us later.
    Adopted,
}

impl Outcome {
    fn parse(text: &str) -> Self {
        match text {
            "running" => Self::Running,
            "applied" => Self::Applied,
            "reverted" => Self::Reverted,
            "adopted" => Self::Adopted,
            _ => Self::Failed,
        }
    }
}

/// The columns of an [`Attempt`], in its order.
const COLUMNS: &str = "{l}.id, {l}.version, {l}.name, {l}.state, {l}.direction, \
    {l}.services::pg_catalog.text, {l}.checksum, {l}.statements_done, \
    pg_catalog.date_part('epoch', {l}.started_at), \
    pg_catalog.date_part('epoch', {l}.duration) * 1000, {l}.executed_by, {l}.host, \
    {l}.tool_version, {l}.error, {l}.run_in_transaction::pg_catalog.text, {breach}, {by_hand}, {in_place_of}, \
    {begun}";

/// The first format with the columns `by_hand`, `in_place_of` and `begun`.
pub(super) const WITH_BY_HAND: i32 = 3;

/// The columns that the first format does not have, and the one that they came with.
const LATER: [(i32, &str); 4] = [
    (2, "breach"),
    (WITH_BY_HAND, "by_hand"),
    (WITH_BY_HAND, "in_place_of"),
    (WITH_BY_HAND, "begun"),
];

/// The columns of the table with an alias.
pub(super) fn columns(alias: &str, place: &LedgerPlace) -> String {
    let mut columns = COLUMNS.to_owned();
    for (format, column) in LATER {
        // Who only reads must not upgrade it.
        let there = match place.format >= Some(format) {
            true => format!("{{l}}.{column}"),
            false => "null".to_owned(),
        };
        columns = columns.replace(&format!("{{{column}}}"), &there);
    }
    columns.replace("{l}", alias)
}

/// The columns of the table that [`columns`] needs, and `run_on`. The SQL is not among them:
/// thousands of files would be carried through a query's joins and sorts.
pub(super) fn without_sql(place: &LedgerPlace) -> String {
    let mut columns = String::from(
        "id, version, name, state, direction, services, checksum, statements_done, started_at, \
         duration, executed_by, host, tool_version, error, run_in_transaction, run_on",
    );
    for (_, column) in LATER
        .iter()
        .filter(|(format, _)| place.format >= Some(*format))
    {
        columns.push_str(", ");
        columns.push_str(column);
    }
    columns
}

impl Attempt {
    /// From its columns, as they stand in a row from one on.
    pub(super) fn of_row(rows: &Rows, row: usize, first: usize) -> Option<Self> {
        Self::of(|column| rows.get(row, first + column).map(str::to_owned))
    }

    /// From its columns as an array in JSON.
    pub(super) fn of_json(array: &str) -> Option<Self> {
        let columns: Vec<Value> = serde_json::from_str(array).ok()?;
        Self::of(|column| match columns.get(column)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        })
    }

    fn of(text: impl Fn(usize) -> Option<String>) -> Option<Self> {
        let by_hand = text(16).as_deref().and_then(ByHand::parse);
        let duration = text(9).filter(|_| by_hand.is_none());
        Some(Self {
            id: text(0)?.parse().ok()?,
            version: text(1)?,
            name: text(2)?,
            outcome: Outcome::parse(&text(3)?),
            direction: text(4)?,
            services: text_array(&text(5)?),
            run_in_transaction: text(14)? == "true",
            checksum: text(6),
            statements_done: text(7)?.parse().ok()?,
            started_at: moment(&text(8)?)?,
            duration_ms: duration.and_then(|number| number.parse().ok()),
            executed_by: text(10)?,
            host: text(11)?,
            tool_version: text(12)?,
            error: text(13),
            breach: text(15),
            by_hand,
            in_place_of: text(17).and_then(|id| id.parse().ok()),
            begun: text(18),
        })
    }
}

/// Seconds since 1970 in ISO 8601. For a server it is dear to write thousands of moments so.
fn moment(seconds: &str) -> Option<String> {
    let since = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    let moment = SystemTime::UNIX_EPOCH.checked_add(since)?;
    Some(humantime::format_rfc3339_seconds(moment).to_string())
}
