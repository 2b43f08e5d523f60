//! Every variant of every error: its chain of causes, for programs that use the core alone, and its
//! words, for people. The snapshot is read aloud: each line makes sense, says nothing twice, and
//! names database, migration and place.

mod databases;
mod migrations;
mod problems;

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use migrate_core::error::{Changing, Destroying, Doing, Error, ExecuteError, ShadowError};
use migrate_core::report::{DatabaseDeploy, DeployReport};
use migrate_text::causes::with_causes;
use migrate_text::problem::Problems;

/// One value for every variant, each checked to be that. A new variant does not compile until it is
/// here.
macro_rules! every {
    ($type:ident: $($variant:ident => $value:expr,)*) => {{
        let name = |value: &$type| match value {
            $($type::$variant { .. } => stringify!($variant),)*
        };
        let all = vec![$((stringify!($variant), $value),)*];
        for (variant, value) in &all {
            assert_eq!(name(value), *variant);
        }
        all.into_iter().map(|(_, value)| value).collect::<Vec<$type>>()
    }};
}
pub(crate) use every;

fn main_database() -> String {
    "main".to_owned()
}

fn target() -> String {
    "app@db.example:5432/shop".to_owned()
}

/// A deploy that came to its second migration in the first of two databases.
fn report() -> Box<DeployReport> {
    let report = DatabaseDeploy {
        database: main_database(),
        applied: vec![migrations::done()],
        total_applied: 1,
        ..DatabaseDeploy::default()
    };
    Box::new(DeployReport {
        databases: vec![report],
        not_reached: vec!["billing".to_owned()],
        ..DeployReport::default()
    })
}

fn errors() -> Vec<Error> {
    let database = main_database;
    let folder = migrations::folder;
    let waited = Duration::from_secs(5);
    let mut errors = every! { Error:
        Problems => Error::Problems(Problems(problems::every().into_iter().take(2).collect())),
        Embedded => Error::Embedded(databases::embedded().remove(0)),
        Connect => Error::Connect {
            database: database(), target: target(), error: databases::refused(), waited,
        },
        Standby => Error::Standby { database: database(), target: target(), waited },
        Several => Error::Several(vec![ledger_error(), Error::NotEmbedded]),
        Stopped => Error::Stopped { error: Box::new(execute_error()), report: report() },
        NoServer => Error::NoServer {
            database: database(),
            target: target(),
            state: migrate_postgres::ServerState::Rejecting,
            waited,
        },
        Admin => Error::Admin {
            database: database(), action: "create", error: databases::admin().remove(1),
        },
        Ledger => ledger_error(),
        Server => Error::Server {
            database: database(), doing: Doing::TakingLock, error: databases::denied(),
        },
        LedgerLocked => Error::LedgerLocked {
            database: database(), blockers: vec![databases::blocker()], waited,
        },
        Locked => Error::Locked {
            database: database(), holder: Some(databases::holder()), waited,
        },
        Pooler => Error::Pooler {
            database: database(),
            target: target(),
            mode: migrate_postgres::PoolMode::Transaction,
        },
        Plan => plan_error(migrations::plans().remove(0)),
        Forbidden => Error::Forbidden(migrations::forbidden().remove(0)),
        Ownership => Error::Ownership(vec![migrations::breach()]),
        Late => Error::Late { database: database(), conflicts: vec![migrations::conflict()] },
        BuiltUpon => Error::BuiltUpon {
            database: database(),
            collisions: vec![migrations::conflict()],
            steps: 3,
            half_done: None,
        },
        Execute => execute_error(),
        NoDownSql => Error::NoDownSql { database: database(), standing: folder() },
        PasswordNotKept => Error::PasswordNotKept { database: database(), migration: folder() },
        EmptyDownSql => Error::EmptyDownSql { database: database(), migration: folder() },
        NotOnDisk => Error::NotOnDisk { database: database(), migration: folder() },
        NothingApplied => Error::NothingApplied { database: database() },
        Privileges => Error::Privileges {
            database: database(),
            role: "deployer".to_owned(),
            partly: true,
            refused: vec![databases::refused_change()],
        },
        RolesNotSet => Error::RolesNotSet { database: database() },
        NotInProduction => Error::NotInProduction { command: Destroying::Reset },
        NotApproved => Error::NotApproved { command: Changing::Deploy },
        Changed => Error::Changed { database: database(), resumed: false },
        NotEmbedded => Error::NotEmbedded,
        Shadow => shadow_error(ShadowError::Server(databases::denied())),
        Generate => Error::Generate(databases::unprinted().remove(0)),
        HandWritten => Error::HandWritten(vec![databases::hand_written()]),
        Io => Error::Io { path: "migrations/1_a".to_owned(), error: databases::io() },
    };
    errors.push(Error::Changed {
        database: database(),
        resumed: true,
    });
    errors
}

fn ledger_error() -> Error {
    Error::Ledger {
        database: main_database(),
        error: databases::ledger().remove(1),
    }
}

fn execute_error() -> Error {
    executed(ExecuteError::Migration(Box::new(migrations::failure())))
}

fn executed(error: ExecuteError) -> Error {
    Error::Execute {
        database: main_database(),
        error,
    }
}

fn plan_error(error: migrate_core::error::PlanError) -> Error {
    Error::Plan {
        database: main_database(),
        error,
        edits: vec![migrations::edit()],
    }
}

fn shadow_error(error: ShadowError) -> Error {
    Error::Shadow {
        database: main_database(),
        error,
    }
}

/// The errors that are a part of one of ours, each in the one that holds it.
fn nested() -> Vec<(&'static str, Vec<Error>)> {
    let ledger = |error| Error::Ledger {
        database: main_database(),
        error,
    };
    let admin = |error| Error::Admin {
        database: main_database(),
        action: "drop",
        error,
    };
    let problem = |problem| Error::Problems(Problems(vec![problem]));
    vec![
        (
            "ProblemKind",
            problems::every().into_iter().map(problem).collect(),
        ),
        (
            "TargetError",
            problems::urls().into_iter().map(problem).collect(),
        ),
        (
            "EmbeddedError",
            databases::embedded()
                .into_iter()
                .map(Error::Embedded)
                .collect(),
        ),
        (
            "AdminError",
            databases::admin().into_iter().map(admin).collect(),
        ),
        (
            "LedgerError",
            databases::ledger().into_iter().map(ledger).collect(),
        ),
        (
            "PlanError",
            migrations::plans().into_iter().map(plan_error).collect(),
        ),
        (
            "ForbiddenKind",
            migrations::forbidden()
                .into_iter()
                .map(Error::Forbidden)
                .collect(),
        ),
        (
            "ExecuteError",
            migrations::executions().into_iter().map(executed).collect(),
        ),
        (
            "Offence",
            migrations::offences().into_iter().map(executed).collect(),
        ),
        (
            "FailedPart",
            migrations::failed_parts()
                .into_iter()
                .map(executed)
                .collect(),
        ),
        (
            "ShadowError",
            databases::shadows().into_iter().map(shadow_error).collect(),
        ),
        (
            "GenerateError",
            databases::unprinted()
                .into_iter()
                .map(Error::Generate)
                .collect(),
        ),
    ]
}

fn all() -> Vec<(&'static str, Vec<Error>)> {
    let mut all = vec![("Error", errors())];
    all.extend(nested());
    all
}

#[test]
fn the_chain_of_causes_tells_a_program_what_it_needs() {
    let mut text = String::new();
    for (section, errors) in all() {
        writeln!(text, "## {section}").unwrap();
        for error in errors {
            writeln!(text, "error: {}", with_causes(&error)).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn no_link_of_a_chain_repeats_what_comes_after_it() {
    for (_, errors) in all() {
        for error in &errors {
            let mut link: &dyn std::error::Error = error;
            while let Some(cause) = link.source() {
                let (said, again) = (link.to_string(), cause.to_string());
                assert!(!said.contains(&again), "{said:?} repeats {again:?}");
                link = cause;
            }
        }
    }
}

#[test]
fn what_caused_an_error_is_its_source() {
    for error in errors() {
        let has_cause = !matches!(
            error,
            // They are the last of their chain, or tell several chains.
            Error::Problems(_)
                | Error::Embedded(_)
                | Error::Standby { .. }
                | Error::Several(_)
                | Error::NoServer { .. }
                | Error::LedgerLocked { .. }
                | Error::Locked { .. }
                | Error::Pooler { .. }
                | Error::Forbidden(_)
                | Error::Ownership(_)
                | Error::Late { .. }
                | Error::BuiltUpon { .. }
                | Error::NoDownSql { .. }
                | Error::PasswordNotKept { .. }
                | Error::EmptyDownSql { .. }
                | Error::NotOnDisk { .. }
                | Error::NothingApplied { .. }
                | Error::Privileges { .. }
                | Error::RolesNotSet { .. }
                | Error::NotInProduction { .. }
                | Error::NotApproved { .. }
                | Error::Changed { .. }
                | Error::NotEmbedded
                | Error::HandWritten(_)
        );
        assert_eq!(error.source().is_some(), has_cause, "{error:?}");
    }
}

#[test]
fn the_words_tell_a_person_what_to_do() {
    let mut text = String::new();
    for (section, errors) in all() {
        writeln!(text, "## {section}").unwrap();
        for error in errors {
            let messages = migrate_messages::word(&error);
            for message in &messages {
                writeln!(text, "{}\n", message.render(false)).unwrap();
            }
            writeln!(text, "exit {}\n", messages[0].status().code()).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}
