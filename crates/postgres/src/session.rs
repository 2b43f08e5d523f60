//! One connection to one database.
//!
//! Diesel's `PgConnection` tells neither the SQLSTATE of an error, nor how many statements of a
//! message were done before it, nor can a query on it be cancelled. The same libpq can do all
//! three, so this is a thin layer over it, with libpq's own connection parameters.

use std::ffi::CStr;

use crate::target::Target;

use super::connect::ConnectError;
use super::libpq::Canceller;
use super::result::Notice;
use super::row::Rows;
use super::server_error::ServerError;
use super::wire::Wire;

/// An open connection. Closed when dropped; whatever it had locked is then free.
pub struct Session {
    pub(super) wire: Wire,
    /// Whether a pooler was seen to leave the server's process to us alone.
    pub(super) is_own: bool,
}

/// The settings by which the server reads a message, whole and before its first statement, and
/// what they have to be for us to read it the same way. A role or database may have others.
const READING: [(&CStr, &str); 2] = [
    (c"client_encoding", "UTF8"),
    (c"standard_conforming_strings", "on"),
];

impl Session {
    /// Connects. Waits ten seconds at most unless the target says otherwise.
    pub fn connect(target: &Target) -> Result<Self, ConnectError> {
        Ok(Self::on(Wire::connect(target)?))
    }

    /// Connects once more to the server that this session is on, as the same role.
    pub fn connect_beside(&self) -> Result<Self, ConnectError> {
        Ok(Self::on(self.wire.connect_beside()?))
    }

    fn on(wire: Wire) -> Self {
        Self {
            wire,
            is_own: false,
        }
    }

    /// Runs one statement with parameters `$1`, `$2`, ... as text, and gives its rows.
    pub fn query(&mut self, sql: &str, parameters: &[Option<&str>]) -> Result<Rows, ServerError> {
        self.wire.query(sql, parameters)
    }

    /// Whether the server reads messages otherwise than we do: in another encoding, or with
    /// backslashes meaning something else. Then [`READ_AS_WE_WRITE`](crate::READ_AS_WE_WRITE) has to be sent first, in a
    /// message of its own.
    pub fn reads_otherwise(&self) -> bool {
        let mut settings = READING.into_iter();
        settings.any(|(setting, needed)| self.reported(setting) != Some(needed))
    }

    /// A setting as the server last reported it, of those that it reports by itself:
    /// `client_encoding`, `standard_conforming_strings`, `search_path` since 18, and a few more.
    pub(super) fn reported(&self, setting: &CStr) -> Option<&str> {
        self.wire.connection.reported(setting)
    }

    /// The notices since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.wire.connection.take_notices()
    }

    /// How many messages were sent: the round trips after connecting.
    pub fn messages_sent(&self) -> u64 {
        self.wire.sent
    }

    /// The server's version as a number: 150018 is 15.18.
    pub fn server_version(&self) -> i32 {
        self.wire.connection.server_version()
    }

    /// Whether the connection is gone.
    pub fn is_broken(&self) -> bool {
        self.wire.connection.is_broken()
    }

    /// Whether a transaction is open, failed or not.
    pub fn in_transaction(&self) -> bool {
        self.wire.connection.in_transaction()
    }

    /// A handle by which another thread can stop what this session is doing.
    pub fn canceller(&self) -> Canceller {
        self.wire.connection.canceller()
    }
}
