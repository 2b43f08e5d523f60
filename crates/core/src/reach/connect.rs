//! The one place that connects: embedded server started, servers waited for, all databases
//! reached before anything is done to any.

use std::time::Duration;

use crate::error::Error;
use crate::event::Event;
use crate::workspace::{Address, Database};
use migrate_postgres::target::Target;
use migrate_postgres::{
    AdminError, ConnectError, Obstacle, ServerState, ServerWait, Session, create_database,
    create_database_to_deploy, database_exists, ping, wait_for_server,
};

use super::ahead::{Asked, Question};
use super::connected::Connected;
use super::run::Run;

/// What to do about a database that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingDatabase {
    /// Fail.
    Refuse,
    /// Create it where `create = true`, and on the embedded server.
    CreateIfAllowed,
    /// Create it.
    Create,
}

impl MissingDatabase {
    /// The error for the first database that is missing and may not be created.
    pub(crate) fn check(self, opened: &[Opened]) -> Result<(), Error> {
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
pub(crate) enum Opened {
    /// There is a session on it.
    Connected(Box<Connected>),
    /// The server is there, the database is not.
    Missing(Box<Missing>),
}

/// A database that does not exist.
pub(crate) struct Missing {
    pub(crate) database: Database,
    pub(crate) target: Target,
    error: ConnectError,
}

impl Missing {
    /// The error for who needs it.
    pub(crate) fn error(&self) -> Error {
        connect_error(&self.database, &self.target, self.error.clone())
    }
}

impl Opened {
    /// A session. Passes on what the server said while it was connected to, such as that a
    /// collation changed: it belongs to no migration.
    fn told(asked: Asked, database: Database, run: Run<'_>) -> Self {
        let Asked {
            mut session,
            answer,
        } = asked;
        for notice in session.take_notices() {
            run.observer.observe(&Event::ConnectionNotice {
                database: database.name.clone(),
                severity: notice.severity,
                message: notice.message,
            });
        }
        Self::Connected(Box::new(Connected {
            database,
            session,
            answer,
        }))
    }

    pub(crate) fn database(&self) -> &Database {
        match self {
            Self::Connected(connected) => &connected.database,
            Self::Missing(lost) => &lost.database,
        }
    }
}

impl Run<'_> {
    /// Begins to ask databases, each on a thread of its own.
    pub(crate) fn ask_ahead(self, databases: &[Database], wait: Duration, question: Question) {
        let wait = ServerWait::of(wait);
        for database in databases {
            let is_embedded = matches!(database.address, Address::Embedded { .. });
            if is_embedded && !self.embedded.socket_folder_is_safe() {
                continue;
            }
            let target = self.named(&self.target_of(database));
            self.ahead
                .begin(&database.name, wait.limited(&target), question);
        }
    }

    /// The databases with the servers that they are on: embedded server started.
    fn addresses(self, databases: Vec<Database>) -> Result<Vec<(Database, Target)>, Error> {
        databases
            .into_iter()
            .map(|database| {
                let target = self.target(&database)?;
                Ok((database, target))
            })
            .collect()
    }

    /// The same, and servers waited for, if there is a time to wait.
    pub(crate) fn targets(
        self,
        databases: Vec<Database>,
        limit: Duration,
    ) -> Result<Vec<(Database, Target)>, Error> {
        let targets = self.addresses(databases)?;
        if !limit.is_zero() {
            for (database, target) in &targets {
                self.wait(database, target, limit)?;
            }
        }
        Ok(targets)
    }

    /// Tries all databases, and touches none: what is there is connected to. What may pass is
    /// waited for, all databases together no longer than `limit`. Every failure is told, not only
    /// the first.
    pub(crate) fn open_all(
        self,
        databases: Vec<Database>,
        limit: Duration,
    ) -> Result<Vec<Opened>, Error> {
        self.open_within(databases, &mut ServerWait::of(limit))
    }

    /// The same, by somebody who has waited already.
    pub(crate) fn open_within(
        self,
        databases: Vec<Database>,
        patience: &mut ServerWait,
    ) -> Result<Vec<Opened>, Error> {
        let mut opened = Vec::new();
        let mut errors = Vec::new();
        for (database, target) in self.addresses(databases)? {
            match self.open(database, target, patience) {
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
    pub(crate) fn create_missing(
        self,
        opened: Vec<Opened>,
        missing: MissingDatabase,
    ) -> Result<Vec<Connected>, Error> {
        missing.check(&opened)?;
        opened
            .into_iter()
            .map(|one| match one {
                Opened::Connected(connected) => Ok(*connected),
                Opened::Missing(lost) => {
                    self.create(&lost.database, &lost.target)?;
                    let target = patient(lost.target);
                    let mut once = ServerWait::of(Duration::ZERO);
                    match self.open(lost.database, target, &mut once)? {
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
    pub(crate) fn connect(
        self,
        databases: Vec<Database>,
        wait: &mut ServerWait,
    ) -> Result<Vec<Connected>, Error> {
        let opened = self.open_within(databases, wait)?;
        self.create_missing(opened, MissingDatabase::Refuse)
    }

    /// Where a database is. Starts the embedded server if it is there.
    fn target(self, database: &Database) -> Result<Target, Error> {
        if matches!(database.address, Address::Embedded { .. }) {
            self.ensure_embedded()?;
        }
        Ok(self.target_of(database))
    }

    /// Where a database is that has been connected to.
    pub(crate) fn target_of(self, database: &Database) -> Target {
        match &database.address {
            Address::Embedded { database } => self.embedded.target(database),
            Address::Server(target) => target.clone(),
        }
    }

    /// A target with our name. Others see by it who holds a lock. One in the URL goes before.
    pub(crate) fn named(self, target: &Target) -> Target {
        let name = self.client.application_name();
        target.clone().with("fallback_application_name", name)
    }

    /// Connects, or finds out that the server is there and the database is not. Tries again while
    /// that may help.
    pub(crate) fn open(
        self,
        database: Database,
        target: Target,
        patience: &mut ServerWait,
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
                    self.ensure_embedded()?;
                    Session::connect(&named).map(Asked::from)
                }
                connected => connected,
            };
            let error = match connected {
                Ok(asked) => return Ok(Opened::told(asked, database, self)),
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
                self.observer.observe(&Event::WaitingForServer {
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
        // It was waited for already, as long as is said.
        Obstacle::Silent => {
            let shortly = target
                .with_database("postgres")
                .with("connect_timeout", "2");
            ping(&shortly) == ServerState::Accepting
        }
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

impl Run<'_> {
    fn wait(self, database: &Database, target: &Target, limit: Duration) -> Result<(), Error> {
        if ping(target) == ServerState::Accepting {
            return Ok(());
        }
        self.observer.observe(&Event::WaitingForServer {
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
    pub(crate) fn create(self, database: &Database, target: &Target) -> Result<bool, Error> {
        self.told(create_database_to_deploy(target), database, target)
    }

    /// Creates a database and leaves it at that; gives whether it did.
    pub(crate) fn create_only(self, database: &Database, target: &Target) -> Result<bool, Error> {
        self.told(create_database(target), database, target)
    }

    fn told(
        self,
        created: Result<bool, AdminError>,
        database: &Database,
        target: &Target,
    ) -> Result<bool, Error> {
        let created = created.map_err(|error| admin_error(database, target, "create", error))?;
        if created {
            self.observer.observe(&Event::DatabaseCreated {
                database: database.name.clone(),
                name: target.database().unwrap_or_default().to_owned(),
            });
        }
        Ok(created)
    }
}

/// An error of creating or dropping as one of a database.
pub(crate) fn admin_error(
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

pub(crate) fn connect_error(database: &Database, target: &Target, error: ConnectError) -> Error {
    Error::Connect {
        database: database.name.clone(),
        target: target.to_string(),
        error,
        waited: Duration::ZERO,
    }
}
