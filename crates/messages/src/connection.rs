//! Servers and databases that cannot be reached.

use std::time::Duration;

use migrate_core::error::Error;
use migrate_postgres::embedded::EmbeddedError;
use migrate_postgres::{AdminError, ConnectError, Obstacle, Refusal, ServerState, Tls};
use migrate_text::causes::with_causes;

use crate::code::Code;
use crate::message::Message;
use crate::pooler;
use crate::server::{self, ailing};

/// Words that a database cannot be connected to.
pub fn refused(error: &Error, database: &str, why: &ConnectError, waited: Duration) -> Message {
    let message = unreachable(error)
        .note("server", indent(&why.message))
        .state(untouched(waited));
    match why.refused_parameter() {
        Some(parameter) => message.next(pooler::parameter(parameter)),
        None => message.next(advice(why.obstacle, database)),
    }
}

/// Words that a server did not answer in time.
pub fn no_server(error: &Error, target: &str, state: ServerState) -> Message {
    let answer = match state {
        ServerState::Rejecting => "it is there, but takes no connections",
        ServerState::Accepting | ServerState::Silent | ServerState::NotTried => {
            "nothing answers there"
        }
    };
    unreachable(error)
        .note("server", format!("{target}: {answer}"))
        .state("nothing was touched")
        .next("check host and port, and that the server runs")
}

/// Words that a server can only be read.
pub fn standby(error: &Error, waited: Duration) -> Message {
    Message::new(Code::Standby, error.to_string())
        .state(untouched(waited))
        .next(
            "name the primary in the URL, or all hosts: \
             `postgresql://user@host1,host2/name?target_session_attrs=read-write`;\n\
             while it fails over: `--wait 60` waits until one can be written to",
        )
}

/// Words that a database could not be created or dropped.
pub fn admin(error: &Error, action: &str, why: &AdminError) -> Message {
    let message = Message::new(Code::Connection, with_causes(error));
    let state = "nothing else was done";
    match why {
        AdminError::Server(server) => server::fields(message, server)
            .state(state)
            .maybe_next(ailing(server, &format!("migrate db {action}"))),
        AdminError::Connect(_) | AdminError::Shared(_) => message.state(state),
    }
}

/// Words that a server could not be reached again after something had been done there: how that
/// stands has been told. `None` for an error of another kind.
pub fn afterwards(error: &Error) -> Option<Message> {
    let (server, waited) = if let Error::Connect { error, waited, .. } = error {
        (Some(indent(&error.message)), *waited)
    } else if let Error::Standby { waited, .. } = error {
        (None, *waited)
    } else {
        return None;
    };
    let message = unreachable(error)
        .maybe_note("server", server)
        .state(format!(
            "as told above; tried to connect again for {} s",
            waited.as_secs()
        ));
    Some(message)
}

fn unreachable(error: &Error) -> Message {
    Message::new(Code::Connection, error.to_string())
}

fn untouched(waited: Duration) -> String {
    match waited.as_secs() {
        0 => "nothing was touched".to_owned(),
        seconds => format!("nothing was touched; tried for {seconds} s"),
    }
}

/// What to do about what stands in the way of a connection.
fn advice(obstacle: Obstacle, database: &str) -> String {
    let text = match obstacle {
        Obstacle::UnknownHost => {
            "check the host's name; where it is only coming up, `--wait 60` waits for it"
        }
        Obstacle::Unreachable => "check the address, and the network between here and there",
        Obstacle::Refused => {
            "check host and port, and that the server runs; `--wait 60` waits for it"
        }
        Obstacle::Silent => {
            "check host and port, and firewalls on the way; `--wait 60` tries again, \
             `connect_timeout` in the URL gives it more time"
        }
        Obstacle::Closed => {
            "something listens there and hangs up: a proxy or container whose server is not up yet, \
             or a server that has just crashed; `--wait 60` tries again"
        }
        Obstacle::NotReady => {
            "the server is starting, stopping or recovering: `--wait 60` waits for it"
        }
        Obstacle::Full => {
            "end connections that nobody needs, or raise `max_connections` of the server; \
             `--wait 60` waits for a free one"
        }
        Obstacle::WrongMode => {
            "no host is what `target_session_attrs` in the URL asks for; while the servers fail \
             over, `--wait 60` waits for one"
        }
        Obstacle::NotPostgres => "what answers there is no PostgreSQL: check host and port",
        Obstacle::Password => "check user and password",
        Obstacle::NotLetIn(refusal) => not_let_in(refusal),
        Obstacle::MissingDatabase => {
            return format!(
                "`migrate db create --database {database}` creates it, or set \
                 `create = true` in `migrate.toml`"
            );
        }
        Obstacle::NotToThisDatabase => {
            "the role may not connect to this database: an administrator runs \
             `grant connect on database ... to ...`, or `alter database ... allow_connections true`"
        }
        Obstacle::Tls(tls) => self::tls(tls),
        Obstacle::TooOld => "`migrate` works with PostgreSQL 13 to 18: upgrade the server first",
        Obstacle::Parameters => "check the URL",
        Obstacle::Other => "the words of the server say what to change",
    };
    text.to_owned()
}

fn not_let_in(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoLine => {
            "add a line for this user, database and address to the server's `pg_hba.conf`; where \
             it says `no encryption` or `SSL off`, try `sslmode=require` in the URL"
        }
        Refusal::Certificate => {
            "the server wants a certificate of ours, made out to this role: `sslcert` and `sslkey` \
             in the URL name its files"
        }
        Refusal::Role => {
            "check the user: is there such a role, may it log in, is it you, and is a certificate that \
             the server wants made out to it?"
        }
    }
}

fn tls(tls: Tls) -> &'static str {
    match tls {
        Tls::NotOffered => {
            "switch TLS on in the server (`ssl = on`); `sslmode=prefer` in the URL would go on \
             unencrypted"
        }
        Tls::Untrusted => {
            "`sslrootcert` in the URL has to name the certificate of the authority that signed the \
             server's; look also whether that has expired"
        }
        Tls::WrongName => {
            "connect by the name that the certificate is made out to, or have one made for this \
             name; `sslmode=verify-ca` would not compare names"
        }
        Tls::NoRoot => {
            "put the certificate of the authority into this file, or name another by `sslrootcert` \
             in the URL; `sslrootcert=system` trusts those of this machine (libpq 16 and later)"
        }
        Tls::OwnCertificate => "check the files that `sslcert` and `sslkey` in the URL name",
        Tls::Refused => {
            "the server wants a certificate of ours from an authority that it trusts: `sslcert` and \
             `sslkey` in the URL name its files"
        }
        Tls::Other => "check `sslmode` and the other TLS parameters in the URL",
    }
}

/// Words the errors of the embedded server.
pub fn embedded(error: &EmbeddedError) -> Message {
    let message = Message::new(Code::Embedded, embedded_title(error));
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

/// What is wrong with the embedded server, in a sentence.
pub fn embedded_title(error: &EmbeddedError) -> String {
    if let EmbeddedError::Io { path, error } = error {
        return format!("`{}`: {error}", path.display());
    }
    with_causes(error)
}

/// libpq's messages of several lines, aligned under each other.
fn indent(message: &str) -> String {
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    lines.join("\n")
}
