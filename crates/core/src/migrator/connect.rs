//! The one place that connects: embedded server started, servers waited for, all databases
//! reached before anything is done to any.

use std::time::Duration;

use crate::error::Error;
use crate::event::{Event, Observer};
use crate::workspace::{Address, Database};
use migrate_postgres::target::Target;
use migrate_postgres::{
    AdminError, ConnectError, Obstacle, ServerState, ServerWait, Session, create_database,
    create_database_to_deploy, create_prerequisites, database_exists, missing_prerequisites, ping,
    wait_for_server,
};
use migrate_text::prerequisites::Prerequisites;

use super::ahead::Asked;
use super::{Connected, Migrator};

/// What to do about a database that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MissingDatabase {
    /// Fail.
    Refuse,
    /// Create it where `create = true`, and on the embedded server.
    CreateIfAllowed,
    /// Create it.
    Create,
}

impl MissingDatabase {
    /// The error for the first database that is missing and may not be created.
    pub(super) fn check(self, opened: &[Opened]) -> Result<(), Error> {
        let refused = opened.iter().find_map(|one| match one {
            Opened::Missing(lost) if !self.allows(&lost.database) => Some(lost),
            _ => None,
        });
        match refused {
            Some(lost) => Err(lost.error()),
            None => Ok(()),
        }
    }

    fn allows(self, database: &Database) -> bool {
        match self {
            Self::Refuse => false,
            Self::CreateIfAllowed => {
                database.create || matches!(database.address, Address::Embedded { .. })
            }
            Self::Create => true,
        }
    }
}

/// A database that was tried.
pub(super) enum Opened {
    /// There is a session on it.
    Connected(Box<Connected>),
    /// The server is there, the database is not.
    Missing(Box<Missing>),
}

/// A database that does not exist.
pub(super) struct Missing {
    pub(super) database: Database,
    pub(super) target: Target,
    error: ConnectError,
}

impl Missing {
    /// The error for who needs it.
    pub(super) fn error(&self) -> Error {
        connect_error(&self.database, &self.target, self.error.clone())
    }
}

impl Opened {
    /// A session. Passes on what the server said while it was connected to, such as that a
    /// collation changed: it belongs to no migration.
    fn told(asked: Asked, database: Database, observer: &dyn Observer) -> Self {
        let Asked {
            mut session,
            answer,
        } = asked;
        for notice in session.take_notices() {
            observer.observe(&Event::ConnectionNotice {
                database: database.name.clone(),
                severity: notice.severity,
                message: notice.message,
            });
        }
        Self::Connected(Box::new(Connected {
            database,
            session,
            owners: None,
            answer,
        }))
    }

    pub(super) fn database(&self) -> &Database {
        match self {
            Self::Connected(connected) => &connected.database,
            Self::Missing(lost) => &lost.database,
        }
    }
}

impl Migrator {
    /// The databases with the servers that they are on: embedded server started.
    fn addresses(
        &self,
        databases: Vec<Database>,
        observer: &dyn Observer,
    ) -> Result<Vec<(Database, Target)>, Error> {
        databases
            .into_iter()
            .map(|database| {
                let target = self.target(&database, observer)?;
                Ok((database, target))
            })
            .collect()
    }

    /// The same, and servers waited for, if there is a time to wait.
    pub(super) fn targets(
        &self,
        databases: Vec<Database>,
        limit: Duration,
        observer: &dyn Observer,
    ) -> Result<Vec<(Database, Target)>, Error> {
        let targets = self.addresses(databases, observer)?;
        if !limit.is_zero() {
            for (database, target) in &targets {
                wait(database, target, limit, observer)?;
            }
        }
        Ok(targets)
    }

    /// Tries all databases, and touches none: what is there is connected to. What may pass is
    /// waited for, all databases together no longer than `limit`. Every failure is told, not only
    /// the first.
    pub(super) fn open_all(
        &self,
        databases: Vec<Database>,
        limit: Duration,
        observer: &dyn Observer,
    ) -> Result<Vec<Opened>, Error> {
        self.open_within(databases, &mut ServerWait::of(limit), observer)
    }

    /// The same, by somebody who has waited already.
    pub(super) fn open_within(
        &self,
        databases: Vec<Database>,
        patience: &mut ServerWait,
        observer: &dyn Observer,
    ) -> Result<Vec<Opened>, Error> {
        let mut opened = Vec::new();
        let mut errors = Vec::new();
        for (database, target) in self.addresses(databases, observer)? {
            match self.open(database, target, patience, observer) {
                Ok(one) => opened.push(one),
                Err(error) => errors.push(error),
            }
        }
        match errors.len() {
            0 => Ok(opened),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Several(errors)),
        }
    }

    /// Creates the databases that are missing, where that is allowed, and connects to them.
    pub(super) fn create_missing(
        &self,
        opened: Vec<Opened>,
        missing: MissingDatabase,
        observer: &dyn Observer,
    ) -> Result<Vec<Connected>, Error> {
        missing.check(&opened)?;
        opened
            .into_iter()
            .map(|one| match one {
                Opened::Connected(connected) => Ok(*connected),
                Opened::Missing(lost) => {
                    create(&lost.database, &lost.target, observer)?;
                    let target = patient(lost.target);
                    let mut once = ServerWait::of(Duration::ZERO);
                    match self.open(lost.database, target, &mut once, observer)? {
                        Opened::Connected(mut connected) => {
                            connected.prepare_to_write()?;
                            Ok(*connected)
                        }
                        // Somebody dropped it again this very moment.
                        Opened::Missing(lost) => {
                            Err(connect_error(&lost.database, &lost.target, lost.error))
                        }
                    }
                }
            })
            .collect()
    }

    /// Sessions on all databases, or the failures before anything was touched.
    pub(super) fn connect(
        &self,
        databases: Vec<Database>,
        wait: &mut ServerWait,
        observer: &dyn Observer,
    ) -> Result<Vec<Connected>, Error> {
        let opened = self.open_within(databases, wait, observer)?;
        self.create_missing(opened, MissingDatabase::Refuse, observer)
    }

    /// Where a database is. Starts the embedded server if it is there.
    fn target(&self, database: &Database, observer: &dyn Observer) -> Result<Target, Error> {
        if matches!(database.address, Address::Embedded { .. }) {
            self.ensure_embedded(observer)?;
        }
        Ok(self.target_of(database))
    }

    /// Where a database is that has been connected to.
    pub(super) fn target_of(&self, database: &Database) -> Target {
        match &database.address {
            Address::Embedded { database } => self.embedded.target(database),
            Address::Server(target) => target.clone(),
        }
    }

    /// A target with our name. Others see by it who holds a lock. One in the URL goes before.
    pub(super) fn named(&self, target: &Target) -> Target {
        let name = self.client.application_name();
        target.clone().with("fallback_application_name", name)
    }

    /// Connects, or finds out that the server is there and the database is not. Tries again while
    /// that may help.
    pub(super) fn open(
        &self,
        database: Database,
        target: Target,
        patience: &mut ServerWait,
        observer: &dyn Observer,
    ) -> Result<Opened, Error> {
        let named = self.named(&target);
        let mut begun = self.ahead.take(&database.name);
        let is_embedded = matches!(database.address, Address::Embedded { .. });
        let mut told = false;
        let error = loop {
            let connect = || Session::connect(&patience.limited(&named)).map(Asked::from);
            let connected = match begun.take().unwrap_or_else(connect) {
                // Somebody has stopped it since it was found running, or it was not asked for yet.
                Err(error) if is_embedded && error.obstacle.may_pass() => {
                    self.ensure_embedded(observer)?;
                    Session::connect(&named).map(Asked::from)
                }
                connected => connected,
            };
            let error = match connected {
                Ok(asked) => return Ok(Opened::told(asked, database, observer)),
                Err(error) => error,
            };
            // Of a silent server this is asked late: to ask takes as long as to connect.
            let may_be_missing = told || error.obstacle != Obstacle::Silent;
            let may_pass = error.obstacle.may_pass()
                && !(may_be_missing && is_missing_behind_pooler(&target, &error));
            if !may_pass || patience.is_over() {
                break error;
            }
            if !told {
                observer.observe(&Event::WaitingForServer {
                    database: database.name.clone(),
                    target: target.to_string(),
                });
                told = true;
            }
            patience.pause();
        };
        if error.obstacle == Obstacle::MissingDatabase || is_missing_behind_pooler(&target, &error)
        {
            return Ok(Opened::Missing(Box::new(Missing {
                database,
                target,
                error,
            })));
        }
        Err(Error::Connect {
            database: database.name,
            target: target.to_string(),
            error,
            waited: if told {
                patience.limit()
            } else {
                Duration::ZERO
            },
        })
    }
}

/// Whether a database is missing where a pooler stands before the server: that has other words
/// for it, and after it has told them once says nothing for a while.
fn is_missing_behind_pooler(target: &Target, error: &ConnectError) -> bool {
    let may_be = match error.obstacle {
        Obstacle::Other => true,
        Obstacle::Silent => ping(&target.with_database("postgres")) == ServerState::Accepting,
        _ => false,
    };
    may_be && matches!(database_exists(target), Ok(false))
}

/// A target for a database that was just created. A pooler that has seen it missing asks the
/// server again after 15 seconds, if it was not told otherwise, and lets us wait until then.
fn patient(target: Target) -> Target {
    match target.get("connect_timeout") {
        Some(_) => target,
        None => target.with("connect_timeout", "30"),
    }
}

fn wait(
    database: &Database,
    target: &Target,
    limit: Duration,
    observer: &dyn Observer,
) -> Result<(), Error> {
    if migrate_postgres::ping(target) == ServerState::Accepting {
        return Ok(());
    }
    observer.observe(&Event::WaitingForServer {
        database: database.name.clone(),
        target: target.to_string(),
    });
    match wait_for_server(target, limit) {
        ServerState::Accepting => Ok(()),
        state => Err(Error::NoServer {
            database: database.name.clone(),
            target: target.to_string(),
            state,
            waited: limit,
        }),
    }
}

/// Creates a database that is deployed to next; gives whether it did.
pub(super) fn create(
    database: &Database,
    target: &Target,
    observer: &dyn Observer,
) -> Result<bool, Error> {
    let created = create_database_to_deploy(target);
    told(created, database, target, observer)
}

/// Creates a database and leaves it at that; gives whether it did.
pub(super) fn create_only(
    database: &Database,
    target: &Target,
    observer: &dyn Observer,
) -> Result<bool, Error> {
    told(create_database(target), database, target, observer)
}

fn told(
    created: Result<bool, AdminError>,
    database: &Database,
    target: &Target,
    observer: &dyn Observer,
) -> Result<bool, Error> {
    let created = created.map_err(|error| admin_error(database, target, "create", error))?;
    if created {
        observer.observe(&Event::DatabaseCreated {
            database: database.name.clone(),
            name: target.database().unwrap_or_default().to_owned(),
        });
    }
    Ok(created)
}

/// An error of creating or dropping as one of a database.
pub(super) fn admin_error(
    database: &Database,
    target: &Target,
    action: &'static str,
    error: AdminError,
) -> Error {
    match error {
        AdminError::Connect(error) => connect_error(database, target, error),
        AdminError::Shared(mode) => Error::Pooler {
            database: database.name.clone(),
            target: target.to_string(),
            mode,
        },
        error @ AdminError::Server(_) => Error::Admin {
            database: database.name.clone(),
            action,
            error,
        },
    }
}

pub(super) fn connect_error(database: &Database, target: &Target, error: ConnectError) -> Error {
    Error::Connect {
        database: database.name.clone(),
        target: target.to_string(),
        error,
        waited: Duration::ZERO,
    }
}

impl Connected {
    /// Makes sure that the session is ours, that the database can be written to, and that no limit
    /// that was set for the role or the database ends the session. Call it before the lock: others
    /// may have it for long.
    pub(super) fn prepare_to_write(&mut self) -> Result<(), Error> {
        self.require_own_session()?;
        self.require_primary()?;
        self.make_settings()
    }

    /// Makes sure that the database can be written to.
    pub(super) fn require_primary(&mut self) -> Result<(), Error> {
        let standby = self.session.is_standby();
        if standby.map_err(self.failed("asking whether the server is a standby"))? {
            return Err(Error::Standby {
                database: self.database.name.clone(),
                target: self.database.address.to_string(),
                waited: Duration::ZERO,
            });
        }
        Ok(())
    }

    /// Makes the settings of a session that writes. A session that a pooler gives to others too
    /// must not have them.
    pub(super) fn make_settings(&mut self) -> Result<(), Error> {
        let settings: Vec<&str> = self.session.own_settings().collect();
        let result = self.session.execute(&settings.join("; "));
        result.map_err(self.failed("preparing the session"))
    }

    /// Creates the schemas and extensions that are missing. Call it under the lock.
    pub(super) fn create_prerequisites(
        &mut self,
        missing: &Prerequisites,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        create_prerequisites(&mut self.session, missing)
            .map_err(self.failed("creating schemas and extensions"))?;
        for name in &missing.schemas {
            observer.observe(&Event::SchemaCreated {
                database: self.database.name.clone(),
                name: name.clone(),
            });
        }
        for name in &missing.extensions {
            observer.observe(&Event::ExtensionCreated {
                database: self.database.name.clone(),
                name: name.clone(),
            });
        }
        self.session.take_notices();
        Ok(())
    }

    /// The schemas and extensions that are missing.
    pub(super) fn missing_prerequisites(&mut self) -> Result<Prerequisites, Error> {
        missing_prerequisites(&mut self.session, &self.database.prerequisites)
            .map_err(self.failed("looking for schemas and extensions"))
    }

    /// Words a server's error about a statement of ours.
    pub(super) fn failed(
        &self,
        doing: &'static str,
    ) -> impl FnOnce(migrate_postgres::ServerError) -> Error {
        let database = self.database.name.clone();
        move |error| Error::Server {
            database,
            doing,
            error,
        }
    }

    pub(super) fn ledger_failed(&self) -> impl FnOnce(crate::ledger::LedgerError) -> Error {
        let database = self.database.name.clone();
        move |error| Error::Ledger { database, error }
    }
}
