//! Files that cannot be run, and histories that a database does not fit.

use migrate_core::error::{Doing, Error, LedgerError, PlanError, is_not_kept};
use migrate_core::report::{DeployReport, Edit, Standing, State};
use migrate_postgres::{ServerError, sqlstate};
use migrate_text::migration_ref::Direction;
use similar::TextDiff;

use crate::code::Code;
use crate::message::Message;
use crate::server::{self, ailing, sentence};
use crate::so_far::SoFar;
use crate::words::count;
use crate::{execute, late, resolve, revert};

/// Words what the server said to something of ours.
pub fn server(doing: Doing, error: &ServerError) -> Message {
    let (code, next) = if is_not_kept(error) {
        (Code::Ledger, Some(server::not_kept("migrate deploy")))
    } else if error.is(sqlstate::INSUFFICIENT_PRIVILEGE) {
        denied(doing)
    } else {
        (Code::Sql, ailing(error, "migrate deploy"))
    };
    let title = format!("{doing} failed: {}", sentence(error));
    server::fields(Message::new(code, title), error)
        .state("nothing was applied by this step")
        .maybe_next(next)
}

/// What it is about, and what to do, where the role lacks a privilege.
fn denied(doing: Doing) -> (Code, Option<String>) {
    match doing {
        Doing::ReadingLedger | Doing::WritingLedger | Doing::TakingOver => {
            (Code::Ledger, Some(MAY_NOT.to_owned()))
        }
        Doing::AskingForStandby
        | Doing::PreparingSession
        | Doing::LookingForPrerequisites
        | Doing::CreatingPrerequisites
        | Doing::AskingForProcess
        | Doing::LookingForHolder
        | Doing::TakingLock
        | Doing::ReadingPrivileges
        | Doing::SettingPrivileges
        | Doing::ReadingCatalog => (
            Code::Sql,
            Some("have it done by a role that may".to_owned()),
        ),
    }
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
    let mut message = if let Error::Execute { error, database } = error {
        let several = report.databases.len() + report.not_reached.len() > 1;
        let so_far = SoFar {
            report: last,
            database: several.then_some(database),
        };
        let mut message = execute::word(error, Some(&so_far));
        if last.redo && error.direction() == Some(Direction::Down) && !last.reverted.is_empty() {
            message = message.instead("`migrate deploy` applies again what was reverted");
        }
        match (last.reverted.len(), last.applied.len()) {
            (0, _) => message,
            // A `redo` that came to its second half, or a `revert` to its second migration.
            (number, again) => message.note("before", reverted(number, again, &last.database)),
        }
    } else if last.applied.is_empty() {
        worded
    } else {
        let number = count(last.applied.len(), "migration");
        worded.note("before", format!("{number} applied to {}", last.database))
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

/// Words why the ledger of a database cannot be used.
pub fn ledger(database: &str, error: &LedgerError) -> Message {
    let title = format!("the ledger of database {database}: {error}");
    let message = Message::new(Code::Ledger, title).state("nothing was applied");
    match error {
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
            let kept_away = is_not_kept(server).then(|| server::not_kept("migrate deploy"));
            let next = blocked
                .or(kept_away)
                .or_else(|| may_not.then(|| MAY_NOT.to_owned()))
                .or_else(|| ailing(server, "migrate deploy"));
            server::fields(message, server).maybe_next(next)
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
pub fn plan(error: &PlanError, edits: &[Edit], database: &str) -> Vec<Message> {
    match error {
        PlanError::Modified(_) => edits.iter().map(|edit| modified(edit, database)).collect(),
        PlanError::Missing(standings) => vec![missing(standings, database)],
        PlanError::OutOfOrder { late, newest } => {
            vec![late::out_of_order(late, newest, database)]
        }
        PlanError::OfOthersToo {
            migration,
            others,
            chosen,
            steps,
        } => vec![revert::of_others_too(
            migration, others, chosen, *steps, database,
        )],
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
                Message::new(Code::Version, error.to_string())
                    .maybe_note("hint", meant)
                    .state("nothing was touched")
                    .next("`migrate status` lists the versions"),
            ]
        }
    }
}

fn modified(edit: &Edit, database: &str) -> Message {
    let Standing { version, name, .. } = &edit.standing;
    if edit.standing.row_altered {
        return row_altered(edit, database);
    }
    let title = format!("{version}_{name} was edited after it was applied to {database}");
    Message::new(Code::Modified, title)
        .maybe_note("diff", diff(edit))
        .state("nothing was applied")
        .next(format!(
            "put the file back as it was, and write the change as a new migration: `migrate new \
             NAME`; {}",
            resolve::accept(version)
        ))
}

/// Words that the ledger contradicts itself.
fn row_altered(edit: &Edit, database: &str) -> Message {
    let Standing { version, name, .. } = &edit.standing;
    let title = format!(
        "somebody has changed the ledger's row of {version}_{name} in {database}: its checksum is \
         not that of the SQL that it keeps"
    );
    // What the row keeps may be what the file says.
    let differs = edit.applied.as_ref() != Some(&edit.present);
    Message::new(Code::Modified, title)
        .maybe_note("diff", differs.then(|| diff(edit)).flatten())
        .state("nothing was applied")
        .next(format!(
            "find out who writes to `__migrate_ledger`; {}",
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
    Message::new(Code::Missing, title)
        .note("missing", names.join("\n"))
        .state("nothing was applied")
        .next(format!(
            "get the folders back from version control: the history is never shortened; {}",
            resolve::undone(standings)
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_lacks_a_privilege_on_the_ledger_is_told_which_one() {
        let code_of = |doing, sqlstate: &str| {
            let sqlstate = sqlstate.to_owned();
            let error = ServerError {
                sqlstate,
                connection_lost: false,
                ..ServerError::interrupted()
            };
            server(doing, &error).code
        };
        let expected = [
            (Doing::AskingForStandby, Code::Sql),
            (Doing::PreparingSession, Code::Sql),
            (Doing::LookingForPrerequisites, Code::Sql),
            (Doing::CreatingPrerequisites, Code::Sql),
            (Doing::AskingForProcess, Code::Sql),
            (Doing::LookingForHolder, Code::Sql),
            (Doing::TakingLock, Code::Sql),
            (Doing::ReadingLedger, Code::Ledger),
            (Doing::WritingLedger, Code::Ledger),
            (Doing::TakingOver, Code::Ledger),
            (Doing::ReadingPrivileges, Code::Sql),
            (Doing::SettingPrivileges, Code::Sql),
            (Doing::ReadingCatalog, Code::Sql),
        ];
        for (doing, code) in expected {
            assert_eq!(
                code_of(doing, sqlstate::INSUFFICIENT_PRIVILEGE),
                code,
                "{doing}"
            );
            assert_eq!(
                code_of(doing, sqlstate::LOCK_NOT_AVAILABLE),
                Code::Sql,
                "{doing}"
            );
        }
    }
}
