//! One result of libpq's, and the notices that come beside it.

use std::ffi::{CStr, c_int, c_void};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Mutex;

use super::row::Rows;
use super::server_error::ServerError;

/// A message from the server that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `NOTICE`, `WARNING`, `INFO`, ...
    pub severity: String,
    /// The primary message.
    pub message: String,
}

/// One `PGresult`.
pub(super) struct QueryResult(NonNull<pq_sys::PGresult>);

impl QueryResult {
    /// Takes a result over; `None` for a null pointer.
    ///
    /// # Safety
    ///
    /// The pointer is null, or that of a result that nobody else frees.
    pub(super) unsafe fn of(raw: *mut pq_sys::PGresult) -> Option<Self> {
        NonNull::new(raw).map(Self)
    }

    pub(super) fn is_copy(&self) -> bool {
        use pq_sys::ExecStatusType::{PGRES_COPY_BOTH, PGRES_COPY_IN};
        self.is_copy_out() || [PGRES_COPY_IN, PGRES_COPY_BOTH].contains(&self.status())
    }

    /// Whether the server has rows to send by COPY.
    pub(super) fn is_copy_out(&self) -> bool {
        self.status() == pq_sys::ExecStatusType::PGRES_COPY_OUT
    }

    /// Whether it is one row of several, which came by itself.
    pub(super) fn is_single_row(&self) -> bool {
        self.status() == pq_sys::ExecStatusType::PGRES_SINGLE_TUPLE
    }

    fn status(&self) -> pq_sys::ExecStatusType {
        // SAFETY: the result is valid.
        unsafe { pq_sys::PQresultStatus(self.0.as_ptr()) }
    }

    /// The name of a column by its number from 0.
    pub(super) fn column_name(&self, column: c_int) -> Option<&str> {
        // SAFETY: the result is valid; the name lives as long, and is null where there is none.
        unsafe {
            // libpq sends a notice to whoever asks for a column that is not there.
            if column >= pq_sys::PQnfields(self.0.as_ptr()) {
                return None;
            }
            let name = pq_sys::PQfname(self.0.as_ptr(), column);
            (!name.is_null()).then(|| CStr::from_ptr(name).to_str().ok())?
        }
    }

    /// The first value of the first row.
    pub(super) fn single(&self) -> Option<String> {
        self.bytes(0, 0)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Whether the server said which command was done.
    pub(super) fn ends_statement(&self) -> bool {
        // SAFETY: the result is valid; libpq gives a text in all cases.
        unsafe { *pq_sys::PQcmdStatus(self.0.as_ptr()) != 0 }
    }

    /// The error, if it is one, in libpq's words where the server has not said any.
    pub(super) fn error(
        &self,
        connection_lost: bool,
        words: impl FnOnce() -> String,
    ) -> Option<ServerError> {
        use pq_sys::ExecStatusType::{PGRES_BAD_RESPONSE, PGRES_FATAL_ERROR};
        if ![PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE].contains(&self.status()) {
            return None;
        }
        let Some(message) = self.field(b'M') else {
            // Made by libpq itself, which happens only when the connection breaks.
            return Some(ServerError::lost(words()));
        };
        Some(ServerError {
            severity: self.field(b'V').unwrap_or_default(),
            sqlstate: self.field(b'C').unwrap_or_default(),
            message,
            detail: self.field(b'D'),
            hint: self.field(b'H'),
            context: self.field(b'W'),
            position: self.field(b'P').and_then(|text| text.parse().ok()),
            internal_query: self.field(b'q'),
            internal_position: self.field(b'p').and_then(|text| text.parse().ok()),
            connection_lost,
        })
    }

    /// Adds its rows to those that came before it. Text that is not UTF-8 is an error:
    /// `client_encoding` is UTF8 unless the session was told otherwise.
    pub(super) fn add_to(&self, rows: &mut Rows) -> Result<(), ServerError> {
        let result = self.0.as_ptr();
        // SAFETY: the result is valid; libpq never gives a negative count.
        let (len, columns) = unsafe { (pq_sys::PQntuples(result), pq_sys::PQnfields(result)) };
        if rows.is_unnamed() {
            let names =
                (0..columns).map(|column| self.column_name(column).unwrap_or_default().to_owned());
            *rows = Rows::named(names.collect());
        }
        rows.add(len as usize, |row, column| {
            let Some(bytes) = self.bytes(row as c_int, column as c_int) else {
                return Ok(None);
            };
            std::str::from_utf8(bytes).map(Some).map_err(|_| {
                ServerError::not_text(
                    "the server sent text that is not UTF-8: `client_encoding` was changed",
                )
            })
        })
    }

    /// A value by row and column; `None` for SQL's NULL, and outside the result.
    fn bytes(&self, row: c_int, column: c_int) -> Option<&[u8]> {
        let result = self.0.as_ptr();
        // SAFETY: the result is valid. libpq checks both indexes (`PQgetisnull` is true outside),
        // and the bytes live as long as the result that `&self` borrows.
        unsafe {
            if pq_sys::PQgetisnull(result, row, column) == 1 {
                return None;
            }
            let length = pq_sys::PQgetlength(result, row, column) as usize;
            let bytes = pq_sys::PQgetvalue(result, row, column).cast::<u8>();
            Some(std::slice::from_raw_parts(bytes, length))
        }
    }

    /// A field of an error or notice by its letter in the protocol.
    fn field(&self, letter: u8) -> Option<String> {
        // SAFETY: the result is valid, and the text is copied while it is.
        unsafe {
            let text = pq_sys::PQresultErrorField(self.0.as_ptr(), c_int::from(letter));
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        }
    }
}

impl Drop for QueryResult {
    fn drop(&mut self) {
        // SAFETY: freed once, here.
        unsafe { pq_sys::PQclear(self.0.as_ptr()) }
    }
}

/// libpq's notice receiver: keeps the notice for [`Session::take_notices`](super::Session::take_notices).
pub(super) unsafe extern "C" fn receive_notice(
    argument: *mut c_void,
    result: *const pq_sys::PGresult,
) {
    // SAFETY: libpq passes the argument given at registration, whose session is alive, and a
    // result that it frees itself after the call, hence `ManuallyDrop`.
    let (notices, result) = unsafe {
        let notices = &*argument.cast::<Mutex<Vec<Notice>>>();
        let Some(result) = NonNull::new(result.cast_mut()) else {
            return;
        };
        (notices, ManuallyDrop::new(QueryResult(result)))
    };
    let notice = Notice {
        severity: result.field(b'V').unwrap_or_default(),
        message: result.field(b'M').unwrap_or_default(),
    };
    notices
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .push(notice);
}
