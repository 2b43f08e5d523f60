//! Reads the ledger. Writes nothing, so a role that may only read can ask for the status.

use std::collections::HashMap;

use serde::Serialize;

use crate::database::{Rows, SERVED_BY, ServerError, Session, sqlstate, text_array};
use crate::name::quote_literal;

use super::{ByHand, LedgerError, LedgerPlace};

/// What a ledger says.
#[derive(Debug, Clone)]
pub struct LedgerState {
    /// Where it is.
    pub place: LedgerPlace,
    /// The applied versions in the order in which they were applied, and the versions that are
    /// not applied but were tried last without success.
    pub entries: Vec<Applied>,
    /// The applied versions whose files were edited since, each with what was applied if it was
    /// kept; `None` until somebody has compared them.
    pub edited: Option<HashMap<String, Option<String>>>,
}

/// How a version stands in a ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The version.
    pub version: String,
    /// Whether Diesel's table has it: whether it is applied.
    pub in_diesel: bool,
    /// When Diesel's row was written, in ISO 8601 without a zone: Diesel keeps none.
    pub run_on: Option<String>,
    /// Our row that tells how it came to be applied. `None` when it is not, or when Diesel's own
    /// tool applied it, perhaps again after we did.
    pub record: Option<Attempt>,
    /// Our last row for it, if that is of an attempt that did not come to its end, after
    /// everything that did.
    pub unfinished: Option<Attempt>,
}

impl Applied {
    /// Whether Diesel's own tool applied it, and our ledger does not tell of that yet.
    pub fn needs_adoption(&self) -> bool {
        self.in_diesel && self.record.is_none()
    }

    /// How many statements an unfinished attempt in a direction did for good.
    pub fn statements_done(&self, direction: &str) -> usize {
        let unfinished = self.unfinished.as_ref();
        unfinished
            .filter(|attempt| attempt.direction == direction)
            .map_or(0, |attempt| attempt.statements_done)
    }

    /// What an unfinished attempt in a direction changed for good of other services'.
    pub fn breach(&self, direction: &str) -> Option<&str> {
        let unfinished = self.unfinished.as_ref();
        let attempt = unfinished.filter(|attempt| attempt.direction == direction)?;
        attempt.breach.as_deref()
    }

    /// The statement that an unfinished attempt in a direction had begun.
    pub fn begun(&self, direction: &str) -> Option<Begun> {
        let unfinished = self.unfinished.as_ref();
        let attempt = unfinished.filter(|attempt| attempt.direction == direction)?;
        attempt.begun()
    }
}

impl LedgerState {
    /// The ledger of a database in which nothing is, where it would be in a schema.
    pub fn empty(schema: &str) -> Self {
        Self {
            place: LedgerPlace {
                schema: schema.to_owned(),
                diesel_table: false,
                format: None,
            },
            entries: Vec::new(),
            edited: None,
        }
    }
}

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

/// Finds the ledger's place.
pub fn locate(session: &mut Session) -> Result<LedgerPlace, LedgerError> {
    // The unqualified name is looked up along the search path, as Diesel does.
    let sql = format!(
        "with found as (\
           select n.nspname as schema \
           from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
           where c.oid = pg_catalog.to_regclass('__diesel_schema_migrations')), \
         place as (\
           select coalesce((select schema from found), pg_catalog.current_schema()) as schema) \
         select schema, (select true from found), \
                case when schema is not null then pg_catalog.to_regclass(\
                  pg_catalog.format('%I.__migrate_format', schema)) is not null end, \
                {SERVED_BY} \
         from place"
    );
    let rows = session.query(&sql, &[])?;
    session.served_by(rows.get(0, 3));
    let schema = rows.get(0, 0).ok_or(LedgerError::NoSchema)?.to_owned();
    let mut place = LedgerPlace {
        schema,
        diesel_table: rows.get(0, 1) == Some("t"),
        format: None,
    };
    if rows.get(0, 2) == Some("t") {
        let sql = format!("select format from {}", place.format_table());
        place.format = match session.query(&sql, &[]) {
            Ok(rows) => rows.single().and_then(|format| format.parse().ok()),
            // A role that may read Diesel's table only is told what that says.
            Err(error) if error.is(sqlstate::INSUFFICIENT_PRIVILEGE) => None,
            Err(error) => return Err(error.into()),
        };
    }
    place.upgrades_done()?;
    Ok(place)
}

/// The columns of an [`Attempt`], in its order.
const COLUMNS: &str = "{l}.id, {l}.version, {l}.name, {l}.state, {l}.direction, \
    {l}.services::pg_catalog.text, {l}.checksum, {l}.statements_done, \
    pg_catalog.to_char({l}.started_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), \
    pg_catalog.date_part('epoch', {l}.duration) * 1000, {l}.executed_by, {l}.host, \
    {l}.tool_version, {l}.error, {l}.run_in_transaction, {breach}, {by_hand}, {in_place_of}, \
    {begun}";

/// How many they are.
const WIDTH: usize = 19;

/// The first format with the column `breach`.
const WITH_BREACH: i32 = 2;

/// The first format with the columns `by_hand`, `in_place_of` and `begun`.
const WITH_BY_HAND: i32 = 3;

/// The columns of the table with an alias.
fn columns(alias: &str, place: &LedgerPlace) -> String {
    // Who only reads must not upgrade it.
    let since = |format: i32, column: &'static str| match place.format >= Some(format) {
        true => column,
        false => "null",
    };
    COLUMNS
        .replace("{breach}", since(WITH_BREACH, "{l}.breach"))
        .replace("{by_hand}", since(WITH_BY_HAND, "{l}.by_hand"))
        .replace("{in_place_of}", since(WITH_BY_HAND, "{l}.in_place_of"))
        .replace("{begun}", since(WITH_BY_HAND, "{l}.begun"))
        .replace("{l}", alias)
}

/// Reads how every version stands. One query.
pub fn read(session: &mut Session, place: LedgerPlace) -> Result<LedgerState, ServerError> {
    let Some(sql) = standing_sql(&place) else {
        return Ok(LedgerState::empty(&place.schema));
    };
    let rows = match session.query(&sql, &[]) {
        Err(error) if error.is(sqlstate::INSUFFICIENT_PRIVILEGE) && place.format.is_some() => {
            // A role that may read Diesel's table only is told what that says.
            let diesel_only = LedgerPlace {
                format: None,
                ..place
            };
            return read(session, diesel_only);
        }
        other => other?,
    };
    let entries = (0..rows.len())
        .map(|row| Applied {
            version: rows.get(row, 0).unwrap_or_default().to_owned(),
            in_diesel: rows.get(row, 1) == Some("t"),
            run_on: rows.get(row, 2).map(str::to_owned),
            record: attempt(&rows, row, 4).filter(|_| rows.get(row, 3) == Some("t")),
            unfinished: attempt(&rows, row, 4 + WIDTH),
        })
        .collect();
    Ok(LedgerState {
        place,
        entries,
        edited: None,
    })
}

/// The query for how every version stands, in the order of application. Our rows know it; what
/// only Diesel knows was applied after them, as we take over what we find when we deploy.
fn standing_sql(place: &LedgerPlace) -> Option<String> {
    let run_on = "pg_catalog.to_char(d.run_on, 'YYYY-MM-DD\"T\"HH24:MI:SS')";
    let diesel = match place.diesel_table {
        true => place.diesel().to_string(),
        // Somebody dropped Diesel's table: then nothing is applied as far as Diesel knows.
        false => "(select null::text as version, null::timestamp as run_on where false)".to_owned(),
    };
    if place.format.is_none() {
        return place.diesel_table.then(|| {
            format!("select d.version, true, {run_on} from {diesel} d order by d.run_on, d.version")
        });
    }
    // A row of ours speaks of Diesel's row when both were written in one transaction, or when
    // ours was written to take over just that one.
    let current = "d.version is not null and s.state in ('applied', 'adopted') \
                   and s.run_on is not distinct from d.run_on";
    Some(format!(
        "with settled as (\
           select distinct on (version) * from {ledger} \
           where state in ('applied', 'adopted', 'reverted') order by version, id desc), \
         unfinished as (\
           select distinct on (l.version) l.* from {ledger} l \
           left join settled s on s.version = l.version \
           where l.state in ('failed', 'running') and (s.id is null or l.id > s.id) \
           order by l.version, l.id desc) \
         select coalesce(d.version, s.version, u.version), d.version is not null, {run_on}, \
                {current}, {settled}, {unfinished} \
         from {diesel} d \
         full join settled s on s.version = d.version \
         full join unfinished u on u.version = coalesce(d.version, s.version) \
         order by case when {current} then {order} end nulls last, d.run_on, d.version",
        ledger = place.ledger(),
        order = match place.format >= Some(WITH_BY_HAND) {
            true => "coalesce(s.in_place_of, s.id)",
            false => "s.id",
        },
        settled = columns("s", place),
        unfinished = columns("u", place),
    ))
}

/// Every attempt ever made, oldest first.
pub fn all_attempts(
    session: &mut Session,
    place: &LedgerPlace,
) -> Result<Vec<Attempt>, ServerError> {
    if place.format.is_none() {
        return Ok(Vec::new());
    }
    let columns = columns("l", place);
    let sql = format!("select {columns} from {} l order by l.id", place.ledger());
    let rows = session.query(&sql, &[])?;
    Ok((0..rows.len())
        .filter_map(|row| attempt(&rows, row, 0))
        .collect())
}

/// The `down.sql` that was kept when a version was applied.
pub fn saved_down_sql(
    session: &mut Session,
    place: &LedgerPlace,
    version: &str,
) -> Result<Option<String>, ServerError> {
    if place.format.is_none() {
        return Ok(None);
    }
    let sql = format!(
        "select down_sql from {} where version = $1 and down_sql is not null \
         order by id desc limit 1",
        place.ledger()
    );
    let rows = session.query(&sql, &[Some(version)])?;
    Ok(rows.single().map(str::to_owned))
}

/// The `up.sql` that was kept when these versions were applied last, by version.
pub fn saved_up_sql(
    session: &mut Session,
    place: &LedgerPlace,
    versions: &[&str],
) -> Result<HashMap<String, String>, ServerError> {
    let mut saved = HashMap::new();
    if place.format.is_none() || versions.is_empty() {
        return Ok(saved);
    }
    let list: Vec<String> = versions
        .iter()
        .map(|version| quote_literal(version))
        .collect();
    let sql = format!(
        "select distinct on (version) version, up_sql from {} \
         where version in ({}) and state in ('applied', 'adopted') and up_sql is not null \
         order by version, id desc",
        place.ledger(),
        list.join(", ")
    );
    let rows = session.query(&sql, &[])?;
    for row in 0..rows.len() {
        if let (Some(version), Some(sql)) = (rows.get(row, 0), rows.get(row, 1)) {
            saved.insert(version.to_owned(), sql.to_owned());
        }
    }
    Ok(saved)
}

/// The SQL of the last attempt at a version in a direction, finished or not.
pub fn attempted_sql(
    session: &mut Session,
    place: &LedgerPlace,
    version: &str,
    direction: &str,
) -> Result<Option<String>, ServerError> {
    let sql = format!(
        "select case direction when 'up' then up_sql else down_sql end from {} \
         where version = $1 and direction = $2 order by id desc limit 1",
        place.ledger()
    );
    let rows = session.query(&sql, &[Some(version), Some(direction)])?;
    Ok(rows.single().map(str::to_owned))
}

fn attempt(rows: &Rows, row: usize, first: usize) -> Option<Attempt> {
    let text = |column: usize| rows.get(row, first + column).map(str::to_owned);
    let by_hand = text(16).as_deref().and_then(ByHand::parse);
    let duration = text(9).filter(|_| by_hand.is_none());
    Some(Attempt {
        id: text(0)?.parse().ok()?,
        version: text(1)?,
        name: text(2)?,
        outcome: Outcome::parse(&text(3)?),
        direction: text(4)?,
        services: text_array(&text(5)?),
        run_in_transaction: text(14)? == "t",
        checksum: text(6),
        statements_done: text(7)?.parse().ok()?,
        started_at: text(8)?,
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
