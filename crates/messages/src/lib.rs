//! The one place where errors and what stands in the way are worded: what happened, where, what
//! state things are in now, what to type next. The command line and whoever else shows them say it
//! like this.
//!
//! It may use every other crate, and may not know a terminal or a browser: a [`Message`] can be
//! rendered as text or as JSON.
//!
//! ```
//! use migrate_core::error::{Destroying, Error};
//! use migrate_messages::{Status, word};
//!
//! let messages = word(&Error::NotInProduction { command: Destroying::Reset });
//! assert_eq!(messages[0].status(), Status::Misused);
//! let text = messages[0].render(false);
//! assert!(text.starts_with("error[refused]: `reset` does not run with `--env prod`"));
//! ```

#![forbid(unsafe_code)]

mod blockage;
mod code;
mod connection;
mod deploy;
mod event;
mod execute;
mod file;
mod generate;
mod grants;
mod guard;
mod late;
mod lock;
mod message;
mod ownership;
mod pooler;
mod problem;
mod refusal;
mod resolve;
mod revert;
mod server;
mod so_far;
mod words;

pub use code::{Code, Status};
pub use connection::embedded_title;
pub use deploy::diff;
pub use event::{Happening, Tone, happening};
pub use grants::{finding, to_change};
pub use late::{unseen, warning as late_warning};
pub use lock::{at_work, holder_text};
pub use message::Message;
pub use revert::warning as revert_warning;
pub use words::{count, duration, state};

use migrate_core::error::Error;
use migrate_core::report::DeployReport;

/// Words an error of the library. There may be several messages, never none; the first one's
/// [`Message::status`] is that of the command.
pub fn word(whole: &Error) -> Vec<Message> {
    vec![match whole {
        Error::Several(errors) => return errors.iter().flat_map(word).collect(),
        Error::Stopped { error, report } => return stopped(error, report),
        Error::Problems(problems) => return problems.0.iter().map(problem::word).collect(),
        Error::Ownership(breaches) => return ownership::words(breaches),
        Error::Late {
            database,
            conflicts,
        } => return late::conflicts(conflicts, database),
        Error::BuiltUpon {
            database,
            collisions,
            steps,
            half_done,
        } => return revert::built_upon(collisions, *steps, half_done.as_deref(), database),
        Error::Plan {
            error,
            edits,
            database,
        } => return deploy::plan(error, edits, database),
        Error::Embedded(error) => connection::embedded(error),
        Error::Connect {
            database,
            error: why,
            waited,
            ..
        } => connection::refused(whole, database, why, *waited),
        Error::Standby { waited, .. } => connection::standby(whole, *waited),
        Error::NoServer { target, state, .. } => connection::no_server(whole, target, *state),
        Error::Admin { action, error, .. } => connection::admin(whole, action, error),
        Error::Pooler {
            database, target, ..
        } => pooler::word(whole, database, target),
        Error::Locked {
            database,
            holder,
            waited,
        } => lock::word(whole, database, holder.as_ref(), *waited),
        Error::Ledger { database, error } => deploy::ledger(database, error),
        Error::LedgerLocked { blockers, .. } => blockage::ledger_locked(whole, blockers),
        Error::Server { doing, error, .. } => deploy::server(*doing, error),
        Error::Forbidden(text) => file::forbidden(text),
        Error::Execute { error, .. } => execute::word(error, None),
        Error::NoDownSql { standing, .. } => revert::no_down_sql(whole, standing),
        Error::PasswordNotKept { migration, .. } => revert::password_not_kept(whole, migration),
        Error::EmptyDownSql { migration, .. } => revert::no_down_sql(whole, migration),
        Error::NotOnDisk { .. } => revert::not_on_disk(whole),
        Error::NothingApplied { .. } => revert::nothing_applied(whole),
        Error::Privileges {
            database,
            role,
            partly,
            refused,
        } => grants::refused(database, role, *partly, refused),
        Error::RolesNotSet { .. } => grants::roles_not_set(whole),
        Error::NotInProduction { command } => refusal::in_production(whole, *command),
        Error::NotApproved { .. } => refusal::not_approved(whole),
        Error::Changed { database, resumed } => refusal::changed(whole, database, *resumed),
        Error::NotEmbedded => refusal::not_embedded(whole),
        Error::Shadow { database, error } => generate::shadow(database, error),
        Error::Generate(error) => generate::unprinted(error),
        Error::HandWritten(files) => generate::hand_written(files),
        Error::Io { path, error } => Message::new(Code::Io, format!("{path}: {error}")),
    }]
}

/// What came after something had been done.
fn stopped(error: &Error, report: &DeployReport) -> Vec<Message> {
    let (error, others) = match error {
        Error::Several(errors) => errors.split_first().unwrap_or((error, &[])),
        one => (one, &[] as &[Error]),
    };
    let mut messages = word(error);
    if let Some(first) = messages.first_mut() {
        first.work_had_begun();
    }
    // What was done is told once, at the end of the error that counts.
    if let Some(last) = messages.pop() {
        messages.push(deploy::stopped(error, report, last));
    }
    messages.extend(others.iter().flat_map(|error| {
        connection::afterwards(error).map_or_else(|| word(error), |message| vec![message])
    }));
    messages
}
