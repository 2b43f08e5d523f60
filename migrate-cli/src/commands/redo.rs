//! `migrate redo`

use console::Style;
use migrate_core::migrator::RedoOptions;

use crate::args::RedoArgs;
use crate::prompt::confirm;
use crate::render::summary;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &RedoArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    if migrator.workspace().is_production() {
        let target = migrator.shown(&session.selection)?;
        let question =
            format!("Revert and apply again in production, {target}? What they added is lost.");
        confirm("redoing in production", &question, args.yes)?;
    }
    let report = migrator.redo(
        &RedoOptions {
            connect: session.connect(args.wait.wait),
            steps: args.steps,
            lock_wait: args.lock.lock_wait,
        },
        &session.printer,
    )?;
    let elapsed = session.printer.elapsed();
    let number = report.applied.len();
    let text = summary(number, "redone in", &report.database, &elapsed);
    session
        .printer
        .result("done", Style::new().green().bold(), &text);
    session.printer.document(&report);
    Ok(Status::Done)
}
