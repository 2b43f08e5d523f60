//! `grants`, and the last step of a deploy: wall 3.

use std::time::Duration;

use crate::deploy::{ExecuteError, Remains, clean};
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::grants::{self, Applied, Passwords, Privileges, Snapshot, Wall, WallRole};
use crate::ledger::{self, LedgerError, LedgerPlace};
use crate::lock;
use crate::report::{DatabaseGrants, GrantsReport, GrantsStanding, PrivilegesDone};
use crate::workspace::{Database, Selection};
use migrate_postgres::ServerWait;
use migrate_postgres::target::Target;

use super::connect::Opened;
use super::{ConnectOptions, Connected, Migrator};

impl Migrator {
    /// How the privileges of the services' roles stand in each selected database. Writes nothing.
    pub fn grants(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<GrantsReport, Error> {
        let mut report = GrantsReport::default();
        let databases = self.workspace.databases(&options.selection)?;
        for one in self.open_all(databases, options.wait, observer)? {
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
                grants.privileges = self.privileges(&mut connected)?;
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
        options: &ConnectOptions,
        lock_wait: Duration,
        observer: &dyn Observer,
    ) -> Result<Vec<(String, PrivilegesDone)>, Error> {
        let databases = self.workspace.databases(&options.selection)?;
        if let Some(without) = databases.iter().find(|database| !database.roles) {
            return Err(Error::RolesNotSet {
                database: without.name.clone(),
            });
        }
        let mut all = Vec::new();
        let mut refused: Option<Error> = None;
        let mut wait = ServerWait::of(options.wait);
        for mut connected in self.connect(databases, &mut wait, observer)? {
            let mut done = PrivilegesDone::default();
            if self.privileges_to_change(&mut connected)?.is_some() {
                let place = connected.place()?;
                let key = lock::key(place.as_ref().map_or("public", |place| &place.schema));
                self.make_writable(&mut connected, &mut wait, observer)?;
                connected.lock(key, lock_wait, observer)?;
                let result = self.settle(&mut connected, observer);
                lock::release(&mut connected.session, key);
                match result {
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
            all.push((connected.database.name, done));
        }
        refused.map_or(Ok(all), Err)
    }

    /// How the privileges stand, where they are ours to set.
    pub(super) fn grants_standing(
        &self,
        connected: &mut Connected,
    ) -> Result<Option<GrantsStanding>, Error> {
        if !connected.database.roles {
            return Ok(None);
        }
        Ok(Some(self.privileges(connected)?.into()))
    }

    fn privileges(&self, connected: &mut Connected) -> Result<Privileges, Error> {
        let (wall, snapshot) = self.snapshot(connected)?;
        Ok(Privileges::of(&wall, &snapshot))
    }

    fn snapshot(&self, connected: &mut Connected) -> Result<(Wall, Snapshot), Error> {
        let wall = self.wall(connected)?;
        let snapshot = grants::read(&mut connected.session, &wall)
            .map_err(connected.failed("reading the privileges"))?;
        Ok((wall, snapshot))
    }

    /// What a deploy would do to the services' roles; `None` when nothing, or it may not.
    pub(super) fn privileges_to_change(
        &self,
        connected: &mut Connected,
    ) -> Result<Option<PrivilegesDone>, Error> {
        if !connected.database.roles {
            return Ok(None);
        }
        let (wall, snapshot) = self.snapshot(connected)?;
        let standing: GrantsStanding = Privileges::of(&wall, &snapshot).into();
        let passwords = connected.passwords(self);
        let done = PrivilegesDone {
            roles_created: standing.roles_missing,
            logins_allowed: standing.without_login,
            passwords_set: passwords.to_set(&snapshot).cloned().collect(),
            given: standing.to_give,
            taken: standing.to_take,
        };
        Ok((!done.is_nothing()).then_some(done))
    }

    /// Gives and takes what has to be, where `roles = true`. Call it under the lock.
    pub(super) fn settle(
        &self,
        connected: &mut Connected,
        observer: &dyn Observer,
    ) -> Result<PrivilegesDone, Error> {
        let mut done = PrivilegesDone::default();
        self.settle_into(connected, observer, &mut done)?;
        Ok(done)
    }

    /// The same; what was done is told even where not all could be.
    pub(super) fn settle_into(
        &self,
        connected: &mut Connected,
        observer: &dyn Observer,
        done: &mut PrivilegesDone,
    ) -> Result<(), Error> {
        if !connected.database.roles {
            return Ok(());
        }
        // Whoever interrupts the run now must not leave new tables without privileges.
        let _hold = self.interrupt.hold();
        // A migration may have left another role or search path behind.
        let clean: Vec<String> = clean(&connected.session).collect();
        let reset = connected.session.execute(&clean.join("; "));
        reset.map_err(connected.failed("setting the privileges"))?;
        let wall = self.wall(connected)?;
        let passwords = connected.passwords(self);
        let lock_timeout = connected.database.lock_timeout;
        let session = &mut connected.session;
        let mut applied = grants::apply(session, &wall, &passwords, lock_timeout)
            .map_err(connected.failed("setting the privileges"))?;
        if !applied.passwords_set.is_empty() {
            // It may be another who asks: a pooler has passwords of its own.
            applied.tried_again(&connected.passwords(self));
        }
        tell(&connected.database.name, &applied, observer);
        *done = PrivilegesDone {
            roles_created: applied.roles_created,
            logins_allowed: applied.logins_allowed,
            passwords_set: applied.passwords_set,
            given: applied.given,
            taken: applied.taken,
        };
        if applied.refused.is_empty() {
            return Ok(());
        }
        Err(Error::Privileges {
            database: connected.database.name.clone(),
            role: applied.role,
            partly: !done.is_nothing(),
            refused: applied.refused,
        })
    }

    /// The same after migrations were run, even if one failed: what was committed before it has no
    /// privileges on it yet. The migration's error goes before ours.
    pub(super) fn settle_after(
        &self,
        connected: &mut Connected,
        ran: Result<(), Error>,
        committed: bool,
        observer: &dyn Observer,
        done: &mut PrivilegesDone,
    ) -> Result<(), Error> {
        let Err(error) = ran else {
            return self.settle_into(connected, observer, done);
        };
        if !committed && !leaves_something(&error) {
            return Err(error);
        }
        match self.settle_into(connected, observer, done) {
            // That the connection is gone has been told.
            Err(Error::Server { error: lost, .. }) if lost.connection_lost => Err(error),
            Err(ours) => Err(error.and(ours)),
            Ok(()) => Err(error),
        }
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

    /// Who comes to a database, and whose everything there is.
    fn wall(&self, connected: &mut Connected) -> Result<Wall, Error> {
        let place = connected.place()?;
        let database = &connected.database;
        let policy = self.policy(&database.name)?;
        let roles = database.services.iter().map(|role| WallRole {
            service: role.service.clone(),
            role: role.role.clone(),
            reads: policy.reads(&role.service).to_vec(),
        });
        let roles = roles.collect();
        let owners = match &connected.owners {
            Some(owners) => owners.clone(),
            None => self
                .guarded(&self.history()?, &database.name)?
                .attributed()
                .owners(),
        };
        connected.owners = Some(owners.clone());
        Ok(Wall {
            roles,
            owners,
            versions: place
                .filter(|place| place.diesel_table)
                .map(|place| place.diesel()),
        })
    }
}

/// Whether a failed migration left a part of it, or more, in the database.
fn leaves_something(error: &Error) -> bool {
    match error {
        Error::Stopped { error, report } => {
            let mut databases = report.databases.iter();
            leaves_something(error)
                || databases.any(|one| !one.applied.is_empty() || !one.reverted.is_empty())
        }
        Error::Execute { error, .. } => match error {
            ExecuteError::Migration(failure) => failure.remains != Remains::Nothing,
            ExecuteError::Breach(breach) => breach.for_good || breach.remains != Remains::Nothing,
            ExecuteError::Interrupted { remains, .. } => {
                remains.is_some_and(|remains| remains != Remains::Nothing)
            }
            _ => false,
        },
        _ => false,
    }
}

fn tell(database: &str, applied: &Applied, observer: &dyn Observer) {
    for role in &applied.roles_created {
        observer.observe(&Event::RoleCreated {
            database: database.to_owned(),
            role: role.clone(),
        });
    }
    for role in &applied.logins_allowed {
        observer.observe(&Event::LoginAllowed {
            database: database.to_owned(),
            role: role.clone(),
        });
    }
    for role in &applied.passwords_set {
        observer.observe(&Event::PasswordSet {
            database: database.to_owned(),
            role: role.clone(),
        });
    }
    if applied.given + applied.taken > 0 {
        observer.observe(&Event::PrivilegesChanged {
            database: database.to_owned(),
            given: applied.given,
            taken: applied.taken,
        });
    }
}

impl Connected {
    /// Where the ledger is; `None` when there is no schema for it yet.
    fn place(&mut self) -> Result<Option<LedgerPlace>, Error> {
        match ledger::locate(&mut self.session) {
            Ok(place) => Ok(Some(place)),
            Err(LedgerError::NoSchema) => Ok(None),
            Err(error) => Err(self.ledger_failed()(error)),
        }
    }

    /// The services' passwords, each tried.
    fn passwords(&self, migrator: &Migrator) -> Passwords {
        let services = self.database.services.iter();
        let by_role = services
            .filter_map(|service| Some((service.role.clone(), service.password.clone()?)))
            .collect();
        let target = migrator.target_of(&self.database);
        Passwords::tried(by_role, &target)
    }
}
