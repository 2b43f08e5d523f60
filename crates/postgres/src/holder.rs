//! Who holds a lock.

use serde::Serialize;

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
