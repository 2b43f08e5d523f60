//! Passwords: made unreadable before they are sent, and tried.

use std::ffi::{CStr, CString};
use std::ptr::NonNull;

use crate::target::Target;
use migrate_text::secret::Secret;

use super::connect::{self, Parameters, time_limit};
use super::server_error::{ServerError, sqlstate};
use super::session::Session;

/// How a try to log in went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// It is possible.
    Accepted,
    /// The server refused the password.
    WrongPassword,
    /// Anything else.
    Other,
}

/// Tries to log in, and leaves at once.
pub fn try_login(target: &Target) -> Login {
    let Ok(limit) = time_limit(target) else {
        return Login::Other;
    };
    let parameters = Parameters::of(target);
    // SAFETY: both arrays end with a null pointer and live through the call.
    let connection =
        unsafe { pq_sys::PQconnectStartParams(parameters.keywords(), parameters.values(), 0) };
    let Some(connection) = NonNull::new(connection) else {
        return Login::Other;
    };
    // SAFETY: the connection is valid until `PQfinish`, after which nothing uses it; the message
    // is copied before. libpq tells the SQLSTATE of a refusal only in this way, and the words of
    // the refusal depend on the server's language.
    unsafe {
        pq_sys::PQsetErrorVerbosity(connection.as_ptr(), pq_sys::PGVerbosity::PQERRORS_SQLSTATE);
        let opened = connect::open(connection, limit);
        let message = CStr::from_ptr(pq_sys::PQerrorMessage(connection.as_ptr()));
        let message = message.to_string_lossy().into_owned();
        pq_sys::PQfinish(connection.as_ptr());
        match opened {
            Ok(()) => Login::Accepted,
            Err(_) if is_wrong_password(&message) => Login::WrongPassword,
            Err(_) => Login::Other,
        }
    }
}

/// Of what was refused with TLS libpq tries once more without, and of each host it tries each
/// address: every try has a line.
fn is_wrong_password(message: &str) -> bool {
    let mut lines = message.lines();
    lines.any(|line| line.trim_end().ends_with(sqlstate::INVALID_PASSWORD))
}

impl Session {
    /// A password in the form in which the server keeps it, by which no one can log in: neither
    /// the server nor its log ever sees the password itself.
    pub fn password_verifier(
        &mut self,
        role: &str,
        password: &Secret,
    ) -> Result<Secret, ServerError> {
        let nul = |_| ServerError::not_text("a role or its password holds a NUL byte");
        let role = CString::new(role).map_err(nul)?;
        let password = CString::new(password.reveal()).map_err(nul)?;
        // SAFETY: the connection is valid, and the texts are C strings that live through the
        // call. The result is libpq's, copied and freed with its own function.
        unsafe {
            let verifier = pq_sys::PQencryptPasswordConn(
                self.as_ptr(),
                password.as_ptr(),
                role.as_ptr(),
                c"scram-sha-256".as_ptr(),
            );
            if verifier.is_null() {
                return Err(ServerError::not_text("libpq cannot make a SCRAM verifier"));
            }
            let text = CStr::from_ptr(verifier).to_string_lossy().into_owned();
            pq_sys::PQfreemem(verifier.cast());
            Ok(Secret::new(text))
        }
    }
}
