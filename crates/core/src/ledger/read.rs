//! Reads the ledger. Writes nothing, so a role that may only read can ask for the status.

use std::collections::HashMap;
use std::time::Duration;

use migrate_postgres::{SERVED_BY, ServerError, Session, sqlstate};
use migrate_text::migration_ref::Direction;
use migrate_text::name::quote_literal;

use super::attempt::{Attempt, Outcome};
use super::place::{LedgerError, LedgerPlace};
use super::row;
use super::unfinished::Unfinished;

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
    /// The server's process that was at work on it, if there are entries and one was.
    pub at_work: Option<i32>,
}

/// How a version stands in a ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The version.
    pub version: String,
    /// Whether Diesel's table has it: whether it is applied.
    pub in_diesel: bool,
    /// When Diesel's row was written, where no record of ours tells more, in ISO 8601 without a zone:
    /// Diesel keeps none.
    pub run_on: Option<String>,
    /// Our row that tells how it came to be applied. `None` when it is not, or when Diesel's own
    /// tool applied it, perhaps again after we did.
    pub record: Option<Attempt>,
    /// Our last row for it, if that is of an attempt that did not come to its end, after
    /// everything that did.
    pub stopped: Option<Box<Attempt>>,
}

impl Applied {
    /// Whether Diesel's own tool applied it, and our ledger does not tell of that yet.
    pub fn needs_adoption(&self) -> bool {
        self.in_diesel && self.record.is_none()
    }

    /// What an attempt in a direction has left that did not come to its end.
    pub fn left(&self, direction: Direction) -> Unfinished {
        let stopped = self.stopped.as_ref();
        let stopped = stopped.filter(|attempt| attempt.direction == direction);
        stopped.map_or_else(Unfinished::default, |attempt| attempt.left.clone())
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
                hidden: false,
            },
            entries: Vec::new(),
            edited: None,
            at_work: None,
        }
    }
}

/// How long the ledger may be locked by others before whoever wants to read it gives up.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Finds the ledger's place. From then on the session waits for no lock longer than [`PATIENCE`]: to
/// find it takes none, to read it does.
pub fn locate(session: &mut Session) -> Result<LedgerPlace, LedgerError> {
    // The unqualified name is looked up along the search path, as Diesel does.
    let sql = format!(
        "with found as (\
           select n.nspname as schema \
           from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
           where c.oid = pg_catalog.to_regclass('__diesel_schema_migrations')), \
         place as (\
           select coalesce((select schema from found), pg_catalog.current_schema()) as schema) \
         select schema, (select true from found) as diesel, \
                case when schema is not null then pg_catalog.to_regclass(\
                  pg_catalog.format('%I.__migrate_format', schema)) is not null end as ours, \
                {SERVED_BY} as served_by, \
                pg_catalog.set_config('lock_timeout', '{}', false) as patience \
         from place",
        PATIENCE.as_millis()
    );
    let rows = session.query(&sql, &[])?;
    let found = rows.first();
    session.served_by(
        found
            .as_ref()
            .and_then(|row| row.optional_number("served_by")),
    );
    let found = found.ok_or(LedgerError::NoSchema)?;
    let mut place = LedgerPlace {
        schema: found.optional("schema").ok_or(LedgerError::NoSchema)?,
        diesel_table: found.bool("diesel"),
        format: None,
        hidden: false,
    };
    if found.bool("ours") {
        let sql = format!("select format from {}", place.format_table());
        place.format = match session.query(&sql, &[]) {
            Ok(rows) => rows.single().and_then(|format| format.parse().ok()),
            // A role that may read Diesel's table only is told what that says.
            Err(error) if error.is(sqlstate::INSUFFICIENT_PRIVILEGE) => {
                place.hidden = true;
                None
            }
            Err(error) => return Err(error.into()),
        };
    }
    row::format_of(&place)?;
    Ok(place)
}

/// Reads how every version stands, and with SQL for its process who is at work on it. One query.
pub fn read(
    session: &mut Session,
    place: LedgerPlace,
    at_work: &str,
) -> Result<LedgerState, ServerError> {
    let Some(sql) = standing_sql(&place, at_work) else {
        return Ok(LedgerState::empty(&place.schema));
    };
    let rows = match session.query(&sql, &[]) {
        Err(error) if error.is(sqlstate::INSUFFICIENT_PRIVILEGE) && place.format.is_some() => {
            // A role that may read Diesel's table only is told what that says.
            let diesel_only = LedgerPlace {
                format: None,
                ..place
            };
            return read(session, diesel_only, at_work);
        }
        other => other?,
    };
    let entries = rows.iter().map(|row| Applied {
        version: row.text("listed"),
        in_diesel: row.bool("in_diesel"),
        run_on: row.optional("written"),
        record: row.bool("current").then(|| row::of_row(&row)).flatten(),
        stopped: row
            .optional_str("stopped")
            .and_then(row::of_json)
            .map(Box::new),
    });
    let entries = entries.collect();
    let at_work = rows.first().and_then(|row| row.optional_number("at_work"));
    Ok(LedgerState {
        place,
        entries,
        edited: None,
        at_work,
    })
}

/// The query for how every version stands, in the order of application. Our rows know it; what
/// only Diesel knows was applied after them, as we take over what we find when we deploy.
fn standing_sql(place: &LedgerPlace, at_work: &str) -> Option<String> {
    let run_on = "pg_catalog.to_char(d.run_on, 'YYYY-MM-DD\"T\"HH24:MI:SS')";
    let diesel = match place.diesel_table {
        true => place.diesel().to_string(),
        // Somebody dropped Diesel's table: then nothing is applied as far as Diesel knows.
        false => "(select null::text as version, null::timestamp as run_on where false)".to_owned(),
    };
    if place.format.is_none() {
        return place.diesel_table.then(|| {
            format!(
                "select d.version as listed, true as in_diesel, {run_on} as written, \
                        false as current, null as stopped, {at_work} as at_work \
                 from {diesel} d order by d.run_on, d.version"
            )
        });
    }
    // A row of ours speaks of Diesel's row when both were written in one transaction, or when
    // ours was written to take over just that one.
    let applied = Outcome::list(&Outcome::APPLIED);
    let current = format!(
        "d.version is not null and s.state in {applied} \
         and s.run_on is not distinct from d.run_on"
    );
    Some(format!(
        "with settled as (\
           select distinct on (version) {kept} from {ledger} \
           where state in {settled} order by version, id desc), \
         unfinished as (\
           select distinct on (l.version) l.* from {ledger} l \
           left join settled s on s.version = l.version \
           where l.state in {stopped} and (s.id is null or l.id > s.id) \
           order by l.version, l.id desc) \
         select coalesce(d.version, s.version, u.version) as listed, \
                d.version is not null as in_diesel, \
                case when {current} and s.state = '{by_us}' then null else {run_on} end as written, \
                {current} as current, \
                case when u.id is not null then {unfinished} end as stopped, \
                {at_work} as at_work, {record} \
         from {diesel} d \
         full join settled s on s.version = d.version \
         full join unfinished u on u.version = coalesce(d.version, s.version) \
         order by case when {current} then coalesce({in_place_of}, s.id) end nulls last, d.run_on, d.version",
        ledger = place.ledger(),
        kept = row::carried(place),
        settled = Outcome::list(&Outcome::SETTLED),
        stopped = Outcome::list(&Outcome::STOPPED),
        by_us = Outcome::Applied.as_str(),
        unfinished = row::as_json("u", place),
        record = row::columns("s", place),
        in_place_of = row::value("in_place_of", "s", place),
    ))
}

/// Every attempt ever made, oldest first.
pub fn all_attempts(
    session: &mut Session,
    place: &LedgerPlace,
) -> Result<Vec<Attempt>, ServerError> {
    if place.format.is_none() && !place.hidden {
        return Ok(Vec::new());
    }
    let columns = row::columns("l", place);
    let sql = format!("select {columns} from {} l order by l.id", place.ledger());
    let rows = session.query(&sql, &[])?;
    Ok(rows.iter().filter_map(|row| row::of_row(&row)).collect())
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
    if place.format.is_none() || versions.is_empty() {
        return Ok(HashMap::new());
    }
    let list: Vec<String> = versions
        .iter()
        .map(|version| quote_literal(version))
        .collect();
    let sql = format!(
        "select distinct on (version) version, up_sql from {} \
         where version in ({}) and state in {} and up_sql is not null \
         order by version, id desc",
        place.ledger(),
        list.join(", "),
        Outcome::list(&Outcome::APPLIED)
    );
    let rows = session.query(&sql, &[])?;
    let saved = rows
        .iter()
        .map(|row| (row.text("version"), row.text("up_sql")));
    Ok(saved.collect())
}

/// The SQL of the last attempt at a version in a direction, finished or not.
pub fn attempted_sql(
    session: &mut Session,
    place: &LedgerPlace,
    version: &str,
    direction: Direction,
) -> Result<Option<String>, ServerError> {
    let kept = match direction {
        Direction::Up => "up_sql",
        Direction::Down => "down_sql",
    };
    let sql = format!(
        "select {kept} from {} where version = $1 and direction = $2 order by id desc limit 1",
        place.ledger()
    );
    let rows = session.query(&sql, &[Some(version), Some(direction.as_str())])?;
    Ok(rows.single().map(str::to_owned))
}
