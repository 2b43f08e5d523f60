//! What a run tells its observer while it goes on. The library words nothing; the command line
//! does.

use std::time::Duration;

use serde::Serialize;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The embedded server was started.
    EmbeddedStarted {
        /// The server's version.
        version: String,
        /// Whether it was set up just now.
        initialised: bool,
    },
    /// A database was created.
    DatabaseCreated {
        /// Its name in `migrate.toml`.
        database: String,
        /// Its name on the server.
        name: String,
    },
    /// A schema was created.
    SchemaCreated {
        /// The database.
        database: String,
        /// The schema.
        name: String,
    },
    /// An extension was created.
    ExtensionCreated {
        /// The database.
        database: String,
        /// The extension.
        name: String,
    },
    /// A server does not answer yet.
    WaitingForServer {
        /// The database.
        database: String,
        /// Where, without the password.
        target: String,
    },
    /// A server can only be read as long as it follows another one.
    WaitingForPromotion {
        /// The database.
        database: String,
        /// Where, without the password.
        target: String,
    },
    /// The connection was lost in the middle of a deploy, which tries to go on.
    ConnectionLost {
        /// The database.
        database: String,
        /// Where, without the password.
        target: String,
        /// Why, in the server's words or libpq's.
        message: String,
    },
    /// A server said something, not an error, when it was connected to.
    ConnectionNotice {
        /// The database.
        database: String,
        /// `NOTICE`, `WARNING`, ...
        severity: String,
        /// What it said.
        message: String,
    },
    /// Someone else deploys.
    WaitingForLock {
        /// The database.
        database: String,
        /// Who.
        holder: Holder,
    },
    /// A history was replayed into a shadow database.
    Replayed {
        /// The database whose history it is.
        database: String,
        /// How many migrations were run; the others had been replayed before.
        migrations: usize,
    },
    /// These migrations of a database are about to be applied or reverted.
    Planned {
        /// The database.
        database: String,
        /// They, in order.
        migrations: Vec<MigrationRef>,
    },
    /// A migration is sent to the server now.
    Started {
        /// The database.
        database: String,
        /// The migration.
        migration: MigrationRef,
        /// `up` or `down`.
        direction: Direction,
        /// Its SQL, passwords masked.
        #[serde(skip)]
        sql: String,
    },
    /// A migration waits for a lock that an application holds; it is tried again.
    Retrying {
        /// The database.
        database: String,
        /// The migration.
        migration: MigrationRef,
        /// After this pause.
        #[serde(skip)]
        pause: Duration,
    },
    /// A migration was applied or reverted.
    Done {
        /// The database.
        database: String,
        /// The migration.
        migration: MigrationRef,
        /// `up` or `down`.
        direction: Direction,
        /// How long it took, in milliseconds.
        duration_ms: f64,
    },
    /// Diesel's own tool applied this migration before; it is now in our ledger too.
    Adopted {
        /// The database.
        database: String,
        /// The version.
        version: String,
    },
    /// The role of a service was created.
    RoleCreated {
        /// The database.
        database: String,
        /// The role.
        role: String,
    },
    /// The role of a service was there, and may log in now.
    LoginAllowed {
        /// The database.
        database: String,
        /// The role.
        role: String,
    },
    /// The password of a service's role was set.
    PasswordSet {
        /// The database.
        database: String,
        /// The role.
        role: String,
    },
    /// Privileges of services' roles were given and taken.
    PrivilegesChanged {
        /// The database.
        database: String,
        /// How many were given.
        given: usize,
        /// How many were taken.
        taken: usize,
    },
    /// The server had something to say.
    Notice {
        /// The database.
        database: String,
        /// The migration.
        version: String,
        /// `NOTICE`, `WARNING`, ...
        severity: String,
        /// The message.
        message: String,
    },
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// The server's process that serves it.
    pub pid: i32,
    /// Its role.
    pub user: String,
    /// What it calls itself; ours say host and process: `migrate 4711@web-1`.
    pub application: String,
    /// Since when it is connected, in ISO 8601.
    pub since: String,
}

/// The way a migration is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// `up.sql`
    Up,
    /// `down.sql`
    Down,
}

impl Direction {
    /// As it stands in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// What identifies a migration to a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationRef {
    /// The version.
    pub version: String,
    /// The name after the version.
    pub name: String,
    /// The services.
    pub services: Vec<String>,
}

/// Is told of every event, in order.
pub trait Observer {
    /// An event happened.
    fn observe(&mut self, event: &Event);
}

/// Watches nothing.
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&mut self, _: &Event) {}
}
