//! The columns of `__migrate_ledger`, in one table: of it is made what creates and upgrades the
//! ledger, what writes a row and what reads one, and rows are decoded by its names.
//!
//! A new column is a line at the end of [`COLUMNS`] with a format of its own. Beside that it
//! touches `attempt.rs`, which decodes it; `new_row.rs` where its value is given when the row is
//! inserted, or `write.rs` where it comes later; and what reports it. What is left of a migration
//! that stopped is a field of `Unfinished` instead, which reaches the plan and the executor whole.

use std::borrow::Cow;

use serde_json::{Map, Value};

use migrate_postgres::Row;
use migrate_text::checksum::Checksum;
use migrate_text::name::quote_literal;

use super::attempt::{Attempt, ByHand};
use super::new_row::{NewRow, encoded, text};
use super::place::{LedgerError, LedgerPlace};
use super::unfinished::Sent;

/// A column of the table.
struct Column {
    name: &'static str,
    /// The format that it came with.
    since: i32,
    /// What follows its name where it is created.
    definition: &'static str,
    read: Read,
    /// What a new row has in it; none where that is the column's default.
    write: Option<fn(&NewRow<'_>) -> String>,
}

/// How a column is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    /// Not with an attempt. Such are those with SQL: thousands of files would be carried through a
    /// query's joins and sorts.
    Apart,
    /// By queries, to compare with it.
    Within,
    /// As it is.
    Plainly,
    /// As text: JSON would have another form for it than a row has.
    AsText,
    /// As seconds since 1970: for a server it is dear to write thousands of moments.
    AsSeconds,
    /// An interval, as milliseconds.
    AsMilliseconds,
}

/// The columns in their order in the database. What is released is never edited, only added to:
/// databases have it.
const COLUMNS: &[Column] = &[
    column("id", "bigint generated always as identity primary key").read(Read::Plainly),
    column("version", "text not null")
        .read(Read::Plainly)
        .write(|row| quote_literal(row.what.version)),
    column("name", "text not null")
        .read(Read::Plainly)
        .write(|row| quote_literal(row.what.name)),
    column(
        "direction",
        "text not null check (direction in ('up', 'down'))",
    )
    .read(Read::Plainly)
    .write(|row| quote_literal(row.direction.as_str())),
    column(
        "state",
        "text not null check (state in ('running', 'applied', 'reverted', 'failed', 'adopted'))",
    )
    .read(Read::Plainly)
    .write(|row| quote_literal(row.outcome.as_str())),
    column("run_in_transaction", "boolean not null")
        .read(Read::AsText)
        .write(|row| row.what.run_in_transaction.to_string()),
    column("services", "text[] not null default '{}'")
        .read(Read::AsText)
        .write(|row| row.services()),
    column("checksum", "text").read(Read::Plainly).write(|row| {
        text(
            row.what
                .up_sql
                .map(|sql| Checksum::of(sql).to_string())
                .as_deref(),
        )
    }),
    column("up_sql", "text").write(|row| encoded(row.what.up_sql)),
    column("down_sql", "text").write(|row| encoded(row.what.down_sql)),
    column("statements_done", "integer not null default 0")
        .read(Read::Plainly)
        .write(|row| row.statements_done.to_string()),
    column("run_on", "timestamp")
        .read(Read::Within)
        .write(|row| row.run_on()),
    column("started_at", "timestamptz not null")
        .read(Read::AsSeconds)
        .write(|row| row.started()),
    column("finished_at", "timestamptz").write(|row| row.finished()),
    column(
        "duration",
        "interval generated always as (finished_at - started_at) stored",
    )
    .read(Read::AsMilliseconds),
    column("executed_by", "text not null default session_user").read(Read::Plainly),
    column("host", "text not null default ''")
        .read(Read::Plainly)
        .write(|row| quote_literal(&row.client.host)),
    column("tool_version", "text not null default ''")
        .read(Read::Plainly)
        .write(|row| quote_literal(&row.client.tool_version)),
    column("error", "text")
        .read(Read::Plainly)
        .write(|row| text(row.error)),
    column("breach", "jsonb").since(2).read(Read::Plainly),
    column(
        "by_hand",
        "text check (by_hand in ('applied', 'rolled_back', 'accepted'))",
    )
    .since(3)
    .read(Read::Plainly)
    .write(|row| text(row.by_hand.map(ByHand::as_str))),
    column("in_place_of", "bigint")
        .since(3)
        .read(Read::Plainly)
        .write(|row| {
            let id = row.in_place_of.map(|id| id.to_string());
            id.unwrap_or_else(|| "null".to_owned())
        }),
    column("begun", "jsonb")
        .since(3)
        .read(Read::Plainly)
        .write(|row| text(row.begun.map(Sent::text).as_deref())),
];

/// The format that this version writes: that of the last column.
pub const FORMAT: i32 = COLUMNS[COLUMNS.len() - 1].since;

const fn column(name: &'static str, definition: &'static str) -> Column {
    Column {
        name,
        since: 1,
        definition,
        read: Read::Apart,
        write: None,
    }
}

impl Column {
    const fn since(self, since: i32) -> Self {
        Self { since, ..self }
    }

    const fn read(self, read: Read) -> Self {
        Self { read, ..self }
    }

    const fn write(self, write: fn(&NewRow<'_>) -> String) -> Self {
        Self {
            write: Some(write),
            ..self
        }
    }

    /// Whether a ledger has it. Who only reads must not upgrade it, and may not even be allowed to
    /// read its format: then it has the first at least.
    fn is_in(&self, place: &LedgerPlace) -> bool {
        self.since <= place.format.unwrap_or(1)
    }

    /// SQL for its value in the table with an alias; for none where the ledger is too old.
    fn value(&self, alias: &str, place: &LedgerPlace) -> String {
        let name = self.name;
        match self.read {
            _ if !self.is_in(place) => "null".to_owned(),
            Read::AsText => format!("{alias}.{name}::pg_catalog.text"),
            Read::AsSeconds => format!("pg_catalog.date_part('epoch', {alias}.{name})"),
            Read::AsMilliseconds => {
                format!("pg_catalog.date_part('epoch', {alias}.{name}) * 1000")
            }
            Read::Apart | Read::Within | Read::Plainly => format!("{alias}.{name}"),
        }
    }
}

/// The columns that an [`Attempt`] is read of.
fn told() -> impl Iterator<Item = &'static Column> {
    let columns = COLUMNS.iter();
    columns.filter(|column| !matches!(column.read, Read::Apart | Read::Within))
}

/// The format of a ledger, 0 where there is none, if it is one that we know.
pub(super) fn format_of(place: &LedgerPlace) -> Result<i32, LedgerError> {
    match place.format.unwrap_or(0) {
        found if found > FORMAT => Err(LedgerError::TooNew {
            found,
            known: FORMAT,
        }),
        found if found < 0 => Err(LedgerError::NoSuchFormat { found }),
        known => Ok(known),
    }
}

/// SQL that leads a ledger to our format.
pub(super) fn upgrade(place: &LedgerPlace) -> Result<String, LedgerError> {
    let steps = (format_of(place)? + 1..=FORMAT).map(|format| step_to(format, place));
    Ok(steps.collect())
}

/// What leads to a format from the one before it; the first creates the tables.
fn step_to(format: i32, place: &LedgerPlace) -> String {
    let ledger = place.ledger();
    let new = COLUMNS.iter().filter(|column| column.since == format);
    let new = new.map(|column| format!("{} {}", column.name, column.definition));
    if format > 1 {
        let added: Vec<String> = new.map(|column| format!("add column {column}")).collect();
        return format!("alter table {ledger} {};\n", added.join(", "));
    }
    format!(
        "create table if not exists {} (format integer not null);\n\
         create table {ledger} ({});\n\
         create index on {ledger} (version, id);\n\
         comment on table {ledger} is 'What `migrate` did to this database, a row for each \
         attempt. Its last row for a version says how that stands.';\n",
        place.format_table(),
        new.collect::<Vec<_>>().join(", ")
    )
}

/// SQL that writes a row.
pub(super) fn insert(row: &NewRow<'_>) -> String {
    let written = COLUMNS.iter().filter_map(|column| {
        let value = column.write?(row);
        Some((column.name, value))
    });
    let (names, values): (Vec<&str>, Vec<String>) = written.unzip();
    format!(
        "insert into {} ({}) values ({})",
        row.place.ledger(),
        names.join(", "),
        values.join(", ")
    )
}

/// SQL for the columns of an attempt in the table with an alias, by their names, to be read with
/// [`of_row`].
pub(super) fn columns(alias: &str, place: &LedgerPlace) -> String {
    let columns = told().map(|column| format!("{} as {}", column.value(alias, place), column.name));
    columns.collect::<Vec<_>>().join(", ")
}

/// SQL for the same as one value, to be read with [`of_json`].
pub(super) fn as_json(alias: &str, place: &LedgerPlace) -> String {
    let columns = told().map(|column| {
        let value = column.value(alias, place);
        format!("'{}', {value}", column.name)
    });
    let columns: Vec<String> = columns.collect();
    format!(
        "pg_catalog.json_build_object({})::pg_catalog.text",
        columns.join(", ")
    )
}

/// What a query has to carry of the table so that [`columns`] can be made of it, and what it
/// compares with.
pub(super) fn carried(place: &LedgerPlace) -> String {
    let columns = COLUMNS.iter().filter(|column| column.read != Read::Apart);
    let names = columns.filter(|column| column.is_in(place)).map(|c| c.name);
    names.collect::<Vec<_>>().join(", ")
}

/// SQL for the value of one column in the table with an alias.
pub(super) fn value(name: &str, alias: &str, place: &LedgerPlace) -> String {
    let column = COLUMNS.iter().find(|column| column.name == name);
    // Otherwise the word is misspelt.
    let column = column.expect("a column of the table");
    column.value(alias, place)
}

/// The attempt whose columns a row has.
pub(super) fn of_row(row: &Row<'_>) -> Option<Attempt> {
    Attempt::decode(|name| row.optional_str(name).map(Cow::Borrowed))
}

/// The attempt that an object in JSON is.
pub(super) fn of_json(object: &str) -> Option<Attempt> {
    let object: Map<String, Value> = serde_json::from_str(object).ok()?;
    Attempt::decode(|name| match object.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        other => Some(Cow::Owned(other.to_string())),
    })
}

#[cfg(test)]
mod tests;
