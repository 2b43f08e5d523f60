//! What a server allows a session: whether it can be written to, and for how long.

use super::server_error::ServerError;
use super::session::Session;

/// Settings that an administrator may have made for a role or a database, and what they have to
/// be in a session of ours, with the first version that has them.
///
/// Between two messages of ours a session is idle: while another deploy holds the lock, while
/// other databases have their turn, before a migration is tried again. Limits on that, and on
/// what the settings of `migrate.toml` limit, are for the sessions of applications.
///
/// The last two decide where a string ends, for the server that reads our messages and in the
/// bodies and strings that a file has it run. Set for the session they outlast a reload of the
/// server's files too, which comes between our message and its reading.
const OWN: [(i32, &str); 8] = [
    (0, "set default_transaction_read_only = off"),
    (0, "set statement_timeout = 0"),
    (0, "set lock_timeout = 0"),
    (0, "set idle_in_transaction_session_timeout = 0"),
    (140_000, "set idle_session_timeout = 0"),
    (170_000, "set transaction_timeout = 0"),
    (0, "set standard_conforming_strings = on"),
    (0, "set client_encoding = 'UTF8'"),
];

/// What has the server read the next message as we do.
pub const READ_AS_WE_WRITE: &str =
    "set standard_conforming_strings = on; set client_encoding = 'UTF8'";

impl Session {
    /// The settings of a session that writes. `reset all` undoes them, so they follow it.
    pub fn own_settings(&self) -> impl Iterator<Item = &'static str> + use<> {
        let version = self.server_version();
        let known = OWN.into_iter().filter(move |(since, _)| version >= *since);
        known.map(|(_, setting)| setting)
    }

    /// Whether the server only follows another one, and so can only be read.
    pub fn is_standby(&mut self) -> Result<bool, ServerError> {
        // Reported without being asked since 14, but not by every pooler.
        if let Some(reported) = self.reported(c"in_hot_standby") {
            return Ok(reported == "on");
        }
        let rows = self.query("select pg_catalog.pg_is_in_recovery()", &[])?;
        Ok(rows.single() == Some("t"))
    }
}
