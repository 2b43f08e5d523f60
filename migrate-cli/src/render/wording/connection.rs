//! Servers and databases that cannot be reached.

use migrate_core::database::ServerState;
use migrate_core::database::embedded::EmbeddedError;
use migrate_core::error::Error;

use super::pooler;
use crate::render::message::Message;

/// Words the errors of connecting, creating and dropping.
pub fn word(error: &Error) -> Message {
    let message = Message::new("connection", error.to_string());
    match error {
        Error::Connect {
            error,
            database_missing,
            database,
            ..
        } => {
            let message = message
                .note("server", indent(&error.message))
                .state("nothing was touched");
            if let Some(parameter) = error.refused_parameter() {
                return message.next(pooler::parameter(parameter));
            }
            match (error.server, database_missing) {
                (ServerState::Accepting, Some(true)) => message.next(format!(
                    "`migrate db create --database {database}` creates it, or set \
                     `create = true` in `migrate.toml`"
                )),
                (ServerState::Accepting, _) => {
                    message.next("the server answers: check user, password and the database's name")
                }
                (ServerState::Rejecting, _) => message
                    .next("the server is starting, stopping or full: try again with `--wait 60`"),
                (ServerState::Silent, _) => message.next(
                    "check host and port, and that the server runs; `--wait 60` waits for it",
                ),
                (ServerState::NotTried, _) => message.next("check the URL"),
            }
        }
        Error::NoServer { target, state, .. } => {
            let answer = match state {
                ServerState::Rejecting => "it is there, but takes no connections",
                _ => "nothing answers there",
            };
            message
                .note("server", format!("{target}: {answer}"))
                .state("nothing was touched")
                .next("check host and port, and that the server runs")
        }
        _ => message.state("nothing else was done"),
    }
}

/// Words the errors of the embedded server.
pub fn embedded(error: &EmbeddedError) -> Message {
    let message = Message::new("embedded", error.to_string());
    match error {
        EmbeddedError::NoBinaries { searched } => {
            let folders: Vec<String> = searched
                .iter()
                .map(|folder| folder.display().to_string())
                .collect();
            message
                .note("looked", folders.join(", "))
                .state("nothing was touched")
                .next(
                    "install the server:\n\
                     Debian, Ubuntu  apt-get install postgresql\n\
                     Fedora          dnf install postgresql-server\n\
                     macOS           brew install postgresql@17\n\
                     or set PG_BIN to the folder that has `initdb` and `postgres`",
                )
        }
        EmbeddedError::WrongVersion { needed, folder, .. } => {
            message.state("the data is as it was").next(format!(
                "install PostgreSQL {needed} again, or remove `{}` to start empty",
                folder.display()
            ))
        }
        EmbeddedError::NoServerUser => {
            message.next("create one: `useradd --system postgres`, or run as an ordinary user")
        }
        EmbeddedError::Start { log, .. } => {
            message.next(format!("the whole log is `{}`", log.display()))
        }
        EmbeddedError::Stop { .. } => {
            message.next("see what it is doing, then run `migrate db stop` again")
        }
        EmbeddedError::Signal { pid, .. } => message.next(format!(
            "stop it yourself, as a user who may: `kill -INT {pid}`"
        )),
        EmbeddedError::UnsafeFolder(folder) => message.next(format!(
            "find out who made `{}`, and remove it; or set `MIGRATE_EMBEDDED_DIR` to a folder of \
             your own",
            folder.display()
        )),
        EmbeddedError::Io { .. } => {
            message.next("`MIGRATE_EMBEDDED_DIR` names another folder for the server's data")
        }
        EmbeddedError::Initialise { .. } => message.state("nothing was left behind"),
    }
}

/// libpq's messages of several lines, aligned under each other.
fn indent(message: &str) -> String {
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    lines.join("\n")
}
