//! Whether a database is where the generated schema says, so that a service can refuse to start
//! on one that is not.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2;
use diesel::sql_types::Bool;
use thiserror::Error;

use crate::pool::{InvalidSetting, Pool, PoolSettings};

table! {
    /// Diesel's own record of what is applied.
    __diesel_schema_migrations (version) {
        /// The version.
        version -> Text,
    }
}

/// How a database stands to the history that a schema was generated from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Every version is applied, and nothing newer.
    InStep,
    /// These versions are not applied, oldest first: the service would ask for what is not there.
    Behind(Vec<String>),
    /// Every version is applied, and these newer ones: the service is of an older release.
    Ahead(Vec<String>),
}

/// Compares what is applied with `schema::HISTORY` of a generated `schema.rs`.
///
/// Reads Diesel's table only, and writes nothing: a role without any right to create will do.
pub fn standing(connection: &mut PgConnection, history: &[&str]) -> QueryResult<Standing> {
    let is_there = "to_regclass('__diesel_schema_migrations') is not null";
    let is_there = diesel::dsl::sql::<Bool>(is_there);
    let mut applied: Vec<String> = if diesel::select(is_there).get_result(connection)? {
        __diesel_schema_migrations::table
            .select(__diesel_schema_migrations::version)
            .load(connection)?
    } else {
        Vec::new()
    };
    applied.sort_unstable();
    let is_applied = |wanted: &&&str| applied.iter().any(|version| version == **wanted);
    let missing: Vec<String> = history
        .iter()
        .filter(|version| !is_applied(version))
        .map(ToString::to_string)
        .collect();
    if !missing.is_empty() {
        return Ok(Standing::Behind(missing));
    }
    let newest = history.iter().max().copied().unwrap_or_default();
    applied.retain(|version| version.as_str() > newest);
    Ok(if applied.is_empty() {
        Standing::InStep
    } else {
        Standing::Ahead(applied)
    })
}

/// A service cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A setting of the pool is malformed.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// No connection, or none in time.
    #[error("the database cannot be reached")]
    Pool(#[from] r2d2::PoolError),
    /// What is applied cannot be read.
    #[error("cannot read which migrations are applied")]
    Read(#[from] diesel::result::Error),
    /// The database lacks migrations that the service was built for.
    #[error(
        "the database is behind this service by {}: run `migrate deploy` first",
        .0.join(", ")
    )]
    Behind(Vec<String>),
}

impl PoolSettings {
    /// Opens a pool, unless the database is behind `schema::HISTORY`. One that is ahead will do: a
    /// service of an older release has to run until it is replaced.
    pub fn open_in_step(self, url: &str, history: &[&str]) -> Result<Pool, StartError> {
        let pool = self.open(url)?;
        match standing(&mut *pool.get()?, history)? {
            Standing::Behind(missing) => Err(StartError::Behind(missing)),
            Standing::InStep | Standing::Ahead(_) => Ok(pool),
        }
    }
}
