//! Commands that are not for this workspace or environment.

use migrate_core::error::Error;

use crate::code::Code;
use crate::message::Message;

/// Words that a command does not run against production.
pub fn in_production(error: &Error, command: &str) -> Message {
    refused(error).next(match command {
        "reset" => {
            "to undo a migration: `migrate revert --env prod`; to go back to a dump: restore it"
        }
        _ => "if a production database has to go, drop it by hand, knowingly",
    })
}

/// Words that no database uses the embedded server.
pub fn not_embedded(error: &Error) -> Message {
    refused(error).next("set `DATABASE_URL=embedded:` in `.env.local` to have one")
}

fn refused(error: &Error) -> Message {
    Message::new(Code::Refused, error.to_string()).state("nothing was touched")
}
