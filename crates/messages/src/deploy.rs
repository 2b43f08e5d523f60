//! Files that cannot be run, and histories that a database does not fit.

use migrate_core::deploy::ForbiddenText;
use migrate_core::error::Error;
use migrate_core::ledger::LedgerError;
use migrate_core::plan::{Edit, PlanError, Standing, State};
use migrate_core::report::DeployReport;
use migrate_postgres::{ServerError, sqlstate};
use migrate_sql::{ForbiddenKind, mask_passwords};
use migrate_text::migration_ref::Direction;
use similar::TextDiff;

use super::connection::ailing;
use super::execute::{self, SoFar, sentence};
use super::{count, late, lock, resolve};
use crate::message::Message;

/// Words the errors of running migrations.
pub fn word(error: &Error) -> Message {
    match error {
        Error::Execute { error, .. } => execute::word(error, None),
        Error::Forbidden(forbidden) => self::forbidden(forbidden),
        Error::Ledger { error: ledger, .. } => self::ledger(error, ledger),
        Error::Server { doing, error, .. } => server(doing, error),
        Error::Locked { .. } => lock::word(error),
        Error::NoDownSql { standing, .. } => Message::new("revert", error.to_string())
            .state("nothing was reverted")
            .next(format!("write `migrations/{standing}/down.sql`")),
        Error::PasswordNotKept { migration, .. } => Message::new("revert", error.to_string())
            .state("nothing was reverted")
            .next(format!(
                "get `migrations/{migration}` back from version control, then `migrate revert`"
            )),
        Error::EmptyDownSql { migration, .. } => Message::new("revert", error.to_string())
            .state("nothing was reverted")
            .next(format!("write `migrations/{migration}/down.sql`")),
        Error::NotOnDisk { .. } => Message::new("revert", error.to_string())
            .state("nothing was reverted")
            .next("get the folder back from version control, or `migrate revert` alone"),
        Error::NothingApplied { .. } => Message::new("revert", error.to_string())
            .state("nothing was reverted")
            .next("`migrate status` shows what is applied"),
        other => Message::new("failed", other.to_string()),
    }
}

/// Words what the server said to something of ours.
fn server(doing: &str, error: &ServerError) -> Message {
    let may_not = error.is(sqlstate::INSUFFICIENT_PRIVILEGE);
    let is_ledger = may_not && (doing.contains("ledger") || doing.starts_with("taking over"));
    let (code, next) = match may_not {
        true if is_ledger => ("ledger", Some(MAY_NOT.to_owned())),
        true => ("sql", Some("have it done by a role that may".to_owned())),
        false => ("sql", ailing(error, "migrate deploy")),
    };
    let title = format!("{doing} failed: {}", sentence(error));
    server_fields(Message::new(code, title), error)
        .state("nothing was applied by this step")
        .maybe_next(next)
}

/// What to do for a role that may not read or write the ledger.
const MAY_NOT: &str = "deploy as the role that owns the ledger's tables; a role that only looks \
    needs `grant select on __diesel_schema_migrations, __migrate_format, __migrate_ledger`";

/// Words an error after work had begun.
pub fn stopped(error: &Error, report: &DeployReport, worded: Message) -> Message {
    // The last database of the report is the one that it went wrong with.
    let Some((last, earlier)) = report.databases.split_last() else {
        return worded;
    };
    let mut message = match error {
        Error::Execute { error, database } => {
            let several = report.databases.len() + report.not_reached.len() > 1;
            let so_far = SoFar {
                report: last,
                database: several.then_some(database),
            };
            let mut message = execute::word(error, Some(&so_far));
            if last.redo && error.direction() == Some(Direction::Down) && !last.reverted.is_empty()
            {
                message = message.instead("`migrate deploy` applies again what was reverted");
            }
            match (last.reverted.len(), last.applied.len()) {
                (0, _) => message,
                // A `redo` that came to its second half, or a `revert` to its second migration.
                (number, again) => message.note("before", reverted(number, again, &last.database)),
            }
        }
        _ if last.applied.is_empty() => worded,
        _ => {
            let number = count(last.applied.len(), "migration");
            worded.note("before", format!("{number} applied to {}", last.database))
        }
    };
    let others: Vec<String> = earlier
        .iter()
        .filter(|other| !other.applied.is_empty())
        .map(|other| {
            let number = count(other.applied.len(), "migration");
            format!("{number} applied to {}", other.database)
        })
        .collect();
    if !others.is_empty() {
        message = message.note("before", others.join(", "));
    }
    if !report.not_reached.is_empty() {
        message = message.note("skipped", report.not_reached.join(", "));
    }
    message
}

pub(super) fn server_fields(message: Message, error: &ServerError) -> Message {
    // They quote the statement that failed.
    let notes = [
        ("detail", &error.detail),
        ("hint", &error.hint),
        ("context", &error.context),
    ];
    notes.into_iter().fold(message, |message, (name, text)| {
        message.maybe_note(name, text.as_deref().map(mask_passwords))
    })
}

/// Words what no migration may hold.
pub fn forbidden(forbidden: &ForbiddenText) -> Message {
    let (label, next) = match forbidden.kind {
        ForbiddenKind::TransactionControl => (
            "the transaction is the tool's: it holds the ledger row too",
            "remove the statement; for one that cannot run in a transaction write \
             `run_in_transaction = false` into metadata.toml",
        ),
        ForbiddenKind::CopyFromStdin => (
            "the rows after it are not SQL",
            "write them as `INSERT`, or dump with `pg_dump --inserts`",
        ),
        ForbiddenKind::CopyToStdout => ("nobody is there to take them", "remove the statement"),
        ForbiddenKind::FreesTheLock => (
            "another deploy could then run beside this one",
            "remove it; every migration begins with a clean session anyway",
        ),
        ForbiddenKind::PsqlCommand => ("only `psql` knows this", "remove the line"),
        ForbiddenKind::NulByte => ("here", "save the file as UTF-8"),
        ForbiddenKind::ByteOrderMark => (
            "PostgreSQL takes it for a part of the first word",
            "save the file as UTF-8 without a byte order mark (BOM)",
        ),
        ForbiddenKind::UnterminatedComment
        | ForbiddenKind::UnterminatedString
        | ForbiddenKind::UnterminatedDollarQuote
        | ForbiddenKind::UnterminatedIdentifier => ("begins here and never ends", "close it"),
    };
    Message::new("migration", forbidden.to_string())
        .at(Some(&forbidden.location), label)
        .state("nothing was applied")
        .next(next)
}

fn ledger(error: &Error, ledger: &LedgerError) -> Message {
    let message = Message::new("ledger", error.to_string()).state("nothing was applied");
    match ledger {
        LedgerError::NoSchema => message
            .next("name the schema in `schemas` of `migrate.toml`, or set the role's search_path"),
        LedgerError::TooNew { .. } => {
            message.next("install the version of `migrate` that the database was deployed with")
        }
        LedgerError::NoSuchFormat { .. } => message.next(
            "somebody changed the table `__migrate_format`: put back the number that was there",
        ),
        LedgerError::Server(server) => {
            let blocked = server.is(sqlstate::LOCK_NOT_AVAILABLE).then(|| {
                "somebody reads the ledger, such as a dump: run it again when that is done"
                    .to_owned()
            });
            let may_not = server.is(sqlstate::INSUFFICIENT_PRIVILEGE);
            let next = blocked
                .or_else(|| may_not.then(|| MAY_NOT.to_owned()))
                .or_else(|| ailing(server, "migrate deploy"));
            server_fields(message, server).maybe_next(next)
        }
    }
}

/// What was reverted before it, and what of that is applied again.
fn reverted(number: usize, again: usize, database: &str) -> String {
    let reverted = format!("{} reverted in {database}", count(number, "migration"));
    match again {
        0 => reverted,
        again => format!("{reverted}, {again} applied again"),
    }
}

/// Words the refusals of a plan: one message for each migration that is at fault.
pub fn plan(error: &Error) -> Vec<Message> {
    let Error::Plan {
        error: plan,
        edits,
        database,
    } = error
    else {
        return vec![word(error)];
    };
    match plan {
        PlanError::Modified(_) => edits.iter().map(|edit| modified(edit, database)).collect(),
        PlanError::Missing(standings) => vec![missing(standings, database)],
        PlanError::OutOfOrder { late, newest } => {
            vec![late::out_of_order(late, newest, database)]
        }
        PlanError::Unfit {
            resolution,
            unfit,
            standing,
        } => vec![resolve::unfit(*resolution, *unfit, standing, database)],
        PlanError::UnknownVersion { nearest, .. } | PlanError::NotApplied { nearest, .. } => {
            let meant = nearest
                .as_ref()
                .map(|nearest| format!("did you mean {nearest}?"));
            vec![
                Message::new("version", plan.to_string())
                    .maybe_note("hint", meant)
                    .state("nothing was touched")
                    .next("`migrate status` lists the versions"),
            ]
        }
    }
}

fn modified(edit: &Edit, database: &str) -> Message {
    let Standing { version, name, .. } = &edit.standing;
    let title = format!("{version}_{name} was edited after it was applied to {database}");
    Message::new("modified", title)
        .maybe_note("diff", diff(edit))
        .state("nothing was applied")
        .next(format!(
            "put the file back as it was, and write the change as a new migration: `migrate new \
             NAME`; {}",
            resolve::accept(version)
        ))
}

/// What was edited, line by line; `None` where the ledger does not have what was applied.
pub fn diff(edit: &Edit) -> Option<String> {
    let applied = edit.applied.as_ref()?.replace("\r\n", "\n");
    let present = edit.present.replace("\r\n", "\n");
    if applied == present {
        return Some("only a password, which the ledger does not keep".to_owned());
    }
    let diff = TextDiff::from_lines(&applied, &present);
    let mut text = diff.unified_diff();
    let text = text.header("applied", &edit.file).to_string();
    Some(format!("\n{}", text.trim_end()))
}

fn missing(standings: &[Standing], database: &str) -> Message {
    let names: Vec<String> = standings
        .iter()
        .map(|standing| format!("{}_{}", standing.version, standing.name))
        .collect();
    let half = match standings.iter().any(|one| one.state == State::Failed) {
        true => ", whole or half,",
        false => "",
    };
    let title = format!(
        "{} applied to {database}{half} but not on disk, and later ones are",
        match standings.len() {
            1 => "1 migration is".to_owned(),
            number => format!("{number} migrations are"),
        }
    );
    Message::new("missing", title)
        .note("missing", names.join("\n"))
        .state("nothing was applied")
        .next(format!(
            "get the folders back from version control: the history is never shortened; {}",
            resolve::undone(standings)
        ))
}
