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
    /// A migration was rolled back, as another session stood in its way; it is tried again.
    Retrying {
        /// The database.
        database: String,
        /// The migration.
        migration: MigrationRef,
        /// What stood in its way.
        because: Collision,
        /// Which try this was, from 1.
        attempt: u32,
        /// How many there are at most.
        attempts: u32,
        /// For whom it waited, if it did.
        blockage: Option<Blockage>,
        /// After this pause.
        #[serde(skip)]
        pause: Duration,
    },
    /// A migration waits for others, and nothing limits how long.
    Blocked {
        /// The database.
        database: String,
        /// The migration.
        migration: MigrationRef,
        /// For whom.
        blockage: Blockage,
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
    /// An invalid index was dropped: a build that did not come to its end had left it.
    InvalidIndexDropped {
        /// The database.
        database: String,
        /// The migration.
        version: String,
        /// The index, as it is written in SQL.
        index: String,
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
    /// What it calls itself; ours say process and host: `migrate 4711@web-1`. May be empty.
    pub application: String,
    /// Where it is connected from.
    #[serde(flatten)]
    pub connected: Option<Connected>,
}

/// When and where from somebody is connected. The server tells it only of the role's own sessions,
/// and to members of `pg_read_all_stats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Connected {
    /// Since when, in ISO 8601, UTC.
    pub since: String,
    /// The network address; none through a socket of the server's machine.
    pub address: Option<String>,
}

/// How another session can stand in a migration's way such that the next try may do better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Collision {
    /// It held a lock for longer than `lock_timeout`.
    Lock,
    /// Each waited for the other.
    Deadlock,
    /// It changed the same rows, and the migration asked for a stricter isolation.
    Serialization,
}

/// What a session waits for, and for whom.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Blockage {
    /// The lock, if it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<WantedLock>,
    /// Who holds it or wants it earlier; who waits for nobody first, the oldest transaction first.
    pub blockers: Vec<Blocker>,
    /// Why nobody could be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_asked: Option<String>,
}

/// A lock that a session waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WantedLock {
    /// As PostgreSQL calls it: `relation`, `transactionid`, `virtualxid`, ...
    pub kind: String,
    /// As PostgreSQL calls it: `AccessExclusiveLock`.
    pub mode: String,
    /// With its schema, quoted where that is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
}

/// A session that another one waits for. Its query is not here: it may hold secrets.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Blocker {
    /// The server's process; 0 for a prepared transaction, which has none.
    pub pid: i32,
    /// Its role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// `client backend`, `autovacuum worker`, ...; missing where the role may not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `active`, `idle in transaction`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The first word of its query; of an autovacuum all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// How long ago its query began, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_age: Option<f64>,
    /// How long ago its transaction began, or was prepared, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_age: Option<f64>,
    /// Processes that it waits for itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<i32>,
    /// The name of a prepared transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepared: Option<String>,
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

    /// Whether somebody looks on, who wants to hear of each migration as soon as it is done.
    /// Otherwise several are sent at once.
    fn looks_on(&self) -> bool {
        false
    }
}

/// Watches nothing.
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&mut self, _: &Event) {}
}
