//! Creates and drops databases, and what has to be in them before any migration.

use crate::target::Target;
use migrate_text::name::quote_identifier;
use migrate_text::prerequisites::Prerequisites;

use super::connect::ConnectError;
use super::pooler::{PoolMode, PoolerError, SERVED_BY};
use super::row::Rows;
use super::server_error::{ServerError, sqlstate};
use super::session::Session;

/// Databases that a server has before any of its users' databases. Managed services differ in
/// which of them one may connect to.
const MAINTENANCE_DATABASES: [&str; 3] = ["postgres", "template1", "defaultdb"];

/// A database could not be created, dropped or looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// No connection to any of the databases from which it can be done.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server refused.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A pooler shares the server's sessions, and one was wanted that is ours alone.
    #[error("a connection pooler in {0} mode")]
    Shared(PoolMode),
}

/// What a database is created for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Itself,
    Deploy,
}

/// Creates the target's database; gives whether it did: `false` when it existed.
pub fn create_database(target: &Target) -> Result<bool, AdminError> {
    create(target, Purpose::Itself)
}

/// The same for a database that is deployed to at once: not where a pooler would not allow that.
pub fn create_database_to_deploy(target: &Target) -> Result<bool, AdminError> {
    create(target, Purpose::Deploy)
}

fn create(target: &Target, purpose: Purpose) -> Result<bool, AdminError> {
    let mut session = maintenance_session(target)?;
    let name = target.database().unwrap_or_default();
    if exists(&mut session, name)? {
        return Ok(false);
    }
    if purpose == Purpose::Deploy {
        let own = session.require_own_session();
        own.map_err(|error| match error {
            PoolerError::Shared(mode) => AdminError::Shared(mode),
            PoolerError::Server(error) => (*error).into(),
        })?;
    }
    match write(
        &mut session,
        &format!("create database {}", quote_identifier(name)),
    ) {
        Ok(()) => Ok(true),
        // Someone else created it this very moment: the first is PostgreSQL's own check, the
        // second the index on `pg_database` when both came past that.
        Err(error)
            if error.is(sqlstate::DUPLICATE_DATABASE) || error.is(sqlstate::UNIQUE_VIOLATION) =>
        {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Drops the target's database, disconnecting whoever uses it; gives whether it existed.
pub fn drop_database(target: &Target) -> Result<bool, AdminError> {
    let mut session = maintenance_session(target)?;
    let name = target.database().unwrap_or_default();
    if !exists(&mut session, name)? {
        return Ok(false);
    }
    let name = quote_identifier(name);
    write(
        &mut session,
        &format!("drop database if exists {name} with (force)"),
    )?;
    Ok(true)
}

/// Whether the target's database exists on its server.
pub fn database_exists(target: &Target) -> Result<bool, AdminError> {
    let mut session = maintenance_session(target)?;
    Ok(exists(&mut session, target.database().unwrap_or_default())?)
}

/// A session on another database of the same server.
fn maintenance_session(target: &Target) -> Result<Session, ConnectError> {
    let mut first_error = None;
    for name in MAINTENANCE_DATABASES {
        match Session::connect(&target.with_database(name)) {
            Ok(session) => return Ok(session),
            // The first is the one that says most: the others may simply not exist.
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.expect("the list of maintenance databases is not empty"))
}

/// Runs a statement that cannot run in a transaction, which could be said to write. An
/// administrator may have made everything of the role read-only that does not say otherwise, and
/// then the session says so; but not one of a pooler, which others get too.
fn write(session: &mut Session, sql: &str) -> Result<(), ServerError> {
    match session.execute(sql) {
        Err(error) if error.is(sqlstate::READ_ONLY_TRANSACTION) => {
            if session.require_own_session().is_err() {
                return Err(error);
            }
            let settings: Vec<&str> = session.own_settings().collect();
            session.execute(&settings.join("; "))?;
            session.execute(sql)
        }
        result => result,
    }
}

fn exists(session: &mut Session, name: &str) -> Result<bool, ServerError> {
    let sql = format!(
        "select exists (select from pg_catalog.pg_database where datname = $1) as found, \
                {SERVED_BY} as served_by"
    );
    let rows = session.query(&sql, &[Some(name)])?;
    let row = rows.first();
    session.served_by(
        row.as_ref()
            .and_then(|row| row.optional_number("served_by")),
    );
    Ok(row.is_some_and(|row| row.bool("found")))
}

/// Those of the prerequisites that the database lacks, in their order.
pub fn missing_prerequisites(
    session: &mut Session,
    needed: &Prerequisites,
) -> Result<Prerequisites, ServerError> {
    if needed.is_empty() {
        return Ok(Prerequisites::default());
    }
    let rows = session.query(
        "select 'extension' as kind, extname as name from pg_catalog.pg_extension \
         union all select 'schema', nspname from pg_catalog.pg_namespace",
        &[],
    )?;
    let lacking = |kind: &str, names: &[String]| {
        let lacks = |name: &&String| !contains(&rows, kind, name);
        names.iter().filter(lacks).cloned().collect()
    };
    Ok(Prerequisites {
        extensions: lacking("extension", &needed.extensions),
        schemas: lacking("schema", &needed.schemas),
    })
}

/// Creates extensions and schemas. Schemas come first: an extension may be meant for one.
pub fn create_prerequisites(
    session: &mut Session,
    missing: &Prerequisites,
) -> Result<(), ServerError> {
    for schema in &missing.schemas {
        let schema = quote_identifier(schema);
        session.execute(&format!("create schema if not exists {schema}"))?;
    }
    for extension in &missing.extensions {
        let extension = quote_identifier(extension);
        session.execute(&format!("create extension if not exists {extension}"))?;
    }
    Ok(())
}

fn contains(rows: &Rows, kind: &str, name: &str) -> bool {
    rows.iter()
        .any(|row| row.str("kind") == kind && row.str("name") == name)
}
