//! Code that cannot be generated.

use migrate_core::error::{ExecuteError, GenerateError, ShadowError};
use migrate_core::report::FileReport;
use migrate_schema_rs::PrintError;
use migrate_text::causes::with_causes;

use crate::code::Code;
use crate::message::Message;
use crate::server;
use crate::so_far::blamed;
use crate::{connection, execute, guard};

/// Words that a file could not be printed.
pub fn unprinted(error: &GenerateError) -> Message {
    let title = format!("{}: {}", error.file, with_causes(&error.error));
    let message = Message::new(Code::Generate, title).state("nothing was written");
    match &error.error {
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

/// Words that files which people wrote are in the way.
pub fn hand_written(files: &[FileReport]) -> Message {
    let first = files.first().map(|file| file.path.display().to_string());
    let title = format!(
        "{} would be overwritten, and a person wrote it",
        first.unwrap_or_default()
    );
    Message::new(Code::Generate, title)
        .note("hint", "generated files begin with `// @generated`")
        .state("nothing was written")
        .next("move what you wrote elsewhere, or `migrate generate --force`")
}

/// Words why a history could not be replayed.
pub fn shadow(database: &str, error: &ShadowError) -> Message {
    let state = "the shadow database is gone again; nothing else was touched";
    let failed = |why: &str| {
        let title = format!("the history of database {database}: {why}");
        Message::new(Code::Generate, title)
    };
    // No server for the shadow, or none that will do.
    let unserved = |why: &str| {
        failed(why).state("nothing was written").next(
            "`--shadow-url` names another server, `--from-database` reads the database itself",
        )
    };
    match error {
        ShadowError::Connect(_) | ShadowError::Admin(_) => unserved(&with_causes(error)),
        ShadowError::Embedded(error) => unserved(&connection::embedded_title(error)),
        ShadowError::Server(error) => {
            let message = failed(&format!("the shadow database: {error}"));
            server::fields(message, error).state(state)
        }
        ShadowError::Ledger(error) => unserved(&format!("the shadow database: {error}")),
        ShadowError::Execute(error) => match error {
            ExecuteError::Migration(failure) => {
                let (title, label) = blamed(failure, None);
                let title = format!("{title} when the history is replayed into an empty database");
                let message = Message::new(Code::Sql, title).at(failure.location.as_ref(), label);
                server::fields(message, &failure.error).state(state).next(
                    "a history has to apply from nothing: fix up.sql, then `migrate generate`",
                )
            }
            // The same as when it is deployed.
            ExecuteError::Breach(breach) => guard::breach_in_shadow(breach, state),
            ExecuteError::Interrupted { .. } => {
                Message::new(Code::Interrupted, not_applied(error)).state(state)
            }
            ExecuteError::Forbidden(_)
            | ExecuteError::Escaped(_)
            | ExecuteError::FinishedPartEdited { .. }
            | ExecuteError::NowInTransaction { .. }
            | ExecuteError::InDoubt { .. } => unserved(&not_applied(error)),
        },
    }
}

fn not_applied(error: &ExecuteError) -> String {
    let why = execute::title(error);
    format!("the history does not apply to an empty database: {why}")
}
