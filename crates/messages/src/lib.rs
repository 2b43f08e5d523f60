//! The one place where errors and what stands in the way are worded: what happened, where, what
//! state things are in now, what to type next. The command line and whoever else shows them say it
//! like this.
//!
//! It may use every other crate, and knows neither a terminal nor a browser: a [`Message`] can be
//! rendered as text or as JSON.

pub mod blockage;
mod connection;
mod deploy;
mod execute;
mod generate;
mod grants;
mod guard;
mod late;
mod lock;
mod message;
mod ownership;
mod pooler;
mod problem;
mod resolve;
mod words;

pub use deploy::diff;
pub use grants::{changed, finding, to_change};
pub use late::{unseen, warning as late_warning};
pub use lock::{at_work, holder_text};
pub use message::Message;
pub use words::{count, duration, state};

use migrate_core::deploy::ExecuteError;
use migrate_core::error::Error;
use migrate_core::plan::PlanError;
use migrate_core::report::DeployReport;
use migrate_core::shadow::ShadowError;

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

impl Status {
    /// The exit code of a process.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Misused => 2,
            Self::Pending => 3,
            Self::Breach => 4,
        }
    }
}

/// Words an error of the library; there may be several messages.
pub fn word(error: &Error) -> (Vec<Message>, Status) {
    let one = |message, status| (vec![message], status);
    match error {
        Error::Several(errors) => {
            let status = errors.first().map_or(Status::Failed, |first| word(first).1);
            let words = errors.iter().flat_map(|error| word(error).0);
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
        Error::NotInProduction { .. } | Error::NotApproved { .. } | Error::NotEmbedded => {
            one(refusal(error), Status::Misused)
        }
        Error::Changed { database } => one(changed_since(error, database), Status::Failed),
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
    let (mut messages, status) = word(error);
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
        other => word(other).0,
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
        Error::NotApproved { .. } => {
            message.next("look at the plan, and pass on what stands for it")
        }
        _ => message.next("set `DATABASE_URL=embedded:` in `.env.local` to have one"),
    }
}

/// Somebody else, or an editor, was there between the question and the answer.
fn changed_since(error: &Error, database: &str) -> Message {
    Message::new("changed", error.to_string())
        .note(
            "cause",
            "somebody else has changed the database or a file meanwhile",
        )
        .state(format!("no migration was run in {database}"))
        .next("run it again, and look at what would be done now")
}
