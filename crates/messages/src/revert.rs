//! Migrations that cannot be reverted.

use migrate_core::error::Error;

use crate::code::Code;
use crate::message::Message;

/// Words that there is no `down.sql`, or none that does anything.
pub fn no_down_sql(error: &Error, migration: &str) -> Message {
    refused(error).next(format!("write `migrations/{migration}/down.sql`"))
}

/// Words that all that is left of a `down.sql` has stars for a password.
pub fn password_not_kept(error: &Error, migration: &str) -> Message {
    refused(error).next(format!(
        "get `migrations/{migration}` back from version control, then `migrate revert`"
    ))
}

/// Words that a migration cannot be applied again, as its files are gone.
pub fn not_on_disk(error: &Error) -> Message {
    refused(error).next("get the folder back from version control, or `migrate revert` alone")
}

/// Words that there is nothing to revert.
pub fn nothing_applied(error: &Error) -> Message {
    refused(error).next("`migrate status` shows what is applied")
}

fn refused(error: &Error) -> Message {
    Message::new(Code::Revert, error.to_string()).state("nothing was reverted")
}
