//! Connection poolers between us and the server, and whether they give us a session of our own.
//!
//! The lock of a deploy belongs to a session of the server. A pooler in transaction mode gives
//! each transaction to whichever of its sessions is free, so the lock would be taken in one
//! session and the migrations run in another, and the lock would stay when we are gone, in the
//! way of everybody.
//!
//! How it is found out, and why so:
//!
//! - A pooler tells its client a number of its own for the process that serves it, as it has to
//!   route cancel requests. So the number that libpq has from connecting differs from what
//!   `pg_backend_pid()` says. The ledger's first query asks for that anyway: who is connected
//!   directly pays nothing.
//! - What mode the pooler is in, only its administrators may ask. So it is tried: in session mode
//!   our process stays the same, and nobody else gets it. Another connection that takes a
//!   transaction while we are idle is either given our process, or makes us change ours when the
//!   pooler goes round among several.
//! - Trying it with an advisory lock would say no more, and in transaction mode leave the lock
//!   behind in a session that we might never meet again.
//!
//! What is found is certain: neither can happen in session mode. What is not found in the bustle
//! of others does no harm either: each migration asks for the same lock again in its transaction.

use std::fmt;
use std::time::{Duration, Instant};

use super::pulse::Pulse;
use super::server_error::ServerError;
use super::session::Session;
use super::wire::Heard;

/// How often it is tried. Among many clients the first try may tell nothing.
const TRIES: usize = 4;

/// How long the other connection waits for a process. In session mode it may be that we have the
/// only one.
const LIMIT: Duration = Duration::from_secs(2);

/// What PgBouncer says to `BEGIN` in statement mode. It is never translated, and the SQLSTATE is
/// that of all its errors.
const STATEMENT_MODE: &str = "statement pooling mode";

/// How a pooler shares the sessions of the server among its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// Each transaction gets one.
    Transaction,
    /// Each statement gets one.
    Statement,
}

impl fmt::Display for PoolMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transaction => "transaction",
            Self::Statement => "statement",
        })
    }
}

/// There is no session that is ours alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolerError {
    /// A pooler shares the server's sessions among its clients.
    #[error("a connection pooler in {0} mode")]
    Shared(PoolMode),
    /// The server, or the pooler, refused to tell.
    #[error(transparent)]
    Server(Box<ServerError>),
}

impl From<ServerError> for PoolerError {
    fn from(error: ServerError) -> Self {
        Self::Server(Box::new(error))
    }
}

/// The process that serves a session now. In a query that is sent anyway, for
/// [`Session::served_by`].
pub const SERVED_BY: &str = "pg_catalog.pg_backend_pid()";

impl Session {
    /// Takes note of what [`SERVED_BY`] gave.
    pub fn served_by(&mut self, process: Option<i32>) {
        self.wire.process = process;
    }

    /// The process that serves this session: as the server says itself, once it has been asked.
    pub fn backend_pid(&self) -> i32 {
        self.wire.process()
    }

    /// Makes sure that the session is ours alone.
    ///
    /// Nothing is sent where the server itself answers, and [`Session::served_by`] was told so.
    pub fn require_own_session(&mut self) -> Result<(), PoolerError> {
        let first = match self.wire.process {
            Some(process) => process,
            None => self.ask_process()?,
        };
        if self.is_own || first == self.wire.connection.greeted_by() {
            return Ok(());
        }
        if let Some(mode) = self.shared_as(first)? {
            return Err(PoolerError::Shared(mode));
        }
        self.is_own = true;
        Ok(())
    }

    /// The mode in which the process of this session is shared, if it is seen to be.
    fn shared_as(&mut self, first: i32) -> Result<Option<PoolMode>, ServerError> {
        // A pooler may be full. Then only our own process can tell.
        let mut other = self.connect_beside().ok();
        for number in 0..TRIES {
            let begun = other.as_mut().map(|other| other.begin_within(LIMIT));
            match begun {
                Some(Begun::Yes) => {}
                Some(Begun::StatementMode) => return Ok(Some(PoolMode::Statement)),
                // Out of the pooler's queue.
                Some(Begun::No) | None => other = None,
            }
            let theirs = other.as_mut().map(Self::ask_process).transpose()?;
            // A pooler that gives away first what came back last could give each of us the same
            // process for ever, as long as the other's comes back after ours.
            let theirs_is_back = number % 2 == 1;
            if let (true, Some(other)) = (theirs_is_back, &mut other) {
                other.execute("rollback")?;
            }
            if theirs == Some(first) || self.ask_process()? != first {
                return Ok(Some(PoolMode::Transaction));
            }
            if let (false, Some(other)) = (theirs_is_back, &mut other) {
                other.execute("rollback")?;
            }
        }
        Ok(None)
    }

    fn ask_process(&mut self) -> Result<i32, ServerError> {
        let rows = self.query(&format!("select {SERVED_BY}"), &[])?;
        self.served_by(rows.single().and_then(|process| process.parse().ok()));
        Ok(self.wire.process.unwrap_or_default())
    }

    /// Begins a transaction, if the pooler gives a process for it in time. If not, the session is
    /// of no more use.
    fn begin_within(&mut self, limit: Duration) -> Begun {
        if !self.wire.send(|connection| connection.send(c"begin")) {
            return Begun::No;
        }
        let deadline = Some(Instant::now() + limit);
        if self.wire.listen(deadline, &mut Pulse::default()) == Heard::Nothing {
            return Begun::No;
        }
        let mut refused = None;
        while let Some(result) = self.wire.next_result() {
            refused = refused.or(self.wire.error_of(&result));
        }
        match refused {
            None => Begun::Yes,
            Some(error) if error.message.contains(STATEMENT_MODE) => Begun::StatementMode,
            Some(_) => Begun::No,
        }
    }
}

/// Whether the other connection has a transaction.
enum Begun {
    Yes,
    No,
    StatementMode,
}
