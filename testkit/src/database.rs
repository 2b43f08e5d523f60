//! A database for one test.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::Connection;
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use migrate_postgres::target::Target;
use migrate_postgres::{Session, create_database, drop_database};

use crate::{server, server_version};

/// A database on the shared server. Dropped with this value.
pub struct Database {
    target: Target,
    url: String,
}

impl Database {
    /// A name for a database that no other test has; nothing is created. Dropped with this value
    /// if the test has created it.
    pub fn reserve() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let target = server().target(&name);
        let url = target.url().reveal().to_owned();
        Self { target, url }
    }

    /// An empty database.
    ///
    /// # Panics
    ///
    /// When it cannot be created.
    pub fn fresh() -> Self {
        let database = Self::reserve();
        create_database(&database.target).expect("the test's database can be created");
        database
    }

    /// A database with the history of a folder applied by Diesel's own harness.
    ///
    /// # Panics
    ///
    /// When the history does not apply.
    pub fn with_history(folder: impl AsRef<Path>) -> Self {
        Self::with_migrations(
            FileBasedMigrations::from_path(folder).expect("the folder is a history"),
        )
    }

    /// A database with migrations of any source applied by Diesel's own harness.
    ///
    /// # Panics
    ///
    /// When they do not apply.
    pub fn with_migrations(history: impl MigrationSource<Pg>) -> Self {
        let database = Self::fresh();
        PgConnection::establish(database.url())
            .expect("the test's database can be connected to")
            .run_pending_migrations(history)
            .expect("the history applies");
        database
    }

    /// A URL for Diesel, `psql` and every other program with libpq. The role is a superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same as parameters.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The database's name on the server.
    pub fn name(&self) -> &str {
        self.target.database().unwrap_or_default()
    }

    /// A session on it.
    ///
    /// # Panics
    ///
    /// When it cannot be connected to.
    pub fn session(&self) -> Session {
        Session::connect(&self.target).expect("the test's database can be connected to")
    }

    /// Runs SQL on it.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    pub fn execute(&self, sql: &str) {
        self.session().execute(sql).expect("the test's SQL runs");
    }

    /// Has the server warn whoever connects to it from now on, once: as after an upgrade of the
    /// system's collations. Before 15 it does not compare them, and warns of a setting that makes
    /// no sense any more. Gives how the warning begins.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    pub fn warns_who_connects(&self) -> &'static str {
        let name = self.name();
        let (sql, warning) = match server_version() {
            15.. => (
                format!("update pg_database set datcollversion = '0' where datname = '{name}'"),
                "database ",
            ),
            _ => (
                format!("alter database {name} set default_tablespace = 'gone'"),
                "invalid value for parameter ",
            ),
        };
        self.execute(&sql);
        warning
    }

    /// The first value of the first row of a query.
    ///
    /// # Panics
    ///
    /// When the server refuses.
    pub fn value(&self, sql: &str) -> Option<String> {
        let rows = self
            .session()
            .query(sql, &[])
            .expect("the test's query runs");
        rows.single().map(str::to_owned)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test that failed for another reason shall not be told of this one.
        let _ = drop_database(&self.target);
    }
}
