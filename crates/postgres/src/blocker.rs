//! What a session waits for, and who stands in its way.

use serde::Serialize;

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
