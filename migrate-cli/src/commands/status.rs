//! `migrate status`, `migrate show`

use migrate_core::report::State;

use crate::args::{Format, StatusArgs};
use crate::render::{out_line, status_tables};
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &StatusArgs) -> anyhow::Result<Status> {
    let options = session.connect(args.wait.wait);
    let report = session.migrator()?.status(&options, &session.printer)?;
    if session.printer.format() == Format::Human {
        out_line(status_tables(&report));
    }
    session.printer.document(&report);
    if !args.exit_code {
        return Ok(Status::Done);
    }
    let privileges_differ = report.databases.iter().any(|database| {
        let grants = database.grants.as_ref();
        grants.is_some_and(|grants| !grants.is_right())
    });
    Ok(
        if report.count(&[State::Modified, State::Missing]) > 0 || privileges_differ {
            Status::Breach
        } else if report.count(&[State::Pending, State::Failed, State::Running]) > 0 {
            Status::Pending
        } else {
            Status::Done
        },
    )
}
