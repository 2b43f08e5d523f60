//! The one place where errors are worded: what happened, where, what state things are in now,
//! what to type next.

pub mod blockage;
mod connection;
mod deploy;
mod execute;
mod generate;
mod grants;
mod guard;
mod late;
mod lock;
mod ownership;
mod pooler;
mod problem;
mod resolve;

pub use deploy::diff;
pub use grants::{changed, finding, to_change};
pub use late::{unseen, warning as late_warning};
pub use lock::{at_work, holder_text};

use migrate_core::deploy::ExecuteError;
use migrate_core::error::Error;
use migrate_core::plan::{PlanError, State};
use migrate_core::report::DeployReport;
use migrate_core::shadow::ShadowError;

use super::message::Message;
use super::output::Lost;
use crate::prompt::NotConfirmed;
use crate::signals::Stopped;

/// What a command ends with, by `DESIGN`'s exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done, or nothing to do.
    Done,
    /// It failed.
    Failed,
    /// The command line or the configuration is wrong; nothing was touched.
    Misused,
    /// Something is pending.
    Pending,
    /// A check found something.
    Breach,
}

impl From<Status> for std::process::ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Misused => 2,
            Status::Pending => 3,
            Status::Breach => 4,
        })
    }
}

/// Words an error of any kind; there may be several messages.
pub fn word(error: &anyhow::Error) -> (Vec<Message>, Status) {
    if let Some(error) = error.downcast_ref::<Error>() {
        return word_core(error);
    }
    if let Some(not_confirmed) = error.downcast_ref::<NotConfirmed>() {
        return (vec![word_not_confirmed(not_confirmed)], Status::Misused);
    }
    if let Some(lost) = error.downcast_ref::<Lost>() {
        return (vec![word_lost(lost)], Status::Failed);
    }
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return (vec![word_stopped(stopped)], Status::Failed);
    }
    let mut message = Message::new("failed", error.to_string());
    for cause in error.chain().skip(1) {
        message = message.note("cause", cause.to_string());
    }
    (vec![message], Status::Failed)
}

fn word_lost(lost: &Lost) -> Message {
    Message::new("output", lost.to_string())
        .state("the command has done its work; only what it printed is lost")
        .next("make room where it is written to; `migrate status` shows how things stand")
}

fn word_stopped(stopped: &Stopped) -> Message {
    Message::new("interrupted", stopped.to_string())
        .state("no migration was running")
        .next("`migrate status` shows how every migration stands")
}

fn word_not_confirmed(error: &NotConfirmed) -> Message {
    match error {
        NotConfirmed::NoTerminal { action } => Message::new(
            "confirm",
            format!("{action} needs a yes, and nobody is there to ask"),
        )
        .state("nothing was touched")
        .next("add `--yes` if that is what you want"),
        NotConfirmed::Declined => {
            Message::new("confirm", "not confirmed").state("nothing was touched")
        }
    }
}

fn word_core(error: &Error) -> (Vec<Message>, Status) {
    let one = |message, status| (vec![message], status);
    match error {
        Error::Several(errors) => {
            let status = errors
                .first()
                .map_or(Status::Failed, |first| word_core(first).1);
            let words = errors.iter().flat_map(|error| word_core(error).0);
            (words.collect(), status)
        }
        Error::Stopped { error, report } => word_stopped_deploy(error, report),
        Error::Problems(problems) => {
            let messages = problems.0.iter().map(problem::word).collect();
            (messages, Status::Misused)
        }
        Error::Late {
            database,
            conflicts,
        } => {
            let messages = conflicts.iter().map(|one| late::conflict(one, database));
            (messages.collect(), Status::Breach)
        }
        Error::Ownership(breaches) => (ownership::words(breaches), Status::Breach),
        Error::Embedded(error) => one(connection::embedded(error), Status::Failed),
        Error::Connect { .. }
        | Error::Standby { .. }
        | Error::NoServer { .. }
        | Error::Admin { .. } => one(connection::word(error), Status::Failed),
        Error::Pooler { .. } => one(pooler::word(error), Status::Failed),
        Error::Plan { error: plan, .. } => (deploy::plan(error), status_of_plan(plan)),
        // The same as when it is deployed.
        Error::Shadow {
            error: ShadowError::Execute(ExecuteError::Breach(_)),
            ..
        } => one(generate::word(error), Status::Breach),
        Error::Shadow { .. } | Error::Generate(_) | Error::HandWritten(_) => {
            one(generate::word(error), Status::Failed)
        }
        Error::Privileges { .. } => one(grants::word(error), Status::Failed),
        Error::RolesNotSet { .. } => one(grants::word(error), Status::Misused),
        Error::Execute { error: execute, .. } => {
            one(deploy::word(error), status_of_execution(execute))
        }
        Error::NotInProduction { .. } | Error::NotEmbedded => one(refusal(error), Status::Misused),
        Error::Io { .. } => one(Message::new("io", error.to_string()), Status::Failed),
        _ => one(deploy::word(error), Status::Failed),
    }
}

/// What came after something had been done.
fn word_stopped_deploy(error: &Error, report: &DeployReport) -> (Vec<Message>, Status) {
    let (error, others) = match error {
        Error::Several(errors) => errors.split_first().unwrap_or((error, &[])),
        one => (one, &[] as &[Error]),
    };
    let (mut messages, status) = word_core(error);
    // Something was done, so it is no misuse any more.
    let status = match status {
        Status::Misused => Status::Failed,
        other => other,
    };
    // What was done is told once, at the end of the error that counts.
    if let Some(last) = messages.pop() {
        messages.push(deploy::stopped(error, report, last));
    }
    messages.extend(others.iter().flat_map(|error| match error {
        Error::Connect { .. } | Error::Standby { .. } => vec![connection::afterwards(error)],
        other => word_core(other).0,
    }));
    (messages, status)
}

fn status_of_plan(error: &PlanError) -> Status {
    match error {
        PlanError::UnknownVersion { .. }
        | PlanError::NotApplied { .. }
        | PlanError::Unfit { .. } => Status::Misused,
        _ => Status::Breach,
    }
}

fn status_of_execution(error: &ExecuteError) -> Status {
    match error {
        ExecuteError::FinishedPartEdited { .. }
        | ExecuteError::NowInTransaction { .. }
        | ExecuteError::Breach(_) => Status::Breach,
        _ => Status::Failed,
    }
}

fn refusal(error: &Error) -> Message {
    let message = Message::new("refused", error.to_string()).state("nothing was touched");
    match error {
        Error::NotInProduction { command: "reset" } => message.next(
            "to undo a migration: `migrate revert --env prod`; to go back to a dump: restore it",
        ),
        Error::NotInProduction { .. } => {
            message.next("if a production database has to go, drop it by hand, knowingly")
        }
        _ => message.next("set `DATABASE_URL=embedded:` in `.env.local` to have one"),
    }
}

/// `1 migration`, `2 migrations`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A state in one word, as it is also in JSON.
pub fn state(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Pending => "pending",
        State::Failed => "failed",
        State::Running => "running",
        State::Modified => "modified",
        State::Missing => "missing",
        State::Ahead => "ahead",
    }
}
