//! `migrate redo`

use console::Style;
use migrate_core::migrator::{Approval, Migrator, RedoOptions};

use super::revert::warn;
use crate::args::RedoArgs;
use crate::prompt::{confirm, someone_to_ask};
use crate::render::summary;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &RedoArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let options = RedoOptions {
        connect: session.connect(args.wait.wait),
        steps: args.steps,
        lock_wait: args.lock.lock_wait,
        approval: Approval::NotAsked,
    };
    let approval = approval(session, &migrator, &options, args.yes)?;
    let options = RedoOptions {
        approval,
        ..options
    };
    let report = migrator.redo(&options, &session.printer)?;
    warn(session, &report.uncertain, &report.database);
    let elapsed = session.printer.elapsed();
    let number = report.applied.len();
    let text = summary(number, "redone in", &report.database, &elapsed);
    session
        .printer
        .result("done", Style::new().green().bold(), &text);
    session.printer.document(&report);
    Ok(Status::Done)
}

fn approval(
    session: &mut Session,
    migrator: &Migrator,
    options: &RedoOptions,
    yes: bool,
) -> anyhow::Result<Approval> {
    let action = "redoing in production";
    match (migrator.workspace().is_production(), yes) {
        (false, _) => Ok(Approval::NotAsked),
        (true, true) => Ok(Approval::ToAnything),
        (true, false) => {
            someone_to_ask(action)?;
            let plan = migrator.plan_redo(options, &session.printer)?;
            let target = migrator.shown(&session.selection)?;
            let question =
                format!("Revert and apply again in production, {target}? What they added is lost.");
            confirm(action, &question, false)?;
            Ok(Approval::ToPlan(plan.fingerprint))
        }
    }
}
