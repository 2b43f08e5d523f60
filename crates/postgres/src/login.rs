//! Passwords: made unreadable before they are sent, and tried.

use std::ffi::CString;

use crate::target::Target;
use migrate_text::secret::Secret;

use super::connect::{go_on, parameters, time_limit};
use super::libpq::{Connection, Words};
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
    let mut connection = Connection::begin(&parameters(target));
    // libpq tells the SQLSTATE of a refusal only in this way, and the words of the refusal depend
    // on the server's language.
    connection.say(Words::Code);
    match go_on(&mut connection, limit) {
        Ok(()) => Login::Accepted,
        Err(_) if is_wrong_password(&connection.error_message()) => Login::WrongPassword,
        Err(_) => Login::Other,
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
        let verifier = self.wire.connection.password_verifier(&role, &password);
        verifier
            .map(Secret::new)
            .ok_or_else(|| ServerError::not_text("libpq cannot make a SCRAM verifier"))
    }
}
