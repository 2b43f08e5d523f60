//! `db`: the databases themselves.

use std::time::Duration;

use crate::error::{Destroying, Error};
use crate::event::Observer;
use crate::reach::{ConnectOptions, admin_error};
use crate::workspace::{Address, Database, Selection};
use migrate_postgres::drop_database;
use migrate_postgres::embedded::Started;
use migrate_postgres::target::Target;

use super::Migrator;

impl Migrator {
    /// Creates the selected databases; gives the names of those that did not exist.
    pub fn create_databases(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<Vec<String>, Error> {
        let mut created = Vec::new();
        let databases = self.workspace.databases(&options.selection)?;
        for (database, target) in self.run(observer).targets(databases, options.wait)? {
            if self.run(observer).create_only(&database, &target)? {
                created.push(database.name);
            }
        }
        Ok(created)
    }

    /// Where the databases are that [`Self::drop_databases`] would drop. Refuses production.
    pub fn plan_drop(&self, selection: &Selection) -> Result<String, Error> {
        self.refuse_production(Destroying::DropDatabase)?;
        self.shown(selection)
    }

    /// Drops the selected databases; gives the names of those that existed. Refuses production.
    pub fn drop_databases(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<Vec<String>, Error> {
        self.refuse_production(Destroying::DropDatabase)?;
        let mut dropped = Vec::new();
        let databases = self.workspace.databases(&options.selection)?;
        for (database, target) in self.run(observer).targets(databases, options.wait)? {
            if drop_one(&database, &target)? {
                dropped.push(database.name);
            }
        }
        Ok(dropped)
    }

    /// Waits for the servers of the selected databases, as long as the options say.
    pub fn wait_for_databases(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<Vec<String>, Error> {
        let databases = self.workspace.databases(&options.selection)?;
        let targets = self.run(observer).targets(databases, options.wait)?;
        Ok(targets
            .into_iter()
            .map(|(database, _)| database.name)
            .collect())
    }

    /// Starts the embedded server if it does not run and any database is there.
    pub fn start_embedded(&self, observer: &dyn Observer) -> Result<Started, Error> {
        self.require_embedded()?;
        self.run(observer).ensure_embedded()
    }

    /// Makes sure that the embedded server is any database's. What is wrong with the settings of
    /// others is in nobody's way.
    fn require_embedded(&self) -> Result<(), Error> {
        let is_embedded =
            |database: &Database| matches!(database.address, Address::Embedded { .. });
        let any = self.workspace.database_names().into_iter().any(|name| {
            let one = Selection {
                database: Some(name),
                service: None,
            };
            let databases = self.workspace.databases(&one);
            databases.is_ok_and(|databases| databases.iter().any(is_embedded))
        });
        if any {
            return Ok(());
        }
        // It may be one whose variable is missing.
        self.workspace.databases(&Selection::default())?;
        Err(Error::NotEmbedded)
    }

    /// Stops the embedded server, and the one for shadows beside it; gives whether any ran.
    pub fn stop_embedded(&self) -> Result<bool, Error> {
        // Each whatever becomes of the other.
        let shadow = self.embedded.shadow().stop();
        let server = self.embedded.stop();
        Ok(server? | shadow?)
    }

    /// The one selected database with its address: for `db url`, `db shell` and `exec`. Starts
    /// the embedded server if the database is there.
    pub fn address(
        &self,
        selection: &Selection,
        observer: &dyn Observer,
    ) -> Result<(Database, Target), Error> {
        self.one_database(selection)?;
        let databases = self.workspace.databases(selection)?;
        let mut targets = self.run(observer).targets(databases, Duration::ZERO)?;
        // `one_database` has seen that exactly one is selected.
        let (database, target) = targets.pop().expect("one database is selected");
        // Not every driver knows libpq's parameter for whom it talks to on the other side.
        Ok((database, target.without("requirepeer")))
    }

    /// Where the selected databases are, for a question about them.
    pub fn shown(&self, selection: &Selection) -> Result<String, Error> {
        let databases = self.workspace.databases(selection)?;
        let targets = databases
            .iter()
            .map(|database| database.address.to_string());
        Ok(targets.collect::<Vec<_>>().join(", "))
    }
}

/// Drops a database; gives whether it existed.
pub(super) fn drop_one(database: &Database, target: &Target) -> Result<bool, Error> {
    drop_database(target).map_err(|error| admin_error(database, target, "drop", error))
}
