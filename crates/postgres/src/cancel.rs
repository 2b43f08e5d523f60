//! Stops a statement from another thread.

use std::ffi::{c_char, c_int};
use std::sync::Arc;

use super::session::Session;

/// Stops what a [`Session`] is doing, from another thread.
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

impl Session {
    /// A handle by which another thread can stop what this session is doing.
    pub fn canceller(&self) -> Canceller {
        // SAFETY: the connection is valid; the handle is freed when the last clone is dropped.
        let handle = unsafe { pq_sys::PQgetCancel(self.as_ptr()) };
        Canceller(Arc::new(CancelHandle(handle)))
    }
}
