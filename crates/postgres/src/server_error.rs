//! What PostgreSQL says when it refuses a statement.

use serde::Serialize;

/// An error of the server with all its fields, or of libpq when the connection broke.
///
/// The fields are those of the protocol's `ErrorResponse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct ServerError {
    /// `ERROR`, `FATAL` or `PANIC`, not translated.
    pub severity: String,
    /// Five characters; empty when the connection broke.
    pub sqlstate: String,
    /// The primary message.
    pub message: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What PostgreSQL suggests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where inside functions and queries it happened, innermost first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Where in the text that was sent, in characters from 1.
    #[serde(skip)]
    pub position: Option<usize>,
    /// A query that the server ran or read for the statement: a function's body, a statement of
    /// a `DO` block.
    #[serde(skip)]
    pub internal_query: Option<String>,
    /// Where in that query, in characters from 1.
    #[serde(skip)]
    pub internal_position: Option<usize>,
    /// Whether the connection is gone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub connection_lost: bool,
}

impl ServerError {
    /// Whether the server answered with this SQLSTATE.
    pub fn is(&self, sqlstate: &str) -> bool {
        self.sqlstate == sqlstate
    }

    /// What ails the server, where it is that and not what was sent.
    pub fn ailment(&self) -> Option<Ailment> {
        Some(match self.sqlstate.as_str() {
            sqlstate::DISK_FULL => Ailment::DiskFull,
            sqlstate::OUT_OF_MEMORY => Ailment::OutOfMemory,
            sqlstate::IO_ERROR => Ailment::Disk,
            sqlstate::TOO_MANY_CONNECTIONS => Ailment::OutOfConnections,
            sqlstate::READ_ONLY_TRANSACTION => Ailment::ReadOnly,
            sqlstate::IDLE_SESSION_TIMEOUT
            | sqlstate::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            | sqlstate::TRANSACTION_TIMEOUT => Ailment::TimeLimit,
            sqlstate::ADMIN_SHUTDOWN | sqlstate::CRASH_SHUTDOWN | sqlstate::CANNOT_CONNECT_NOW => {
                Ailment::Stopped
            }
            _ if self.connection_lost => Ailment::Lost,
            _ => return None,
        })
    }

    /// Whether nobody can know if what was sent was committed: the connection was lost before
    /// the server had answered.
    ///
    /// A server that says `FATAL` instead of that the commit was done has rolled back: while it
    /// commits it lets nothing interrupt it. After a `PANIC` its recovery decides. An error without
    /// the severity that no language changes is not from PostgreSQL, but from a pooler that has
    /// lost the server.
    pub fn outcome_is_unknown(&self) -> bool {
        let is_told = !self.sqlstate.is_empty() && !self.severity.is_empty();
        self.connection_lost && (!is_told || self.severity == "PANIC")
    }

    /// Text that PostgreSQL could not take, or that is none to us. The connection is as it was.
    pub(super) fn not_text(message: &str) -> Self {
        Self {
            severity: "ERROR".to_owned(),
            sqlstate: sqlstate::CHARACTER_NOT_IN_REPERTOIRE.to_owned(),
            connection_lost: false,
            ..Self::lost(message.to_owned())
        }
    }

    /// A `COPY` that wants the client to send or to take rows. It may come out of a function.
    pub(super) fn copy() -> Self {
        Self {
            severity: "ERROR".to_owned(),
            sqlstate: sqlstate::FEATURE_NOT_SUPPORTED.to_owned(),
            connection_lost: false,
            ..Self::lost("COPY from or to the client is not possible in a migration".to_owned())
        }
    }

    /// Somebody asked to stop while no statement was running that the server could cancel.
    pub fn interrupted() -> Self {
        Self {
            severity: "ERROR".to_owned(),
            sqlstate: sqlstate::QUERY_CANCELED.to_owned(),
            connection_lost: false,
            ..Self::lost("interrupted between two statements".to_owned())
        }
    }

    /// An index that is there and of no use, where one is to be built.
    pub fn invalid_index(name: &str) -> Self {
        Self {
            severity: "ERROR".to_owned(),
            sqlstate: sqlstate::DUPLICATE_TABLE.to_owned(),
            connection_lost: false,
            ..Self::lost(format!("index {name} exists, and is invalid"))
        }
    }

    /// An error of a code of our own, as a statement of ours would raise it.
    pub fn raised(sqlstate: &str, message: &str, detail: String) -> Self {
        Self {
            severity: "ERROR".to_owned(),
            sqlstate: sqlstate.to_owned(),
            connection_lost: false,
            detail: Some(detail),
            ..Self::lost(message.to_owned())
        }
    }

    /// A broken connection, in libpq's words.
    pub(super) fn lost(message: String) -> Self {
        Self {
            severity: "FATAL".to_owned(),
            sqlstate: String::new(),
            message,
            detail: None,
            hint: None,
            context: None,
            position: None,
            internal_query: None,
            internal_position: None,
            connection_lost: true,
        }
    }
}

/// What is wrong with a server, whoever asks it for whatever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ailment {
    /// The connection broke, and nobody said why.
    Lost,
    /// It was stopped, has crashed, or an administrator has ended the session.
    Stopped,
    /// No space is left on its disk.
    DiskFull,
    /// Its disk cannot be read or written.
    Disk,
    /// It has no memory left.
    OutOfMemory,
    /// All its connections are in use.
    OutOfConnections,
    /// It can only be read.
    ReadOnly,
    /// A limit that the server sets on sessions or transactions was reached.
    TimeLimit,
}

/// The SQLSTATEs that the code knows by name.
///
/// Source: the manual's appendix "PostgreSQL Error Codes".
pub mod sqlstate {
    /// A lock was not had within `lock_timeout`.
    pub const LOCK_NOT_AVAILABLE: &str = "55P03";
    /// Bytes that are no text.
    pub const CHARACTER_NOT_IN_REPERTOIRE: &str = "22021";
    /// Not possible.
    pub const FEATURE_NOT_SUPPORTED: &str = "0A000";
    /// A savepoint that is not there.
    pub const INVALID_SAVEPOINT: &str = "3B001";
    /// Needs a transaction, and there is none.
    pub const NO_ACTIVE_TRANSACTION: &str = "25P01";
    /// Cannot run inside a transaction.
    pub const ACTIVE_TRANSACTION: &str = "25001";
    /// The text is not SQL.
    pub const SYNTAX_ERROR: &str = "42601";
    /// What is to be done does not go with an object of this kind.
    pub const WRONG_OBJECT_TYPE: &str = "42809";
    /// The role may not.
    pub const INSUFFICIENT_PRIVILEGE: &str = "42501";
    /// No way to log in as this role from here.
    pub const INVALID_AUTHORIZATION: &str = "28000";
    /// A password that is not the role's.
    pub const INVALID_PASSWORD: &str = "28P01";
    /// There is no such database.
    pub const INVALID_CATALOG_NAME: &str = "3D000";
    /// Not now, not with this: a database that takes no connections.
    pub const OBJECT_NOT_IN_PREREQUISITE_STATE: &str = "55000";
    /// All connections are in use.
    pub const TOO_MANY_CONNECTIONS: &str = "53300";
    /// No space is left on the server's disk.
    pub const DISK_FULL: &str = "53100";
    /// The server has no memory left.
    pub const OUT_OF_MEMORY: &str = "53200";
    /// The server's operating system could not read or write.
    pub const IO_ERROR: &str = "58030";
    /// Somebody stopped the server, or ended this session.
    pub const ADMIN_SHUTDOWN: &str = "57P01";
    /// Another process of the server crashed.
    pub const CRASH_SHUTDOWN: &str = "57P02";
    /// The server is starting, stopping or recovering.
    pub const CANNOT_CONNECT_NOW: &str = "57P03";
    /// `idle_session_timeout` was over.
    pub const IDLE_SESSION_TIMEOUT: &str = "57P05";
    /// `idle_in_transaction_session_timeout` was over.
    pub const IDLE_IN_TRANSACTION_SESSION_TIMEOUT: &str = "25P03";
    /// `transaction_timeout` was over.
    pub const TRANSACTION_TIMEOUT: &str = "25P04";
    /// A transaction that may only read shall write.
    pub const READ_ONLY_TRANSACTION: &str = "25006";
    /// Something that the server has no code for.
    pub const INTERNAL_ERROR: &str = "XX000";
    /// The database exists already.
    pub const DUPLICATE_DATABASE: &str = "42P04";
    /// A table, an index or another relation exists already.
    pub const DUPLICATE_TABLE: &str = "42P07";
    /// A role or another object exists already.
    pub const DUPLICATE_OBJECT: &str = "42710";
    /// There is no such table, or not any more.
    pub const UNDEFINED_TABLE: &str = "42P01";
    /// The same of a routine.
    pub const UNDEFINED_FUNCTION: &str = "42883";
    /// The same of a schema.
    pub const INVALID_SCHEMA_NAME: &str = "3F000";
    /// The same of a role or another object.
    pub const UNDEFINED_OBJECT: &str = "42704";
    /// Others changed the same rows, which a stricter isolation does not take.
    pub const SERIALIZATION_FAILURE: &str = "40001";
    /// Two sessions waited for each other.
    pub const DEADLOCK_DETECTED: &str = "40P01";
    /// Cancelled at the user's request, or by `statement_timeout`.
    pub const QUERY_CANCELED: &str = "57014";
    /// A text is no value of the type that it is cast to.
    pub const INVALID_TEXT_REPRESENTATION: &str = "22P02";
    /// A catalog row exists already: what two concurrent `CREATE ... IF NOT EXISTS` answer.
    pub const UNIQUE_VIOLATION: &str = "23505";
}
