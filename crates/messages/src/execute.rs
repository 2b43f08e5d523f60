//! Migrations that were run and came to no good end.

use migrate_core::error::{
    Escape, ExecuteError, FailedPart, MigrationFailure, Remains, is_not_kept,
};
use migrate_core::report::DatabaseDeploy;
use migrate_postgres::sqlstate;
use migrate_text::migration_ref::Direction;

use crate::code::Code;
use crate::message::Message;
use crate::server::{self, ailing, ailing_in_doubt};
use crate::so_far::{Rest, SoFar, blamed, left};
use crate::words::count;
use crate::{blockage, file, guard};

/// Where no statement is to blame.
const OURS: &str = "in a statement of migrate itself, by which it guards or records a migration; \
                    the file is not to blame";
const DEFERRED: &str = "after all its statements: what is deferred is checked only then";

/// A statement that has transactions of its own, and that is run again from its beginning.
const COMMITS_ITSELF: &str =
    "what the statement had committed before stays, and a rerun calls it again: look first";

/// Words why migrations did not come to their end.
pub fn word(error: &ExecuteError, so_far: Option<&SoFar<'_>>) -> Message {
    let report = so_far.map(|so_far| so_far.report);
    match error {
        ExecuteError::Forbidden(text) => file::forbidden(text),
        ExecuteError::Migration(failure) => {
            migration(failure, report, so_far.and_then(|so_far| so_far.database))
        }
        ExecuteError::Escaped(escape) => escaped(escape, report),
        ExecuteError::Breach(breach) => guard::breach(breach, report),
        ExecuteError::Interrupted {
            direction,
            remains,
            commits_itself,
            invalid_indexes,
            not_tried,
            ..
        } => {
            let rest = Rest {
                direction: *direction,
                not_tried: *not_tried,
                is_known: *remains != Some(Remains::Unknown),
            };
            Message::new(Code::Interrupted, error.to_string())
                .maybe_note("left", left_invalid(invalid_indexes))
                .maybe_note("part", commits_itself.then_some(COMMITS_ITSELF))
                .state(interrupted(*remains, &rest, report))
                .next(go_on(*direction))
        }
        ExecuteError::FinishedPartEdited {
            migration,
            direction,
            statements_done,
            location,
        } => Message::new(Code::Edited, title(error))
            .at(location.as_ref(), "this is not what was done")
            .state(done_for_good(*statements_done))
            .next(format!(
                "put these statements back as they were, what follows them may change; or {}",
                undo(migration, *direction)
            )),
        ExecuteError::NowInTransaction {
            migration,
            statements_done,
        } => Message::new(Code::Edited, error.to_string())
            .state(done_for_good(*statements_done))
            .next(put_back(migration)),
        ExecuteError::InDoubt {
            direction,
            statements_done,
            statements,
            migration,
            location,
        } => Message::new(Code::Doubt, title(error))
            .at(location.as_ref(), "a deploy was killed while this ran")
            .state(in_doubt(*statements_done, *statements))
            .next(settle(*direction, &migration.version)),
    }
}

/// What happened, without the place: that is shown.
pub fn title(error: &ExecuteError) -> String {
    match error {
        ExecuteError::Forbidden(text) => text.what().to_owned(),
        ExecuteError::FinishedPartEdited { migration, .. } => {
            format!("{migration} was edited in the part that is done")
        }
        ExecuteError::InDoubt {
            migration,
            statements_done,
            ..
        } => format!(
            "nobody can say whether statement {} of {migration} happened",
            statements_done + 1
        ),
        ExecuteError::Migration(failure) => blamed(failure, None).0,
        ExecuteError::Escaped(escape) => escape_title(escape),
        ExecuteError::Breach(_)
        | ExecuteError::NowInTransaction { .. }
        | ExecuteError::Interrupted { .. } => error.to_string(),
    }
}

fn in_doubt(done: usize, statements: usize) -> String {
    // Those that follow may have been taken out of the file.
    let all = count(statements.max(done + 1), "statement");
    format!("{done} of {all} are done for good, this one perhaps; nothing was run now")
}

fn interrupted(remains: Option<Remains>, rest: &Rest, report: Option<&DatabaseDeploy>) -> String {
    let this = remains.map_or_else(|| "it was not begun".to_owned(), left);
    format!("{this}; {}", rest.word(report))
}

fn go_on(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "`migrate deploy` goes on where this stopped",
        Direction::Down => "`migrate status` shows what is applied; `migrate revert` goes on",
    }
}

fn done_for_good(statements: usize) -> String {
    let are = match statements {
        1 => "1 statement of it is".to_owned(),
        number => format!("{number} statements of it are"),
    };
    format!("{are} done for good; nothing was run now")
}

fn put_back(migration: &str) -> String {
    let file = format!("migrations/{migration}/metadata.toml");
    let or = undo(migration, Direction::Up);
    format!("put `run_in_transaction = false` back into `{file}`; or {or}")
}

/// How to have what is done counted as not done.
fn undo(migration: &str, direction: Direction) -> String {
    let said = match direction {
        Direction::Up => "--rolled-back",
        Direction::Down => "--applied",
    };
    format!("undo by hand what is done, then `migrate resolve {said} {migration}`")
}

fn migration(
    failure: &MigrationFailure,
    report: Option<&DatabaseDeploy>,
    database: Option<&String>,
) -> Message {
    let error = &failure.error;
    let (title, label) = blamed(failure, database);
    let (code, sqlstate) = match is_not_kept(error) {
        true => (Code::Ledger, None),
        false => (Code::Sql, Some(error.sqlstate.clone())),
    };
    let mut message = Message::new(code, title).at(failure.location.as_ref(), label);
    message.sqlstate = sqlstate;
    let place = match failure.part {
        _ if error.outcome_is_unknown() => None,
        FailedPart::Statement => None,
        FailedPart::Deferred => Some(DEFERRED),
        FailedPart::Ours => Some(OURS),
    };
    let message = server::fields(message, error)
        .maybe_note("where", place)
        .maybe_note("left", left_invalid(&failure.invalid_indexes))
        .maybe_note("part", failure.commits_itself.then_some(COMMITS_ITSELF));
    blockage::notes(message, failure)
        .state(state(failure, report))
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
    if is_not_kept(&failure.error) {
        return server::not_kept(command);
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
        _ if failure.part == FailedPart::Ours => format!(
            "see what this database has instead of PostgreSQL's own: casts, operators, functions in \
             pg_catalog, triggers on the tables of migrate; then `{command}`"
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

fn escape_title(escape: &Escape) -> String {
    let what = match escape.direction {
        Direction::Up => "up.sql",
        Direction::Down => "down.sql",
    };
    let migration = &escape.migration;
    format!("{what} of migration {migration} ended the transaction that held it")
}

/// Words that a migration ended its transaction. Nothing in its text shows where: that would have
/// been refused before it was run.
fn escaped(escape: &Escape, report: Option<&DatabaseDeploy>) -> Message {
    let label = match escape.refused_again {
        true => "an earlier attempt ended it here",
        false => "here, in a way that the text does not show",
    };
    let remains = left(Remains::Escaped {
        done: escape.statements_done,
    });
    let rest = Rest {
        direction: escape.direction,
        not_tried: escape.not_tried,
        is_known: true,
    };
    let state = match escape.refused_again {
        true => format!("that was an earlier attempt; {remains}; nothing was run now"),
        false => format!("{remains}; {}", rest.word(report)),
    };
    let message = Message::new(Code::Escaped, escape_title(escape))
        .at(escape.location.as_ref(), label)
        .maybe_note("then", escape.error.as_ref().map(server::sentence));
    message.state(state).next(after_escape(escape))
}

/// What to do about a migration of which a part is committed.
fn after_escape(escape: &Escape) -> String {
    let version = &escape.migration.version;
    match escape.direction {
        Direction::Up => format!(
            "look what of it is in the database, and take out of up.sql what ends the transaction\n\
             undone by hand: `migrate resolve --rolled-back {version}`, then `migrate deploy`\n\
             done by hand to its end: `migrate resolve --applied {version}`"
        ),
        Direction::Down => format!(
            "look what of it is in the database, and take out of down.sql what ends the transaction\n\
             done by hand to its end: `migrate resolve --rolled-back {version}`\n\
             undone by hand: `migrate resolve --applied {version}`"
        ),
    }
}

/// The invalid indexes of a failed migration.
fn left_invalid(indexes: &[String]) -> Option<String> {
    let names = indexes.join(", ");
    (!names.is_empty()).then(|| format!("invalid index {names}"))
}

/// How a failed migration and the others stand.
fn state(failure: &MigrationFailure, report: Option<&DatabaseDeploy>) -> String {
    let tries = match failure.tries {
        0 | 1 => String::new(),
        tries if failure.remains == Remains::Nothing => format!(" after {tries} tries"),
        tries => format!("; its statement was tried {tries} times"),
    };
    let is_known = !failure.error.outcome_is_unknown();
    let rest = Rest {
        direction: failure.direction,
        not_tried: failure.not_tried,
        is_known,
    };
    let this = left(failure.remains);
    // They are on the server's disk only with the last one of a deploy.
    let lost = match report {
        Some(report) if !is_known && !report.applied.is_empty() => {
            "; a server that has crashed may have lost the last of them"
        }
        _ => "",
    };
    format!("{this}{tries}; {}{lost}", rest.word(report))
}
