//! What servers, databases and their files can refuse.

use std::path::PathBuf;

use migrate_core::error::{ExecuteError, GenerateError, LedgerError, ShadowError};
use migrate_core::report::{Change, ChangeKind, FileReport, FileState, Obstacle};
use migrate_postgres::blocker::Blocker;
use migrate_postgres::embedded::EmbeddedError;
use migrate_postgres::holder::{Connected, Holder};
use migrate_postgres::{AdminError, ConnectError, PoolMode, ServerError, sqlstate};
use migrate_schema_rs::PrintError;
use migrate_text::causes::Cause;
use migrate_text::name::QualifiedName;

use crate::{every, migrations};

pub fn io() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::PermissionDenied, "permission denied")
}

pub fn refused() -> ConnectError {
    ConnectError {
        message: "connection refused".to_owned(),
        obstacle: migrate_postgres::Obstacle::Refused,
    }
}

pub fn denied() -> ServerError {
    ServerError {
        severity: "ERROR".to_owned(),
        sqlstate: sqlstate::INSUFFICIENT_PRIVILEGE.to_owned(),
        message: "permission denied for schema public".to_owned(),
        connection_lost: false,
        ..ServerError::interrupted()
    }
}

pub fn holder() -> Holder {
    Holder {
        pid: 4711,
        user: "app".to_owned(),
        application: "migrate 17@web-1".to_owned(),
        connected: Some(Connected {
            since: "2025-12-01T09:30:00Z".to_owned(),
            address: Some("10.0.0.7".to_owned()),
        }),
    }
}

pub fn blocker() -> Blocker {
    Blocker {
        pid: 4711,
        user: Some("app".to_owned()),
        application: Some("psql".to_owned()),
        kind: Some("client backend".to_owned()),
        state: Some("idle in transaction".to_owned()),
        command: Some("LOCK".to_owned()),
        query_age: Some(65.0),
        transaction_age: Some(65.0),
        ..Blocker::default()
    }
}

pub fn refused_change() -> Change {
    Change {
        kind: ChangeKind::Give,
        role: Some("auth".to_owned()),
        privileges: 1,
        sql: "grant select on public.posts to auth;".to_owned(),
        obstacle: Some(Obstacle::NotOwner("owner".to_owned())),
    }
}

pub fn hand_written() -> FileReport {
    FileReport {
        path: PathBuf::from("services/post/src/schema.rs"),
        state: FileState::HandWritten {
            diff: String::new(),
        },
        written: false,
    }
}

pub fn embedded() -> Vec<EmbeddedError> {
    let path = || PathBuf::from("/data/embedded");
    every! { EmbeddedError:
        NoBinaries => EmbeddedError::NoBinaries { searched: vec![PathBuf::from("/usr/bin")] },
        WrongVersion => EmbeddedError::WrongVersion {
            needed: "15".to_owned(), found: vec!["17".to_owned()], folder: path(),
        },
        NoServerUser => EmbeddedError::NoServerUser,
        Initialise => EmbeddedError::Initialise { output: "no space left".to_owned() },
        Start => EmbeddedError::Start {
            reason: "no answer".to_owned(), log: PathBuf::from("/data/log"),
        },
        Stop => EmbeddedError::Stop { pid: 17 },
        Signal => EmbeddedError::Signal { pid: 17, error: io() },
        UnsafeFolder => EmbeddedError::UnsafeFolder(path()),
        Io => EmbeddedError::Io { path: path(), error: io() },
    }
}

pub fn admin() -> Vec<AdminError> {
    every! { AdminError:
        Connect => AdminError::Connect(refused()),
        Server => AdminError::Server(denied()),
        Shared => AdminError::Shared(PoolMode::Statement),
    }
}

pub fn ledger() -> Vec<LedgerError> {
    every! { LedgerError:
        NoSchema => LedgerError::NoSchema,
        TooNew => LedgerError::TooNew { found: 9, known: 3 },
        NoSuchFormat => LedgerError::NoSuchFormat { found: -1 },
        Server => LedgerError::Server(denied()),
    }
}

pub fn shadows() -> Vec<ShadowError> {
    let mut all = every! { ShadowError:
        Connect => ShadowError::Connect(refused()),
        Embedded => ShadowError::Embedded(EmbeddedError::Io {
            path: PathBuf::from("/data/embedded"), error: io(),
        }),
        Admin => ShadowError::Admin(AdminError::Shared(PoolMode::Transaction)),
        Server => ShadowError::Server(denied()),
        Ledger => ShadowError::Ledger(LedgerError::NoSchema),
        Execute => ShadowError::Execute(ExecuteError::Migration(Box::new(migrations::failure()))),
    };
    all.extend(
        migrations::executions()
            .into_iter()
            .map(ShadowError::Execute),
    );
    all
}

pub fn unprinted() -> Vec<GenerateError> {
    let all = every! { PrintError:
        NoPrimaryKey => PrintError::NoPrimaryKey { table: "posts".to_owned() },
        NoTable => PrintError::NoTable { table: QualifiedName::new("public", "posts") },
        NotAPatch => PrintError::NotAPatch { error: Cause::of("no hunk") },
        PatchDoesNotApply => PrintError::PatchDoesNotApply { error: Cause::of("hunk 1") },
    };
    let generate = |error| GenerateError {
        file: "schema.rs".to_owned(),
        error,
    };
    all.into_iter().map(generate).collect()
}
