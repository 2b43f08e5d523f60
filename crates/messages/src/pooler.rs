//! Connection poolers that stand in the way.

use migrate_core::error::Error;

use crate::code::Code;
use crate::message::Message;

/// Words a pooler that shares sessions.
pub fn word(error: &Error, database: &str, target: &str) -> Message {
    Message::new(Code::Pooler, error.to_string())
        .note("pooler", target)
        .state(format!("nothing was touched in {database}"))
        .next(format!(
            "let the URL of {database} name the server itself, past the pooler\n\
             or, in PgBouncer, set `pool_mode = session` for this database or user, and reload"
        ))
}

/// What to do about a parameter of the URL that PgBouncer refuses.
pub fn parameter(parameter: &str) -> String {
    let instead = match parameter {
        "options" => ", and set what it sets for the role: `alter role ... set ...`",
        _ => "",
    };
    format!(
        "the pooler takes no `{parameter}`: remove it from the URL{instead}\n\
         or let PgBouncer leave it out: `ignore_startup_parameters = {parameter}`\n\
         or let the URL name the server itself, past the pooler"
    )
}
