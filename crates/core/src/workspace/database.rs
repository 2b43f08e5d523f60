//! A database with every variable of its settings looked up.

use std::fmt;
use std::time::Duration;

use migrate_postgres::target::Target;
use migrate_text::prerequisites::Prerequisites;
use migrate_text::secret::Secret;

/// A database with all its settings resolved.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its name in `migrate.toml`; `main` where there is none.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Whether `deploy` creates it when it is missing.
    pub create: bool,
    /// What has to be in it before the first migration.
    pub prerequisites: Prerequisites,
    /// What services are told about their pools.
    pub pool: Pool,
    /// How long a statement of a migration may wait for a lock; zero for ever.
    pub lock_timeout: Duration,
    /// How often a migration is tried again that did not get a lock in time.
    pub lock_retries: u32,
    /// How long a statement of a migration may take; zero for ever.
    pub statement_timeout: Duration,
    /// Whether each service has a role of its own there, with the privileges it needs.
    pub roles: bool,
    /// Whether migrations that come late are refused.
    pub strict_order: bool,
    /// The services whose tables are there, with their roles.
    pub services: Vec<ServiceRole>,
}

/// A service by the role with which it comes to its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRole {
    /// The service.
    pub service: String,
    /// The role.
    pub role: String,
    /// The role's password, if a variable has one.
    pub password: Option<Secret>,
    /// The variable that has it, or would have it.
    pub password_variable: String,
}

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// On the server that we run ourselves.
    Embedded {
        /// The database's name there.
        database: String,
    },
    /// On a server of someone else's.
    Server(Target),
}

impl fmt::Display for Address {
    /// For people, without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { database } => write!(f, "embedded:{database}"),
            Self::Server(target) => target.fmt(f),
        }
    }
}

/// A service's pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Connections at most.
    pub max_size: u32,
    /// After which an unused connection is closed.
    pub idle_timeout: Duration,
}
