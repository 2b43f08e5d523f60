//! Opens connections step by step, so that nothing waits for ever.

use std::ffi::{CString, c_char};
use std::net::ToSocketAddrs;
use std::os::fd::BorrowedFd;
use std::ptr::{self, NonNull};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use pq_sys::PostgresPollingStatusType as Step;

use crate::target::Target;

use super::obstacle::{self, Obstacle};

/// How long a connection may take to be made, in seconds, unless the target says otherwise.
pub(super) const TIMEOUT: &str = "10";

/// A host that is gone without a word is noticed within half a minute, however long a statement
/// may take: what the server's system does not confirm, its keepalives included, ends the
/// connection. A URL may say otherwise. Milliseconds for the last, seconds for the others.
const KEEPALIVES: [(&str, &str); 5] = [
    ("keepalives", "1"),
    ("keepalives_idle", "15"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
];

/// The oldest server that we support.
const OLDEST: i32 = 130_000;

/// A connection could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// What libpq says, the password never in it.
    pub message: String,
    /// What stood in the way.
    pub obstacle: Obstacle,
}

impl ConnectError {
    /// What libpq says when it is as verbose as it can be.
    pub(super) fn told(verbose: &str) -> Self {
        let (message, obstacle) = obstacle::read(verbose);
        Self { message, obstacle }
    }

    pub(super) fn timed_out(limit: Option<Duration>) -> Self {
        Self {
            message: format!("no answer within {} s", limit.unwrap_or_default().as_secs()),
            obstacle: Obstacle::Silent,
        }
    }
}

/// Makes sure that a server, by its version as a number, is one that we support.
pub(super) fn check_version(version: i32) -> Result<(), ConnectError> {
    if version >= OLDEST {
        return Ok(());
    }
    // Since 10 there are two parts, before it there were three.
    let shown = match version / 10_000 {
        major @ 10.. => format!("{major}.{}", version % 10_000),
        major => format!("{major}.{}.{}", version / 100 % 100, version % 100),
    };
    Err(ConnectError {
        message: format!("the server is PostgreSQL {shown}"),
        obstacle: Obstacle::TooOld,
    })
}

impl ConnectError {
    /// The parameter that PgBouncer refused: it takes only those that it can pass on to each of
    /// the server's sessions. Its messages are never translated.
    pub fn refused_parameter(&self) -> Option<&str> {
        let (_, after) = self.message.split_once("unsupported startup parameter")?;
        match after.strip_prefix(" in options: ") {
            Some(_) => Some("options"),
            None => after.strip_prefix(": ")?.split_whitespace().next(),
        }
    }
}

/// What a server says to a knock on its door, before any credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerState {
    /// It takes connections.
    Accepting,
    /// It is there, but takes none now: starting, stopping, recovering.
    Rejecting,
    /// Nothing answers there.
    Silent,
    /// The parameters are such that nothing was tried.
    NotTried,
}

/// Asks a server whether it takes connections; needs no valid credentials.
pub fn ping(target: &Target) -> ServerState {
    let parameters = Parameters::of(target);
    // SAFETY: both arrays end with a null pointer and live through the call.
    let state = unsafe { pq_sys::PQpingParams(parameters.keywords(), parameters.values(), 0) };
    match state {
        pq_sys::PGPing::PQPING_OK => ServerState::Accepting,
        pq_sys::PGPing::PQPING_REJECT => ServerState::Rejecting,
        pq_sys::PGPing::PQPING_NO_RESPONSE => ServerState::Silent,
        _ => ServerState::NotTried,
    }
}

/// A connection that was begun is not open.
pub(super) enum NotOpen {
    /// libpq says why.
    Failed,
    /// The time was over.
    TimedOut,
}

/// Goes on with a connection begun by `PQconnectStartParams` until it is open.
pub(super) fn open(
    connection: NonNull<pq_sys::PGconn>,
    limit: Option<Duration>,
) -> Result<(), NotOpen> {
    let deadline = limit.map(|limit| Instant::now() + limit);
    // The manual: before the first call behave as if it had returned this.
    let mut step = Step::PGRES_POLLING_WRITING;
    loop {
        wait(connection.as_ptr(), step, deadline)?;
        // SAFETY: the connection is valid and was begun by `PQconnectStartParams`.
        step = unsafe { pq_sys::PQconnectPoll(connection.as_ptr()) };
        match step {
            Step::PGRES_POLLING_OK => return Ok(()),
            Step::PGRES_POLLING_FAILED => return Err(NotOpen::Failed),
            _ => {}
        }
    }
}

/// Waits until the connection's socket is ready for the next step, or for an answer to be read.
pub(super) fn wait(
    connection: *mut pq_sys::PGconn,
    step: Step,
    deadline: Option<Instant>,
) -> Result<(), NotOpen> {
    // SAFETY: the connection is valid. The socket may be another one after each step.
    let socket = unsafe { pq_sys::PQsocket(connection) };
    if socket < 0 {
        return Err(NotOpen::Failed);
    }
    // SAFETY: libpq closes the socket in calls of its own only, and there is none meanwhile.
    let socket = unsafe { BorrowedFd::borrow_raw(socket) };
    let flags = match step {
        Step::PGRES_POLLING_READING => PollFlags::POLLIN,
        _ => PollFlags::POLLOUT,
    };
    loop {
        let timeout =
            match deadline.map(|deadline| deadline.checked_duration_since(Instant::now())) {
                None => PollTimeout::NONE,
                Some(None) => return Err(NotOpen::TimedOut),
                // Rounded up, not to ask again and again in the last millisecond.
                Some(Some(left)) => PollTimeout::try_from(left + Duration::from_millis(1))
                    .unwrap_or(PollTimeout::MAX),
            };
        match poll(&mut [PollFd::new(socket, flags)], timeout) {
            // Over, or interrupted by a signal: the deadline tells.
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => return Ok(()),
            Err(_) => return Err(NotOpen::Failed),
        }
    }
}

/// How long a connection to the target may take; `None` for ever, as libpq takes 0.
pub(super) fn time_limit(target: &Target) -> Result<Option<Duration>, ConnectError> {
    let text = target.get("connect_timeout").unwrap_or(TIMEOUT);
    match text.trim().parse::<i32>() {
        Ok(seconds) => Ok(u64::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs)),
        Err(_) => Err(ConnectError {
            message: format!("`connect_timeout` is a number of seconds, not `{text}`"),
            obstacle: Obstacle::Parameters,
        }),
    }
}

/// Whether the target names more than one address, of which another may answer.
pub(super) fn has_several_addresses(target: &Target) -> bool {
    let Some(hosts) = target.get("hostaddr").or_else(|| target.get("host")) else {
        return false;
    };
    // A folder is a socket's; no name server shall be asked for it.
    let is_name = !hosts.starts_with('/');
    let addresses = || (hosts, 0).to_socket_addrs();
    hosts.contains(',') || is_name && addresses().is_ok_and(|addresses| addresses.count() > 1)
}

/// A target's parameters as the two arrays that libpq takes.
pub(super) struct Parameters {
    /// Owns what the arrays point at.
    _texts: Vec<CString>,
    keywords: Vec<*const c_char>,
    values: Vec<*const c_char>,
}

impl Parameters {
    pub(super) fn of(target: &Target) -> Self {
        // First so that the target's own value wins: libpq takes the last of a repeated keyword.
        let ours = [
            ("connect_timeout", TIMEOUT),
            ("fallback_application_name", "migrate"),
        ];
        let fixed = [("client_encoding", "UTF8")];
        let mut texts = Vec::new();
        let mut keywords = Vec::new();
        let mut values = Vec::new();
        let ours = ours.into_iter().chain(KEEPALIVES);
        for (keyword, value) in ours.chain(target.parameters()).chain(fixed) {
            // A target's texts came through C strings or from files and variables; one with a
            // NUL byte cannot be meant.
            let (Ok(keyword), Ok(value)) = (CString::new(keyword), CString::new(value)) else {
                continue;
            };
            keywords.push(keyword.as_ptr());
            values.push(value.as_ptr());
            texts.extend([keyword, value]);
        }
        keywords.push(ptr::null());
        values.push(ptr::null());
        Self {
            _texts: texts,
            keywords,
            values,
        }
    }

    pub(super) fn keywords(&self) -> *const *const c_char {
        self.keywords.as_ptr()
    }

    pub(super) fn values(&self) -> *const *const c_char {
        self.values.as_ptr()
    }
}
