//! What a server says, and what to do about one that ails.

use migrate_core::error::is_not_kept;
use migrate_postgres::{Ailment, ServerError};
use migrate_sql::mask_passwords;

use crate::message::Message;

/// What the server said, in a sentence.
pub fn sentence(error: &ServerError) -> String {
    if is_not_kept(error) {
        return "the ledger does not keep the row that was written to it".to_owned();
    }
    let message = mask_passwords(&error.message);
    if error.sqlstate.is_empty() {
        // What libpq says after it is guesswork: that the server has probably crashed.
        message.lines().next().unwrap_or_default().to_owned()
    } else {
        format!("{message} (SQLSTATE {})", error.sqlstate)
    }
}

/// Adds what the server said besides.
pub fn fields(message: Message, error: &ServerError) -> Message {
    // They quote the statement that failed.
    let notes = [
        ("detail", &error.detail),
        ("hint", &error.hint),
        ("context", &error.context),
    ];
    notes.into_iter().fold(message, |message, (name, text)| {
        message.maybe_note(name, text.as_deref().map(mask_passwords))
    })
}

/// What to do where the ledger does not keep its rows, and which command to run then.
pub fn not_kept(command: &str) -> String {
    format!(
        "a trigger, a rule or row-level security keeps rows away: `\\d __migrate_ledger` and `\\d \
         __diesel_schema_migrations` in psql show which; take it away, then `{command}`"
    )
}

/// What to do about a server that ails, and which command to run then.
pub fn ailing(error: &ServerError, command: &str) -> Option<String> {
    let ailment = error.ailment()?;
    let first = cure(ailment);
    let wait = match ailment {
        Ailment::Lost | Ailment::Stopped => " --wait 60",
        Ailment::DiskFull
        | Ailment::Disk
        | Ailment::OutOfMemory
        | Ailment::OutOfConnections
        | Ailment::ReadOnly
        | Ailment::TimeLimit => "",
    };
    Some(format!("{first}, then `{command}{wait}`"))
}

/// The same where it is not known what became of a migration.
pub fn ailing_in_doubt(error: &ServerError, command: &str) -> String {
    let first = error.ailment().map_or("see that the server runs", cure);
    format!(
        "{first}; then `migrate status --wait 60` tells whether it is applied, and \
         `{command} --wait 60` goes on from there"
    )
}

fn cure(ailment: Ailment) -> &'static str {
    match ailment {
        Ailment::Lost | Ailment::Stopped => {
            "see in the server's log, or on the way to it, why the connection broke"
        }
        Ailment::DiskFull => "make room on the server's disk",
        Ailment::Disk => "have the server's disk looked after: its log says more",
        Ailment::OutOfMemory => "give the server more memory, or lower what it may use at once",
        Ailment::OutOfConnections => {
            "end connections that nobody needs, or raise `max_connections` of the server"
        }
        Ailment::ReadOnly => {
            "the server can only be read: a standby, or one that has just become that; name the \
             primary in the URL"
        }
        Ailment::TimeLimit => {
            "a time limit of the server ended the session: look for one in its settings and in \
             those of the role (`\\drds` in `psql`)"
        }
    }
}
