//! `grants`, and addresses with the roles that it gives privileges to.

use crate::error::{Changing, Error};
use crate::event::Observer;
use crate::reach::{ConnectOptions, Opened};
use crate::report::{DatabaseGrants, GrantsReport, PrivilegesDone};
use crate::turn::Turn;
use crate::workspace::{Database, Selection};
use migrate_postgres::ServerWait;
use migrate_postgres::target::Target;

use super::Migrator;
use super::options::GrantsOptions;

impl Migrator {
    /// How the privileges of the services' roles stand in each selected database. Writes nothing.
    pub fn grants(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<GrantsReport, Error> {
        let mut report = GrantsReport::default();
        let databases = self.workspace.databases(&options.selection)?;
        for one in self.run(observer).open_all(databases, options.wait)? {
            let database = one.database();
            let with_password = database.services.iter();
            let mut grants = DatabaseGrants {
                database: database.name.clone(),
                target: database.address.to_string(),
                enabled: database.roles,
                with_password: with_password
                    .filter(|service| service.password.is_some())
                    .map(|service| service.role.clone())
                    .collect(),
                ..DatabaseGrants::default()
            };
            if let Opened::Connected(mut connected) = one {
                grants.exists = true;
                let guarded = self.guarded(&self.history()?, &connected.database.name)?;
                grants.privileges = connected.privileges(&guarded.attributed())?;
            }
            report.databases.push(grants);
        }
        Ok(report)
    }

    /// The same of the one selected database: its statements are for one connection.
    pub fn grants_of_one(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<DatabaseGrants, Error> {
        self.one_database(&options.selection)?;
        let mut report = self.grants(options, observer)?;
        // `one_database` has seen that exactly one is selected.
        Ok(report.databases.pop().expect("one database is selected"))
    }

    /// Gives and takes what has to be, in each selected database, without a deploy.
    pub fn apply_grants(
        &self,
        options: &GrantsOptions,
        observer: &dyn Observer,
    ) -> Result<Vec<(String, PrivilegesDone)>, Error> {
        self.require(&options.approval, Changing::ApplyGrants)?;
        let GrantsOptions {
            connect, lock_wait, ..
        } = options;
        let databases = self.workspace.databases(&connect.selection)?;
        if let Some(without) = databases.iter().find(|database| !database.roles) {
            return Err(Error::RolesNotSet {
                database: without.name.clone(),
            });
        }
        let run = self.run(observer);
        let mut all = Vec::new();
        let mut refused: Option<Error> = None;
        let mut wait = ServerWait::of(connect.wait);
        for connected in run.connect(databases, &mut wait)? {
            let guarded = self.guarded(&self.history()?, &connected.database.name)?;
            let mut turn = Turn::new(run, connected, guarded.attributed());
            let mut done = PrivilegesDone::default();
            if turn.privileges_to_change()?.is_some() {
                turn.make_writable(&mut wait)?;
                match turn.settle(*lock_wait) {
                    Ok(settled) => done = settled,
                    // What is not ours to give in one database keeps no other back.
                    Err(error @ Error::Privileges { .. }) => {
                        refused = Some(match refused {
                            Some(earlier) => earlier.and(error),
                            None => error,
                        });
                    }
                    Err(error) => return Err(error),
                }
            }
            all.push((turn.database().name.clone(), done));
        }
        refused.map_or(Ok(all), Err)
    }

    /// The address of a database for a service: with its own role, where it has one there.
    pub fn service_address(
        &self,
        selection: &Selection,
        observer: &dyn Observer,
    ) -> Result<(Database, Target), Error> {
        let (database, target) = self.address(selection, observer)?;
        let services = database.services.iter();
        let mut services =
            services.filter(|service| selection.service.as_ref() == Some(&service.service));
        let Some(service) = services.next().filter(|_| database.roles) else {
            return Ok((database, target));
        };
        let own = target.without_secrets().with("user", &service.role);
        let own = match &service.password {
            Some(password) => own.with("password", password.reveal()),
            None => own,
        };
        Ok((database, own))
    }
}
