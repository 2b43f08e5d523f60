//! Commands that are not for this workspace or environment, or that nobody has approved.

use migrate_core::error::{Destroying, Error};

use crate::code::Code;
use crate::message::Message;

/// Words that a command does not run against production.
pub fn in_production(error: &Error, command: Destroying) -> Message {
    refused(error).next(match command {
        Destroying::Reset => {
            "to undo a migration: `migrate revert --env prod`; to go back to a dump: restore it"
        }
        Destroying::DropDatabase => {
            "if a production database has to go, drop it by hand, knowingly"
        }
    })
}

/// Words that production is changed by nobody unasked.
pub fn not_approved(error: &Error) -> Message {
    refused(error).next("look at the plan, and pass on the approval of it")
}

/// Words that something else would be done than what was approved: somebody else, or an editor,
/// was there between the question and the answer.
pub fn changed(error: &Error, database: &str, resumed: bool) -> Message {
    Message::new(Code::Changed, error.to_string())
        .note(
            "cause",
            "somebody else has changed the database or a file meanwhile",
        )
        .state(match resumed {
            false => format!("no migration was run in {database}"),
            true => format!(
                "what was run in {database} before the connection was lost stays; nothing was run since"
            ),
        })
        .next("run it again, and look at what would be done now")
}

/// Words that no database uses the embedded server.
pub fn not_embedded(error: &Error) -> Message {
    refused(error).next("set `DATABASE_URL=embedded:` in `.env.local` to have one")
}

fn refused(error: &Error) -> Message {
    Message::new(Code::Refused, error.to_string()).state("nothing was touched")
}
