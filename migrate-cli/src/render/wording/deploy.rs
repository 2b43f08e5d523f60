//! Migrations that fail, and histories that a database does not fit.

use migrate_core::database::{ServerError, sqlstate};
use migrate_core::deploy::{ForbiddenText, MigrationFailure, Remains};
use migrate_core::error::Error;
use migrate_core::event::Direction;
use migrate_core::ledger::LedgerError;
use migrate_core::plan::{Edit, PlanError, Standing};
use migrate_core::report::{DatabaseDeploy, DeployReport};
use migrate_core::statement::{ForbiddenKind, mask_passwords};
use similar::TextDiff;

use super::connection::{ailing, ailing_in_doubt};
use super::{blockage, count, guard, late, lock, resolve};
use crate::render::message::Message;

/// Words the errors of running migrations.
pub fn word(error: &Error) -> Message {
    match error {
        Error::Migration { failure, .. } => migration(failure, None, None),
        Error::Breach { breach, .. } => guard::breach(breach, None),
        Error::Interrupted {
            direction,
            remains,
            invalid_indexes,
            not_tried,
            ..
        } => Message::new("interrupted", error.to_string())
            .maybe_note("left", left_invalid(invalid_indexes))
            .state(interrupted(*remains, *not_tried))
            .next(match direction {
                Direction::Up => "`migrate deploy` goes on where this stopped",
                Direction::Down => {
                    "`migrate status` shows what is applied; `migrate revert` goes on"
                }
            }),
        Error::Forbidden(forbidden) => self::forbidden(forbidden),
        Error::Ledger { error: ledger, .. } => self::ledger(error, ledger),
        Error::Server { doing, error, .. } => server_fields(
            Message::new("sql", format!("{doing} failed: {}", sentence(error))),
            error,
        )
        .state("nothing was applied by this step")
        .maybe_next(ailing(error, "migrate deploy")),
        Error::Locked { .. } => lock::word(error),
        Error::FinishedPartEdited {
            migration,
            statements_done,
            location,
        } => Message::new("edited", error.to_string())
            .at(location.as_ref(), "this is not what was done")
            .state(format!(
                "{} done for good; nothing was run now",
                match statements_done {
                    1 => "1 statement of it is".to_owned(),
                    number => format!("{number} statements of it are"),
                }
            ))
            .next(format!(
                "put these statements back as they were, what follows them may change; or undo \
                 them by hand, then `migrate resolve {} {migration}`",
                match location
                    .as_ref()
                    .is_some_and(|l| l.file.path().ends_with("down.sql"))
                {
                    true => "--applied",
                    false => "--rolled-back",
                }
            )),
        Error::InDoubt {
            direction,
            statements_done,
            statements,
            migration,
            location,
            ..
        } => Message::new("doubt", error.to_string())
            .at(location.as_ref(), "a deploy was killed while this ran")
            .state(format!(
                "{statements_done} of {} are done for good, this one perhaps; nothing was run now",
                // Those that follow may have been taken out of the file.
                count((*statements).max(statements_done + 1), "statement")
            ))
            .next(settle(*direction, &migration.version)),
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

/// Words an error after work had begun.
pub fn stopped(error: &Error, report: &DeployReport, worded: Message) -> Message {
    // The last database of the report is the one that it went wrong with.
    let Some((last, earlier)) = report.databases.split_last() else {
        return worded;
    };
    let mut message = match error {
        Error::Migration { failure, database } => {
            let several = report.databases.len() + report.not_reached.len() > 1;
            migration(failure, Some(last), several.then_some(database))
        }
        Error::Breach { breach, .. } => guard::breach(breach, Some(last)),
        _ => {
            let mut message = worded;
            if !last.applied.is_empty() {
                let number = count(last.applied.len(), "migration");
                message = message.note("before", format!("{number} applied to {}", last.database));
            }
            message
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

fn migration(
    failure: &MigrationFailure,
    report: Option<&DatabaseDeploy>,
    database: Option<&String>,
) -> Message {
    let error = &failure.error;
    let (title, label) = blamed(failure, database);
    let mut message = Message::new("sql", title).at(failure.location.as_ref(), label);
    message.sqlstate = Some(error.sqlstate.clone());
    let message =
        server_fields(message, error).maybe_note("left", left_invalid(&failure.invalid_indexes));
    blockage::notes(message, failure)
        .state(remains(failure, report))
        .next(advice(failure))
}

/// What to do about a failed migration. Not always is the file to blame.
fn advice(failure: &MigrationFailure) -> String {
    let (file, command) = match failure.direction {
        Direction::Up => ("up.sql", "migrate deploy"),
        Direction::Down => ("down.sql", "migrate revert"),
    };
    if matches!(failure.remains, Remains::Unknown | Remains::AtLeast { .. }) {
        return ailing_in_doubt(&failure.error, command);
    }
    if let Some(advice) = ailing(&failure.error, command) {
        return advice;
    }
    match failure.error.sqlstate.as_str() {
        sqlstate::ACTIVE_TRANSACTION => {
            format!("write `run_in_transaction = false` into metadata.toml, then `{command}`")
        }
        sqlstate::INSUFFICIENT_PRIVILEGE => {
            format!("run it as the owner, or grant the role what it lacks, then `{command}`")
        }
        // The server's language may be another: then both may be.
        sqlstate::QUERY_CANCELED if failure.error.message.contains("user request") => {
            format!("somebody has cancelled it (`pg_cancel_backend`); `{command}` runs it again")
        }
        sqlstate::QUERY_CANCELED => format!(
            "give it more time by `statement_timeout`, in its metadata.toml or of the database in \
             migrate.toml; then `{command}`"
        ),
        sqlstate::LOCK_NOT_AVAILABLE => format!("{}; then `{command}`", blockage::advice(failure)),
        sqlstate::DEADLOCK_DETECTED | sqlstate::SERIALIZATION_FAILURE => {
            format!("`{command}` when there is less going on, or fewer tables in one migration")
        }
        sqlstate::DUPLICATE_TABLE if !failure.invalid_indexes.is_empty() => format!(
            "`migrate resolve --retry {}` drops the index and builds it again",
            failure.migration.version
        ),
        _ if !failure.invalid_indexes.is_empty() => format!(
            "fix {file} or the rows, then `{command}`: it drops the index and builds it again"
        ),
        _ if failure.remains == Remains::Part => format!(
            "take the transaction control out of {file}; what is committed has to be undone by hand"
        ),
        _ => format!("fix {file}, then `{command}`"),
    }
}

/// What to do about a statement of which nobody can say whether it happened.
fn settle(direction: Direction, version: &str) -> String {
    match direction {
        Direction::Up => format!(
            "look whether it happened\n\
             if not: `migrate resolve --retry {version}` runs it again\n\
             if so: run what follows it by hand, then `migrate resolve --applied {version}`"
        ),
        Direction::Down => format!(
            "look whether it happened, and run the rest of down.sql by hand; then \
             `migrate resolve --rolled-back {version}`"
        ),
    }
}

/// The invalid indexes of a failed migration.
fn left_invalid(indexes: &[String]) -> Option<String> {
    let names = indexes.join(", ");
    (!names.is_empty()).then(|| format!("invalid index {names}"))
}

/// The sentence about a failed migration, and what to say below the place, if there is one.
pub(super) fn blamed(failure: &MigrationFailure, database: Option<&String>) -> (String, String) {
    let folder = format!("{}_{}", failure.migration.version, failure.migration.name);
    let verb = match failure.direction {
        Direction::Up => "failed",
        Direction::Down => "could not be reverted",
    };
    let place = database.map_or_else(String::new, |database| format!(" in {database}"));
    let what = sentence(&failure.error);
    let title = format!("migration {folder} {verb}{place}");
    match failure.location {
        Some(_) => (title, what),
        None => (format!("{title}: {what}"), String::new()),
    }
}

fn sentence(error: &ServerError) -> String {
    let message = mask_passwords(&error.message);
    if error.sqlstate.is_empty() {
        // What libpq says after it is guesswork: that the server has probably crashed.
        message.lines().next().unwrap_or_default().to_owned()
    } else {
        format!("{message} (SQLSTATE {})", error.sqlstate)
    }
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

fn interrupted(remains: Remains, not_tried: usize) -> String {
    let this = left(remains);
    match not_tried {
        0 => this,
        not_tried => format!("{this}; {not_tried} after it not tried"),
    }
}

/// What is left of a migration that did not come to its end.
pub(super) fn left(remains: Remains) -> String {
    match remains {
        Remains::Nothing => "rolled back".to_owned(),
        Remains::Statements { done: 0, .. } => "nothing of it was done".to_owned(),
        Remains::Statements { done, of } => {
            format!("{done} of {of} statements are done for good, a rerun goes on after them")
        }
        Remains::AtLeast { done: 0, .. } => {
            "the connection broke; its first statement may be done".to_owned()
        }
        Remains::AtLeast { done, of } => {
            format!(
                "the connection broke; {done} of {of} statements are done for good, perhaps one more"
            )
        }
        Remains::Part => {
            "the file ended its own transaction: what stands before that is committed, and not \
             recorded"
                .to_owned()
        }
        Remains::Unknown => {
            "the connection broke before the answer came: it is, or will be, rolled back or \
             applied, and nothing between"
                .to_owned()
        }
    }
}

fn remains(failure: &MigrationFailure, report: Option<&DatabaseDeploy>) -> String {
    let applied = report.map_or(0, |report| report.total_applied);
    let tries = match failure.tries {
        0 | 1 => String::new(),
        tries if failure.remains == Remains::Nothing => format!(" after {tries} tries"),
        tries => format!("; its statement was tried {tries} times"),
    };
    let unknown = failure.error.outcome_is_unknown();
    let others = match failure.not_tried {
        // Several may have been sent in one message.
        after @ 1.. if unknown => {
            let others = others(failure.direction, applied, 0);
            format!("{others}, {after} after it perhaps not tried")
        }
        not_tried => others(failure.direction, applied, not_tried),
    };
    let this = left(failure.remains);
    // They are on the server's disk only with the last one of a deploy.
    let lost = match report {
        Some(report) if unknown && !report.applied.is_empty() => {
            "; a server that has crashed may have lost the last of them"
        }
        _ => "",
    };
    format!("{this}{tries}; {others}{lost}")
}

/// How the other migrations stand.
pub(super) fn others(direction: Direction, applied: usize, not_tried: usize) -> String {
    let others = match direction {
        Direction::Up => format!("{} applied", stay(applied)),
        Direction::Down => "it stays applied".to_owned(),
    };
    match not_tried {
        0 => others,
        not_tried => format!("{others}, {not_tried} after it not tried"),
    }
}

fn stay(applied: usize) -> String {
    match applied {
        0 => "no migration is".to_owned(),
        1 => "1 migration stays".to_owned(),
        number => format!("{number} migrations stay"),
    }
}

fn forbidden(forbidden: &ForbiddenText) -> Message {
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
            let next = blocked.or_else(|| ailing(server, "migrate deploy"));
            server_fields(message, server).maybe_next(next)
        }
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
    let title = format!(
        "{} applied to {database} but not on disk, and later ones are",
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
