//! What a run tells its observer while it goes on. The library words nothing; the command line
//! does.

use std::time::Duration;

use serde::Serialize;

use migrate_postgres::blocker::Blockage;
use migrate_postgres::holder::Holder;
use migrate_text::migration_ref::{Direction, MigrationRef};

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

/// Is told of every event. Those of one database come in order; several databases may have their
/// turn at once, each on a thread of its own.
pub trait Observer: Send + Sync {
    /// An event happened.
    fn observe(&self, event: &Event);

    /// Whether somebody looks on, who wants to hear of each migration as soon as it is done.
    /// Otherwise several are sent at once.
    fn looks_on(&self) -> bool {
        false
    }
}

/// Watches nothing.
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&self, _: &Event) {}
}
