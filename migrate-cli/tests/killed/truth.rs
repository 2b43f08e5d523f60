//! Whether `status` says of each migration what the database shows.

use std::collections::{HashMap, HashSet};

use migrate_postgres::{Session, database_exists};
use serde_json::Value;

use crate::history::{Evidence, Migration};
use crate::server::Server;

/// What a database shows.
#[derive(Default)]
struct Shown {
    applied: HashSet<String>,
    /// How many rows there are of a version and a step.
    tally: HashMap<(String, usize), usize>,
    relations: HashSet<String>,
    valid: HashSet<String>,
    invalid: HashSet<String>,
    attached: HashSet<String>,
}

/// Compares what `status` said with what the database shows; the first lie.
pub fn compare(
    history: &[Migration],
    status: &str,
    server: &Server,
    database: &str,
) -> Result<(), String> {
    let status: Value = serde_json::from_str(status).map_err(|error| error.to_string())?;
    let shown = Shown::in_database(server, database);
    let told = status["databases"][0]["migrations"].as_array();
    let told = told.ok_or_else(|| format!("no migrations: {status}"))?;
    for migration in history {
        let about = told.iter().find(|one| one["version"] == *migration.version);
        let about = about.ok_or_else(|| format!("nothing about {}", migration.version))?;
        let lie = |lie| Err(format!("{lie}: {about}, {}", shown.describe(migration)));
        if let Some(claim) = lie_about(migration, about, &shown) {
            return lie(claim);
        }
    }
    Ok(())
}

fn lie_about(migration: &Migration, told: &Value, shown: &Shown) -> Option<&'static str> {
    let statements = migration.statements.len();
    let in_diesel = shown.applied.contains(&migration.version);
    let done = match told["state"].as_str() {
        Some("applied") if !in_diesel => return Some("Diesel's table does not have it"),
        Some("applied") => statements,
        Some(_) if in_diesel => return Some("Diesel's table has it"),
        Some("pending") => 0,
        Some("failed") => number(&told["statements_done"]),
        _ => return Some("it cannot be in that state"),
    };
    let doubt = &told["in_doubt"];
    for (index, statement) in migration.statements.iter().enumerate() {
        let Some(evidence) = &statement.evidence else {
            continue;
        };
        let happened = shown.has(&migration.version, evidence);
        let number_in_file = index + 1;
        let in_doubt = doubt["happened"].as_str();
        let claimed = match in_doubt.filter(|_| doubt["statement"] == number_in_file) {
            Some("yes") => true,
            Some("unknown") => continue,
            _ => number_in_file <= done,
        };
        if happened != claimed {
            return Some("a statement did the opposite");
        }
    }
    let left = doubt["invalid_indexes"].as_array().into_iter().flatten();
    let left: HashSet<String> = left
        .filter_map(Value::as_str)
        .map(|name| name.replace("public.", "").replace('"', ""))
        .collect();
    if !shown.invalid.is_superset(&left) {
        return Some("an index that it names is not invalid");
    }
    // Only one migration is at work at a time.
    if done < statements && told["state"] == "failed" && shown.invalid != left {
        return Some("it does not name all invalid indexes");
    }
    None
}

fn number(value: &Value) -> usize {
    let number = value.as_u64().unwrap_or_default();
    usize::try_from(number).expect("a file has fewer statements")
}

/// Whether the last statement of a migration happened.
pub fn last_happened(migration: &Migration, server: &Server, database: &str) -> bool {
    let shown = Shown::in_database(server, database);
    let last = migration.statements.last();
    let evidence = last.and_then(|statement| statement.evidence.as_ref());
    shown.has(
        &migration.version,
        evidence.expect("there is one of each last statement"),
    )
}

impl Shown {
    fn in_database(server: &Server, database: &str) -> Self {
        let exists = database_exists(&server.target(database));
        if !exists.expect("the server runs") {
            return Self::default();
        }
        let mut session = server.session(database);
        let mut shown = Self {
            relations: names(&mut session, "select relname as name from pg_class"),
            valid: names(&mut session, &indexes("indisvalid")),
            invalid: names(&mut session, &indexes("not indisvalid")),
            attached: names(
                &mut session,
                "select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid",
            ),
            ..Self::default()
        };
        if shown.relations.contains("__diesel_schema_migrations") {
            let sql = "select version as name from __diesel_schema_migrations";
            shown.applied = names(&mut session, sql);
        }
        if shown.relations.contains("tally") {
            let sql = "select version, step from tally";
            let rows = session.query(sql, &[]).expect("it runs");
            for row in rows.iter() {
                let step = row.optional_number("step").expect("a number");
                *shown.tally.entry((row.text("version"), step)).or_default() += 1;
            }
        }
        shown
    }

    /// Whether there is this evidence, and only once.
    fn has(&self, version: &str, evidence: &Evidence) -> bool {
        match evidence {
            Evidence::Tally(step) => {
                let rows = self.tally.get(&(version.to_owned(), *step));
                let rows = rows.copied().unwrap_or_default();
                assert!(rows <= 1, "step {step} of {version} happened {rows} times");
                rows == 1
            }
            Evidence::Relation(name) => self.relations.contains(name),
            Evidence::ValidIndex(name) => self.valid.contains(name),
            Evidence::Detached(name) => {
                self.relations.contains(name) && !self.attached.contains(name)
            }
        }
    }

    fn describe(&self, migration: &Migration) -> String {
        let statements = migration.statements.iter();
        let shown: Vec<String> = statements
            .filter_map(|statement| statement.evidence.as_ref())
            .map(|evidence| {
                let has = self.has(&migration.version, evidence);
                format!("{evidence:?} {has}")
            })
            .collect();
        let invalid = &self.invalid;
        format!("the database has {shown:?}, invalid are {invalid:?}")
    }
}

fn indexes(which: &str) -> String {
    format!(
        "select relname as name from pg_index join pg_class on pg_class.oid = indexrelid where {which}"
    )
}

fn names(session: &mut Session, sql: &str) -> HashSet<String> {
    let rows = session.query(sql, &[]).expect("it runs");
    rows.iter().map(|row| row.text("name")).collect()
}
