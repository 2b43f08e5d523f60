//! A second session beside one that is busy.

use std::ffi::{CStr, c_char};
use std::time::Duration;

use crate::target::Target;

use super::pulse::AnswerWait;
use super::session::{ConnectError, Session};

/// How many seconds it may take to connect: the first session's answer waits for it.
const TIMEOUT: &str = "3";
/// How long a question on it may take: they are all about what the server has in memory.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

impl Session {
    /// Connects once more to the server that this session is on, as the same role.
    pub fn connect_beside(&self) -> Result<Self, ConnectError> {
        let mut beside = Self::connect(&self.own_target())?;
        beside.answer_wait = AnswerWait::Limited(ANSWER_LIMIT);
        Ok(beside)
    }

    /// The target with which libpq has connected, and the very address that answered: a name may
    /// stand for several servers.
    fn own_target(&self) -> Target {
        let connection = self.as_ptr();
        let mut target = Target::default();
        // SAFETY: the connection is valid; the list ends with a null keyword, is ours until we
        // free it, and its texts are copied before that. The three texts belong to the connection.
        unsafe {
            let options = pq_sys::PQconninfo(connection);
            let mut option = options;
            while !option.is_null() && !(*option).keyword.is_null() {
                if let (Some(keyword), Some(value)) = (text((*option).keyword), text((*option).val))
                {
                    target = target.with(&keyword, value);
                }
                option = option.add(1);
            }
            pq_sys::PQconninfoFree(options);
            for (keyword, value) in [
                ("host", pq_sys::PQhost(connection)),
                ("port", pq_sys::PQport(connection)),
                ("hostaddr", pq_sys::PQhostaddr(connection)),
            ] {
                target = match text(value) {
                    Some(value) => target.with(keyword, value),
                    None => target.without(keyword),
                };
            }
        }
        target.with("connect_timeout", TIMEOUT)
    }
}

/// A copy of a text of libpq's; `None` for a null pointer and where nothing is said.
///
/// # Safety
///
/// The pointer is null, or that of a C string that lives through the call.
unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    let text = unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned();
    Some(text).filter(|text| !text.is_empty())
}
