//! What the commands are told that only the door knows.

use std::time::{Duration, SystemTime};

use crate::reach::ConnectOptions;
use crate::turn::Approval;
use migrate_postgres::target::Target;

/// What to write.
#[derive(Debug, Clone)]
pub struct NewOptions {
    /// The migration's name.
    pub name: String,
    /// The service it is for.
    pub service: Option<String>,
    /// The database it is for; needed only where that is not the service's or the only one.
    pub database: Option<String>,
    /// The moment that becomes the version.
    pub now: SystemTime,
}

/// How to generate.
#[derive(Debug, Clone, Default)]
pub struct GenerateOptions {
    /// Which databases, and how long to wait for them; only asked with `from_database`. The
    /// history is always replayed for all.
    pub connect: ConnectOptions,
    /// Compare only; write nothing.
    pub check: bool,
    /// Replace files that a person wrote, too.
    pub force: bool,
    /// Read the databases themselves instead of replaying the history.
    pub from_database: bool,
    /// Replay on this server instead of our own.
    pub shadow: Option<Target>,
}

/// How to give and take privileges without a deploy.
#[derive(Debug, Clone)]
pub struct GrantsOptions {
    /// Which databases, and how long to wait for them.
    pub connect: ConnectOptions,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
    /// Whether somebody has said yes to it.
    pub approval: Approval,
}

/// What to hand over.
#[derive(Debug, Clone)]
pub struct TransferOptions {
    /// The table, with its schema outside `public`.
    pub table: String,
    /// The service that owns it.
    pub from: String,
    /// The service that shall own it.
    pub to: String,
}
