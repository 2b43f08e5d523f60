//! libpq, made safe: the only file beside `result.rs` that calls it.
//!
//! It adds nothing but safety. What to send, how long to wait and what an answer means is decided
//! above it.

use std::ffi::{CStr, CString, c_char, c_int};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex};

use nix::sys::socket::{Shutdown, shutdown};

use super::result::{Notice, QueryResult, receive_notice};

/// So many bytes that a COPY sends are thrown away, in the hope of an end.
const LONGEST_COPY: usize = 256 * 1024 * 1024;

/// What a connection that is being made waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Until it can be read from.
    Reading,
    /// Until it can be written to.
    Writing,
    /// Nothing any more.
    Open,
    /// Nothing any more; [`Connection::error_message`] says why.
    Failed,
}

/// How much libpq says of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// The message and what comes with it.
    Usual,
    /// The SQLSTATE and the message in one line, and where in PostgreSQL's source it comes from.
    All,
    /// The SQLSTATE in place of the message.
    Code,
}

/// A connection, open or not. Closed when dropped.
pub(super) struct Connection {
    raw: NonNull<pq_sys::PGconn>,
    /// libpq holds its address, which outlives every move of the connection.
    notices: Arc<Mutex<Vec<Notice>>>,
    /// Why we broke it off, if we did.
    broken_off: Option<&'static str>,
}

// SAFETY: libpq allows a connection to be used from any thread, one at a time, and `&mut self`
// on everything that changes it ensures the second.
unsafe impl Send for Connection {}

impl Connection {
    /// Begins a connection, for [`Self::go_on_opening`].
    pub(super) fn begin(parameters: &Parameters) -> Self {
        let (keywords, values) = parameters.arrays();
        // SAFETY: both arrays end with a null pointer and live through the call.
        Self::of(unsafe { pq_sys::PQconnectStartParams(keywords, values, 0) })
    }

    /// Connects, as long as it takes.
    pub(super) fn open(parameters: &Parameters) -> Self {
        let (keywords, values) = parameters.arrays();
        // SAFETY: both arrays end with a null pointer and live through the call.
        Self::of(unsafe { pq_sys::PQconnectdbParams(keywords, values, 0) })
    }

    /// Takes a connection over, whatever state it is in. Its notices are ours from now on.
    fn of(raw: *mut pq_sys::PGconn) -> Self {
        // libpq gives null only when it has no memory left for the handle itself.
        let raw = NonNull::new(raw).expect("libpq could not allocate a connection");
        let notices = Arc::new(Mutex::new(Vec::new()));
        // SAFETY: the connection is valid, and the receiver's argument lives as long as `Self`,
        // which closes the connection before it drops its count of the notices.
        unsafe {
            pq_sys::PQsetNoticeReceiver(
                raw.as_ptr(),
                Some(receive_notice),
                Arc::as_ptr(&notices).cast_mut().cast(),
            );
        }
        Self {
            raw,
            notices,
            broken_off: None,
        }
    }

    /// The next step of a connection that was begun. Its socket may be another one after each.
    pub(super) fn go_on_opening(&mut self) -> Opening {
        use pq_sys::PostgresPollingStatusType as Step;
        // SAFETY: the connection is valid, and where it was not begun libpq says that it failed.
        match unsafe { pq_sys::PQconnectPoll(self.as_ptr()) } {
            Step::PGRES_POLLING_READING => Opening::Reading,
            Step::PGRES_POLLING_OK => Opening::Open,
            Step::PGRES_POLLING_FAILED => Opening::Failed,
            _ => Opening::Writing,
        }
    }

    pub(super) fn say(&mut self, words: Words) {
        let verbosity = match words {
            Words::Usual => pq_sys::PGVerbosity::PQERRORS_DEFAULT,
            Words::All => pq_sys::PGVerbosity::PQERRORS_VERBOSE,
            Words::Code => pq_sys::PGVerbosity::PQERRORS_SQLSTATE,
        };
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQsetErrorVerbosity(self.as_ptr(), verbosity) };
    }

    /// The socket; `None` where there is none, not yet or not any more.
    pub(super) fn socket(&self) -> Option<BorrowedFd<'_>> {
        // SAFETY: the connection is valid.
        let socket = unsafe { pq_sys::PQsocket(self.as_ptr()) };
        // SAFETY: libpq closes it only in calls that take `&mut self`, and so after the borrow.
        (socket >= 0).then(|| unsafe { BorrowedFd::borrow_raw(socket) })
    }

    /// Whether calls wait for the server by themselves, without a limit.
    pub(super) fn set_blocking(&mut self, blocking: bool) {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQsetnonblocking(self.as_ptr(), c_int::from(!blocking)) };
    }

    /// Hands a message of any number of statements over; gives whether libpq took it.
    pub(super) fn send(&mut self, sql: &CStr) -> bool {
        // SAFETY: the connection is valid, and the text a C string that lives through the call.
        unsafe { pq_sys::PQsendQuery(self.as_ptr(), sql.as_ptr()) == 1 }
    }

    /// The same of one statement with parameters as text.
    pub(super) fn send_with(&mut self, sql: &CStr, parameters: &[Option<CString>]) -> bool {
        let pointers: Vec<*const c_char> = parameters
            .iter()
            .map(|value| value.as_ref().map_or(ptr::null(), |value| value.as_ptr()))
            .collect();
        // SAFETY: the connection is valid; the text and the array of as many pointers as are
        // announced live through the call; null types, lengths and formats mean text.
        unsafe {
            pq_sys::PQsendQueryParams(
                self.as_ptr(),
                sql.as_ptr(),
                pointers.len() as c_int,
                ptr::null(),
                pointers.as_ptr(),
                ptr::null(),
                ptr::null(),
                0,
            ) == 1
        }
    }

    /// Has the rows of what was just sent come one by one: else libpq gathers all that a server
    /// sends, however many.
    pub(super) fn single_rows(&mut self) {
        // SAFETY: the connection is valid; where nothing was sent libpq does nothing.
        unsafe { pq_sys::PQsetSingleRowMode(self.as_ptr()) };
    }

    /// Sends what libpq holds back; gives whether it still holds something.
    pub(super) fn flush(&mut self) -> bool {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQflush(self.as_ptr()) == 1 }
    }

    /// Takes in what has come; `false` where the connection is broken.
    pub(super) fn take_in(&mut self) -> bool {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQconsumeInput(self.as_ptr()) == 1 }
    }

    /// Whether the next result has not all come yet.
    pub(super) fn is_busy(&self) -> bool {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQisBusy(self.as_ptr()) == 1 }
    }

    /// The next result of what was sent; waits for it while the connection is busy.
    pub(super) fn next_result(&mut self) -> Option<QueryResult> {
        // SAFETY: the connection is valid, and the result is nobody else's.
        unsafe { QueryResult::of(pq_sys::PQgetResult(self.as_ptr())) }
    }

    /// Ends a COPY from or to the client, which has nothing to send and wants nothing. What
    /// follows it in the message is still read, unless there is no end of it.
    pub(super) fn end_copy(&mut self, is_out: bool) {
        let mut thrown_away = 0;
        // SAFETY: the connection is valid; where it is in no such COPY libpq does nothing. Every
        // buffer that it hands out is freed with its own function.
        unsafe {
            if is_out {
                let mut buffer = ptr::null_mut();
                loop {
                    let length = pq_sys::PQgetCopyData(self.as_ptr(), &raw mut buffer, 0);
                    let Ok(length @ 1..) = usize::try_from(length) else {
                        break;
                    };
                    pq_sys::PQfreemem(buffer.cast());
                    thrown_away += length;
                    if thrown_away > LONGEST_COPY {
                        self.break_off("the server sends rows without end");
                        break;
                    }
                }
            } else {
                pq_sys::PQputCopyEnd(self.as_ptr(), c"there is no one to send rows".as_ptr());
            }
        }
    }

    /// The notices since the last call.
    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        let mut notices = self
            .notices
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        std::mem::take(&mut notices)
    }

    /// Breaks the connection off. libpq finds it broken, and our words are its error.
    pub(super) fn break_off(&mut self, why: &'static str) {
        self.broken_off = Some(why);
        if let Some(socket) = self.socket() {
            // One that cannot be shut is broken already.
            let _ = shutdown(socket.as_raw_fd(), Shutdown::Both);
        }
    }

    pub(super) fn error_message(&self) -> String {
        if let Some(why) = self.broken_off {
            return why.to_owned();
        }
        // SAFETY: the connection is valid; the text is copied before anything else is called.
        let message = unsafe { CStr::from_ptr(pq_sys::PQerrorMessage(self.as_ptr())) };
        message.to_string_lossy().trim_end().to_owned()
    }

    pub(super) fn is_broken(&self) -> bool {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQstatus(self.as_ptr()) != pq_sys::ConnStatusType::CONNECTION_OK }
    }

    /// Whether a transaction is open, failed or not.
    pub(super) fn in_transaction(&self) -> bool {
        use pq_sys::PGTransactionStatusType::{PQTRANS_INERROR, PQTRANS_INTRANS};
        // SAFETY: the connection is valid.
        let status = unsafe { pq_sys::PQtransactionStatus(self.as_ptr()) };
        matches!(status, PQTRANS_INTRANS | PQTRANS_INERROR)
    }

    /// A setting as the server last reported it, of those that it reports by itself.
    pub(super) fn reported(&self, setting: &CStr) -> Option<&str> {
        // SAFETY: the connection is valid, and the text lives until the setting changes, which
        // takes `&mut self`.
        unsafe {
            let value = pq_sys::PQparameterStatus(self.as_ptr(), setting.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_str().ok())?
        }
    }

    /// The server's version as a number: 150018 is 15.18.
    pub(super) fn server_version(&self) -> i32 {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQserverVersion(self.as_ptr()) }
    }

    /// The server's process as it was told when the connection was made.
    pub(super) fn greeted_by(&self) -> i32 {
        // SAFETY: the connection is valid.
        unsafe { pq_sys::PQbackendPID(self.as_ptr()) }
    }

    /// The parameters with which it was made, and those of them that say where it leads, as it
    /// found out: `host`, `port` and `hostaddr` of the server that answered.
    pub(super) fn parameters(&self) -> Vec<(String, Option<String>)> {
        // SAFETY: the connection is valid; the list is ours. The three texts belong to the
        // connection and are copied at once.
        unsafe {
            let mut parameters: Vec<(String, Option<String>)> =
                read_options(pq_sys::PQconninfo(self.as_ptr()))
                    .into_iter()
                    .map(|option| (option.keyword, option.value))
                    .collect();
            for (keyword, value) in [
                ("host", pq_sys::PQhost(self.as_ptr())),
                ("port", pq_sys::PQport(self.as_ptr())),
                ("hostaddr", pq_sys::PQhostaddr(self.as_ptr())),
            ] {
                parameters.push((keyword.to_owned(), own(value)));
            }
            parameters
        }
    }

    /// A password in the form in which the server keeps it.
    pub(super) fn password_verifier(&self, role: &CStr, password: &CStr) -> Option<String> {
        // SAFETY: the connection is valid, and the texts are C strings that live through the
        // call. The result is libpq's, copied and freed with its own function.
        unsafe {
            let verifier = pq_sys::PQencryptPasswordConn(
                self.as_ptr(),
                password.as_ptr(),
                role.as_ptr(),
                c"scram-sha-256".as_ptr(),
            );
            let text = own(verifier);
            pq_sys::PQfreemem(verifier.cast());
            text
        }
    }

    /// A handle by which another thread can stop what the server does for this connection.
    pub(super) fn canceller(&self) -> Canceller {
        // SAFETY: the connection is valid; the handle is freed when the last clone is dropped.
        Canceller(Arc::new(CancelHandle(unsafe {
            pq_sys::PQgetCancel(self.as_ptr())
        })))
    }

    fn as_ptr(&self) -> *mut pq_sys::PGconn {
        self.raw.as_ptr()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: closed once, here.
        unsafe { pq_sys::PQfinish(self.as_ptr()) }
    }
}

/// Stops what a [`Session`](super::Session) is doing, from another thread.
#[derive(Clone)]
pub struct Canceller(Arc<CancelHandle>);

struct CancelHandle(*mut pq_sys::PGcancel);

// SAFETY: `PQcancel` only reads the handle and is documented as safe from any thread.
unsafe impl Send for CancelHandle {}
// SAFETY: as above.
unsafe impl Sync for CancelHandle {}

impl Canceller {
    /// Asks the server to cancel the running statement. Whether it did shows in its answer.
    pub fn cancel(&self) {
        let mut message = [0 as c_char; 256];
        // SAFETY: the handle is valid or null (libpq takes both), the buffer as long as said.
        unsafe {
            pq_sys::PQcancel(self.0.0, message.as_mut_ptr(), message.len() as c_int);
        }
    }
}

impl Drop for CancelHandle {
    fn drop(&mut self) {
        // SAFETY: freed once, here.
        unsafe { pq_sys::PQfreeCancel(self.0) }
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
pub(super) fn ping(parameters: &Parameters) -> ServerState {
    let (keywords, values) = parameters.arrays();
    // SAFETY: both arrays end with a null pointer and live through the call.
    match unsafe { pq_sys::PQpingParams(keywords, values, 0) } {
        pq_sys::PGPing::PQPING_OK => ServerState::Accepting,
        pq_sys::PGPing::PQPING_REJECT => ServerState::Rejecting,
        pq_sys::PGPing::PQPING_NO_RESPONSE => ServerState::Silent,
        _ => ServerState::NotTried,
    }
}

/// Connection parameters as the two arrays that libpq takes.
pub(super) struct Parameters {
    /// Owns what the arrays point at.
    _texts: Vec<CString>,
    keywords: Vec<*const c_char>,
    values: Vec<*const c_char>,
}

impl Parameters {
    /// By their keywords. libpq takes the last of one that is repeated.
    pub(super) fn of<'p>(parameters: impl Iterator<Item = (&'p str, &'p str)>) -> Self {
        let mut texts = Vec::new();
        let mut keywords = Vec::new();
        let mut values = Vec::new();
        for (keyword, value) in parameters {
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

    fn arrays(&self) -> (*const *const c_char, *const *const c_char) {
        (self.keywords.as_ptr(), self.values.as_ptr())
    }
}

/// The parameters with which libpq would connect, those filled in that the variables of the process,
/// a service file or libpq itself give; nothing is sent anywhere.
///
/// libpq has no function for that: `PQconndefaults` knows no service that a parameter names. But it
/// fills everything in before it checks `sslmode`, and a wrong one ends it there.
pub(super) fn resolve<'p>(
    parameters: impl Iterator<Item = (&'p str, &'p str)>,
) -> Vec<(String, Option<String>)> {
    let unanswerable = std::iter::once(("sslmode", "none at all"));
    let parameters = Parameters::of(
        parameters
            .filter(|one| one.0 != "sslmode")
            .chain(unanswerable),
    );
    Connection::begin(&parameters).parameters()
}

/// One of the connection parameters that libpq has.
pub(super) struct ConnectionOption {
    pub(super) keyword: String,
    /// None where it is not set.
    pub(super) value: Option<String>,
    /// Whether a program must not show it (`dispchar` in the manual's `PQconndefaults`).
    pub(super) is_secret: bool,
}

/// Reads a URL or a `keyword=value` string, or gives libpq's message. All parameters that libpq
/// has are there, set or not.
pub(super) fn parse_conninfo(text: &str) -> Result<Vec<ConnectionOption>, String> {
    let Ok(text) = CString::new(text) else {
        return Err(String::new());
    };
    let mut message = ptr::null_mut();
    // SAFETY: `text` is a C string that outlives the call, and `message` a valid place for a
    // pointer. The list is ours, and the message too, freed with libpq's own function.
    unsafe {
        let options = pq_sys::PQconninfoParse(text.as_ptr(), &raw mut message);
        if options.is_null() {
            let owned = own(message);
            pq_sys::PQfreemem(message.cast());
            return Err(owned.unwrap_or_default());
        }
        Ok(read_options(options))
    }
}

/// A copy of a list of libpq's, which is freed.
///
/// # Safety
///
/// The list is null, or ends with a null keyword and is nobody else's.
unsafe fn read_options(list: *mut pq_sys::PQconninfoOption) -> Vec<ConnectionOption> {
    let mut options = Vec::new();
    // SAFETY: as the caller promises; the texts of a list live as long as it.
    unsafe {
        let mut option = list;
        while let Some(read) = option.as_ref() {
            let Some(keyword) = own(read.keyword) else {
                break;
            };
            options.push(ConnectionOption {
                keyword,
                value: own(read.val),
                is_secret: own(read.dispchar).as_deref() == Some("*"),
            });
            option = option.add(1);
        }
        pq_sys::PQconninfoFree(list);
    }
    options
}

/// A copy of a text of libpq's; `None` for a null pointer.
///
/// # Safety
///
/// The pointer is null, or that of a C string that lives through the call.
unsafe fn own(text: *const c_char) -> Option<String> {
    // SAFETY: as the caller promises.
    unsafe { (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned()) }
}
