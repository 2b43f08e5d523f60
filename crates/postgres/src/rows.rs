//! What a query gives.

use std::ffi::c_int;

use super::server_error::ServerError;
use super::session::QueryResult;

/// Rows of text. All of it is UTF-8: where the server sent anything else, the query failed.
pub struct Rows(QueryResult);

impl Rows {
    pub(super) fn of(result: QueryResult) -> Result<Self, ServerError> {
        let rows = Self(result);
        // SAFETY: the result is valid; libpq never gives a negative count.
        let columns = unsafe { pq_sys::PQnfields(rows.0.0.as_ptr()) as usize };
        for row in 0..rows.len() {
            for column in 0..columns {
                let value = rows.bytes(row, column);
                if value.is_some_and(|value| std::str::from_utf8(value).is_err()) {
                    // client_encoding is UTF8 unless the session was told otherwise.
                    return Err(ServerError::not_text(
                        "the server sent text that is not UTF-8: `client_encoding` was changed",
                    ));
                }
            }
        }
        Ok(rows)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        // SAFETY: the result is valid; libpq never gives a negative count.
        unsafe { pq_sys::PQntuples(self.0.0.as_ptr()) as usize }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value by row and column, both from 0; `None` for SQL's NULL and outside the result.
    pub fn get(&self, row: usize, column: usize) -> Option<&str> {
        // Never an error: `of` has looked at all values.
        std::str::from_utf8(self.bytes(row, column)?).ok()
    }

    fn bytes(&self, row: usize, column: usize) -> Option<&[u8]> {
        let result = self.0.0.as_ptr();
        // SAFETY: the result is valid.
        let columns = unsafe { pq_sys::PQnfields(result) } as usize;
        // libpq would say so in a notice.
        if row >= self.len() || column >= columns {
            return None;
        }
        let (row, column) = (row as c_int, column as c_int);
        // SAFETY: the result is valid, both indexes are inside it, and the bytes live as long as
        // the result that `&self` borrows.
        unsafe {
            if pq_sys::PQgetisnull(result, row, column) == 1 {
                return None;
            }
            let length = pq_sys::PQgetlength(result, row, column) as usize;
            let bytes = pq_sys::PQgetvalue(result, row, column).cast::<u8>();
            Some(std::slice::from_raw_parts(bytes, length))
        }
    }

    /// The first value of the first row.
    pub fn single(&self) -> Option<&str> {
        self.get(0, 0)
    }
}
