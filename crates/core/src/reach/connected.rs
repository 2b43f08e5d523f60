//! A database that has been connected to.

use std::time::Duration;

use crate::workspace::{Database, Selection};
use migrate_postgres::Session;

use super::ahead::Answer;

/// How to reach databases.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// Which databases.
    pub selection: Selection,
    /// How long to wait for servers that do not answer yet.
    pub wait: Duration,
}

/// A database and the session on it.
pub(crate) struct Connected {
    pub(crate) database: Database,
    pub(crate) session: Session,
    /// What the database said before anything else was asked. Of no worth once it may have
    /// changed: under the lock.
    pub(crate) answer: Option<Answer>,
}
