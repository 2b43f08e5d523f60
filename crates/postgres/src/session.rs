//! One connection to one database: the only place that talks to libpq.
//!
//! Diesel's `PgConnection` tells neither the SQLSTATE of an error, nor how many statements of a
//! message were done before it, nor can a query on it be cancelled. The same libpq can do all
//! three, so this is a thin layer over it, with libpq's own connection parameters.

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::target::Target;

use super::connect::{self, NotOpen, Parameters, check_version, has_several_addresses, time_limit};
use super::milestone::Milestones;
use super::pulse::{AnswerWait, Pulse};
use super::result::{Notice, QueryResult, receive_notice};
use super::row::Rows;
use super::server_error::ServerError;
use super::waiting::{Meanwhile, Waiting};

pub use super::connect::{ConnectError, ServerState, ping};

/// An open connection. Closed when dropped; whatever it had locked is then free.
pub struct Session {
    connection: NonNull<pq_sys::PGconn>,
    /// libpq holds its address, which outlives every move of the session.
    notices: Arc<Mutex<Vec<Notice>>>,
    sent: u64,
    /// The values of [`READING`] when the session began.
    reading: [Option<String>; 2],
    /// How long answers are waited for.
    pub(super) answer_wait: AnswerWait,
    /// Why we broke the connection off, if we did.
    pub(super) given_up: Option<&'static str>,
    /// The server's process, as it says itself, once it has been asked.
    pub(super) process: Option<i32>,
    /// Whether a pooler was seen to leave that process to us alone.
    pub(super) is_own: bool,
}

/// After how long without an answer the server is asked whether it is there, where the target
/// sets no limit on connecting.
const ASKED_AFTER: Duration = Duration::from_secs(20);

/// The settings by which the server reads a message, whole and before its first statement.
const READING: [&CStr; 2] = [c"client_encoding", c"standard_conforming_strings"];

// SAFETY: libpq allows a connection to be used from any thread, one at a time, and `&mut self`
// on everything that uses it ensures the second.
unsafe impl Send for Session {}

/// A statement of a message failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How many statements of the message were done before it, or since the last milestone.
    pub completed: usize,
    /// What the server said.
    pub error: ServerError,
}

impl Session {
    /// Connects. Waits ten seconds at most unless the target says otherwise.
    pub fn connect(target: &Target) -> Result<Self, ConnectError> {
        let limit = time_limit(target)?;
        let parameters = Parameters::of(target);
        // SAFETY: both arrays end with a null pointer and live through the call.
        let mut session = Self::of(unsafe {
            pq_sys::PQconnectStartParams(parameters.keywords(), parameters.values(), 0)
        });
        session.set_verbosity(pq_sys::PGVerbosity::PQERRORS_VERBOSE);
        match connect::open(session.connection, limit) {
            Ok(()) => session.opened(limit),
            Err(NotOpen::TimedOut) if has_several_addresses(target) => {
                Self::connect_to_any(&parameters, limit)
            }
            Err(NotOpen::TimedOut) => Err(ConnectError::timed_out(limit)),
            Err(NotOpen::Failed) => Err(ConnectError::told(&session.error_message())),
        }
    }

    /// Connects to the first of several addresses that answers. When one is silent only libpq
    /// can go on with the next, inside this call, which writes notices to standard error.
    fn connect_to_any(
        parameters: &Parameters,
        limit: Option<Duration>,
    ) -> Result<Self, ConnectError> {
        // SAFETY: both arrays end with a null pointer and live through the call.
        let session = Self::of(unsafe {
            pq_sys::PQconnectdbParams(parameters.keywords(), parameters.values(), 0)
        });
        if session.is_broken() {
            return Err(ConnectError::told(&session.error_message()));
        }
        session.opened(limit)
    }

    /// A session on a connection that is open. Who gives a server more time to be connected to
    /// gives it more time before it is asked whether it is still there.
    fn opened(mut self, limit: Option<Duration>) -> Result<Self, ConnectError> {
        check_version(self.server_version())?;
        if let Some(limit) = limit {
            self.answer_wait = AnswerWait::Asking(2 * limit);
        }
        self.set_verbosity(pq_sys::PGVerbosity::PQERRORS_DEFAULT);
        self.reading = READING.map(|setting| self.reported(setting).map(str::to_owned));
        Ok(self)
    }

    fn set_verbosity(&mut self, verbosity: pq_sys::PGVerbosity) {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQsetErrorVerbosity(self.connection.as_ptr(), verbosity) };
    }

    /// Takes a connection over, whatever state it is in. Its notices are ours from now on.
    fn of(connection: *mut pq_sys::PGconn) -> Self {
        // libpq gives null only when it has no memory left for the handle itself.
        let connection = NonNull::new(connection).expect("libpq could not allocate a connection");
        let notices = Arc::new(Mutex::new(Vec::new()));
        // SAFETY: the connection is valid, and the receiver's argument lives as long as the
        // session, which closes the connection before it drops its count of the notices.
        unsafe {
            pq_sys::PQsetNoticeReceiver(
                connection.as_ptr(),
                Some(receive_notice),
                Arc::as_ptr(&notices).cast_mut().cast(),
            );
        }
        Self {
            connection,
            notices,
            sent: 0,
            reading: [None, None],
            answer_wait: AnswerWait::Asking(ASKED_AFTER),
            given_up: None,
            process: None,
            is_own: false,
        }
    }

    /// Sends a message of any number of statements and reads all answers. Rows are dropped.
    ///
    /// Statements without a transaction of their own are one implicit transaction: that is
    /// PostgreSQL's simple query protocol.
    pub fn run(&mut self, sql: &str) -> Result<(), Failure> {
        self.run_meanwhile(sql, &mut Milestones::none(), &mut |_, _| None)
    }

    /// The same, and something else while the server works at it. What a failure says of
    /// completed statements is counted from the last milestone.
    pub fn run_meanwhile(
        &mut self,
        sql: &str,
        milestones: &mut Milestones,
        meanwhile: &mut Meanwhile<'_>,
    ) -> Result<(), Failure> {
        let lost = |message: &str| Failure {
            completed: 0,
            error: ServerError::lost(message.to_owned()),
        };
        let Ok(text) = CString::new(sql) else {
            return Err(Failure {
                completed: 0,
                error: ServerError::not_text("the text holds a NUL byte"),
            });
        };
        self.sent += 1;
        // SAFETY: the connection is valid and the text a C string that lives through the call.
        let send = |connection| unsafe { pq_sys::PQsendQuery(connection, text.as_ptr()) };
        if !self.send(send) {
            return Err(lost(&self.error_message()));
        }
        let mut completed = 0;
        let mut failure = None;
        let mut waiting = Waiting::begin(self, meanwhile);
        while let Some(result) = waiting.next_result(self) {
            let error = if result.is_copy() {
                self.end_copy(&result);
                Some(ServerError::copy())
            } else {
                self.error_of(&result)
            };
            match error {
                Some(error) if failure.is_none() => failure = Some(Failure { completed, error }),
                Some(_) => {}
                None if milestones.is(&result) => {
                    milestones.pass(&result, self.take_notices());
                    completed = 0;
                }
                // A rule may add results that are of no statement of their own.
                None if result.ends_statement() => completed += 1,
                None => {}
            }
            if self.is_broken() {
                break;
            }
        }
        match failure {
            Some(mut failure) => {
                // The server says why before it hangs up.
                failure.error.connection_lost |= self.is_broken();
                Err(failure)
            }
            None => Ok(()),
        }
    }

    /// Ends a COPY from or to the client, which has nothing to send and wants nothing. What
    /// follows it in the message is still read.
    fn end_copy(&mut self, result: &QueryResult) {
        let connection = self.connection.as_ptr();
        // SAFETY: the connection is valid and in the state that the result tells; every buffer
        // that libpq hands out is freed with its own function.
        unsafe {
            if pq_sys::PQresultStatus(result.0.as_ptr()) == pq_sys::ExecStatusType::PGRES_COPY_OUT {
                let mut buffer = ptr::null_mut();
                while pq_sys::PQgetCopyData(connection, &raw mut buffer, 0) > 0 {
                    pq_sys::PQfreemem(buffer.cast());
                }
            } else {
                pq_sys::PQputCopyEnd(connection, c"there is no one to send rows".as_ptr());
            }
        }
    }

    /// Whether the server reads messages otherwise than when the session began: in another
    /// encoding, or with backslashes meaning something else.
    pub fn reads_otherwise(&self) -> bool {
        READING
            .iter()
            .zip(&self.reading)
            .any(|(setting, at_first)| self.reported(setting) != at_first.as_deref())
    }

    /// A setting as the server last reported it, of those that it reports by itself:
    /// `client_encoding`, `standard_conforming_strings`, `search_path` since 18, and a few more.
    pub(super) fn reported(&self, setting: &CStr) -> Option<&str> {
        // SAFETY: the connection is valid, and the text lives until the setting changes, which
        // takes `&mut self`.
        unsafe {
            let value = pq_sys::PQparameterStatus(self.connection.as_ptr(), setting.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_str().ok())?
        }
    }

    /// Sends a message whose statements are not counted.
    pub fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        self.run(sql).map_err(|failure| failure.error)
    }

    /// Runs one statement with parameters `$1`, `$2`, ... as text, and gives its rows.
    pub fn query(&mut self, sql: &str, parameters: &[Option<&str>]) -> Result<Rows, ServerError> {
        let nul = |_| ServerError::not_text("the statement or a parameter holds a NUL byte");
        let text = CString::new(sql).map_err(nul)?;
        let owned = parameters
            .iter()
            .map(|parameter| parameter.map(CString::new).transpose())
            .collect::<Result<Vec<_>, _>>()
            .map_err(nul)?;
        let pointers: Vec<*const c_char> = owned
            .iter()
            .map(|value| value.as_ref().map_or(ptr::null(), |value| value.as_ptr()))
            .collect();
        self.sent += 1;
        // SAFETY: the connection is valid; the text and the array of as many pointers as are
        // announced live through the call; null types, lengths and formats mean text.
        let send = |connection| unsafe {
            pq_sys::PQsendQueryParams(
                connection,
                text.as_ptr(),
                pointers.len() as c_int,
                ptr::null(),
                pointers.as_ptr(),
                ptr::null(),
                ptr::null(),
                0,
            )
        };
        if !self.send(send) {
            return Err(ServerError::lost(self.error_message()));
        }
        let mut rows = None;
        let mut failed: Option<ServerError> = None;
        while let Some(result) = self.next_result() {
            match self.error_of(&result) {
                // The first is the server's; when it hangs up, libpq adds its own.
                Some(error) => failed = failed.or(Some(error)),
                None => rows = Some(result),
            }
            if self.is_broken() {
                break;
            }
        }
        match (failed, rows) {
            (Some(mut error), _) => {
                error.connection_lost |= self.is_broken();
                Err(error)
            }
            (None, Some(result)) => result.rows(),
            (None, None) => Err(ServerError::lost(self.error_message())),
        }
    }

    /// The notices since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(
            &mut self
                .notices
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()),
        )
    }

    /// How many messages were sent: the round trips after connecting.
    pub fn messages_sent(&self) -> u64 {
        self.sent
    }

    /// The server's version as a number: 150018 is 15.18.
    pub fn server_version(&self) -> i32 {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQserverVersion(self.connection.as_ptr()) }
    }

    /// Whether the connection is gone.
    pub fn is_broken(&self) -> bool {
        // SAFETY: the connection is valid.
        unsafe {
            pq_sys::PQstatus(self.connection.as_ptr()) != pq_sys::ConnStatusType::CONNECTION_OK
        }
    }

    /// Whether a transaction is open, failed or not.
    pub fn in_transaction(&self) -> bool {
        // SAFETY: the connection is valid.
        let status = unsafe { pq_sys::PQtransactionStatus(self.connection.as_ptr()) };
        matches!(
            status,
            pq_sys::PGTransactionStatusType::PQTRANS_INTRANS
                | pq_sys::PGTransactionStatusType::PQTRANS_INERROR
        )
    }

    /// Sends a message; gives whether libpq took it. libpq itself would wait for ever for a
    /// server that reads no more.
    fn send(&mut self, send: impl Fn(*mut pq_sys::PGconn) -> c_int) -> bool {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQsetnonblocking(self.connection.as_ptr(), 1) };
        let sent = send(self.connection.as_ptr()) == 1;
        if sent {
            self.flush();
        }
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQsetnonblocking(self.connection.as_ptr(), 0) };
        sent
    }

    pub(super) fn next_result(&mut self) -> Option<QueryResult> {
        self.listen(None, &mut Pulse::default());
        // SAFETY: the connection is valid, and the result is freed when dropped.
        NonNull::new(unsafe { pq_sys::PQgetResult(self.connection.as_ptr()) }).map(QueryResult)
    }

    pub(super) fn as_ptr(&self) -> *mut pq_sys::PGconn {
        self.connection.as_ptr()
    }

    /// The error of a result, if it is one.
    pub(super) fn error_of(&self, result: &QueryResult) -> Option<ServerError> {
        result.error(self.is_broken(), || self.error_message())
    }

    fn error_message(&self) -> String {
        if let Some(why) = self.given_up {
            return why.to_owned();
        }
        // SAFETY: the connection is valid; the text is copied before anything else is called.
        let message = unsafe { CStr::from_ptr(pq_sys::PQerrorMessage(self.connection.as_ptr())) };
        message.to_string_lossy().trim_end().to_owned()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: closed once, here.
        unsafe { pq_sys::PQfinish(self.connection.as_ptr()) }
    }
}
