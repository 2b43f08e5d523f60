//! Code that cannot be generated.

use migrate_core::deploy::ExecuteError;
use migrate_core::error::Error;
use migrate_core::shadow::ShadowError;
use migrate_schema_rs::PrintError;

use super::deploy::server_fields;
use super::execute::blamed;
use super::guard;
use crate::message::Message;

/// Words the errors of generating.
pub fn word(error: &Error) -> Message {
    let message = Message::new("generate", error.to_string());
    match error {
        Error::Shadow { error: shadow, .. } => self::shadow(message, shadow),
        Error::Generate(generate) => {
            let message = message.state("nothing was written");
            match &generate.error {
                PrintError::NoPrimaryKey { table } => message.next(format!(
                    "give `{table}` a primary key, or leave it out: \
                     `filter = {{ except_tables = [\"^{table}$\"] }}` in diesel.toml"
                )),
                PrintError::NotAPatch { .. } | PrintError::PatchDoesNotApply { .. } => {
                    message.next("make the patch again from `migrate generate --stdout`")
                }
                PrintError::NoTable { .. } => message,
            }
        }
        Error::HandWritten(_) => message
            .note("hint", "generated files begin with `// @generated`")
            .state("nothing was written")
            .next("move what you wrote elsewhere, or `migrate generate --force`"),
        _ => message,
    }
}

fn shadow(message: Message, error: &ShadowError) -> Message {
    let state = "the shadow database is gone again; nothing else was touched";
    match error {
        ShadowError::Execute(ExecuteError::Migration(failure)) => {
            let (title, label) = blamed(failure, None);
            let title = format!("{title} when the history is replayed into an empty database");
            let message = Message::new("sql", title).at(failure.location.as_ref(), label);
            server_fields(message, &failure.error)
                .state(state)
                .next("a history has to apply from nothing: fix up.sql, then `migrate generate`")
        }
        ShadowError::Execute(ExecuteError::Breach(breach)) => {
            guard::breach_in_shadow(breach, state)
        }
        ShadowError::Execute(ExecuteError::Interrupted { .. }) => {
            Message::new("interrupted", error.to_string()).state(state)
        }
        ShadowError::Server(error) => server_fields(message, error).state(state),
        _ => message.state("nothing was written").next(
            "`--shadow-url` names another server, `--from-database` reads the database itself",
        ),
    }
}
