//! What a large history may use.

/// What a large history may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryOptions {
    /// Whether one migration has SQL-standard function bodies (`BEGIN ATOMIC`), which PostgreSQL
    /// knows since version 14. Without them the same functions get quoted bodies.
    pub begin_atomic: bool,
}

impl Default for HistoryOptions {
    fn default() -> Self {
        Self { begin_atomic: true }
    }
}

impl HistoryOptions {
    /// All that the server of the tests knows.
    pub fn of_server() -> Self {
        Self {
            begin_atomic: crate::server_version() >= 14,
        }
    }
}
