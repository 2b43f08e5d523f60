//! `migrate revert`

use console::Style;
use migrate_core::migrator::{Approval, Migrator, Reach, RevertOptions};
use migrate_core::report::{RevertReport, UncertainRevert};

use super::deploy::show_planned;
use crate::args::RevertArgs;
use crate::prompt::{confirm, someone_to_ask};
use crate::render::summary;
use crate::session::Session;
use migrate_messages::{Status, count, revert_warning};

pub fn run(session: &mut Session, args: &RevertArgs) -> anyhow::Result<Status> {
    let reach = match &args.to {
        Some(version) => Reach::To(version.clone()),
        None => Reach::Steps(args.steps),
    };
    let migrator = session.migrator()?;
    let options = RevertOptions {
        connect: session.connect(args.wait.wait),
        reach,
        lock_wait: args.lock.lock_wait,
        approval: Approval::NotAsked,
    };
    let report = if args.dry_run {
        migrator.plan_revert(&options, &session.printer)?.report
    } else {
        let approval = approval(session, &migrator, &options, args.yes)?;
        let options = RevertOptions {
            approval,
            ..options
        };
        migrator.revert(&options, &session.printer)?
    };
    conclude(session, &report);
    session.printer.document(&report);
    Ok(Status::Done)
}

fn approval(
    session: &mut Session,
    migrator: &Migrator,
    options: &RevertOptions,
    yes: bool,
) -> anyhow::Result<Approval> {
    let action = "reverting in production";
    match (migrator.workspace().is_production(), yes) {
        (false, _) => Ok(Approval::NotAsked),
        (true, true) => Ok(Approval::ToAnything),
        (true, false) => {
            someone_to_ask(action)?;
            let plan = migrator.plan_revert(options, &session.printer)?;
            let target = migrator.shown(&session.selection)?;
            let question = format!("Revert in production, {target}? What they added is lost.");
            confirm(action, &question, false)?;
            Ok(Approval::ToPlan(plan.fingerprint))
        }
    }
}

fn conclude(session: &mut Session, report: &RevertReport) {
    warn(session, &report.uncertain, &report.database);
    for migration in &report.would_revert {
        show_planned(session, "revert", migration, true);
    }
    let (label, text) = if report.dry_run {
        let number = count(report.would_revert.len(), "migration");
        let text = format!(
            "{number} would be reverted in {}; nothing was touched",
            report.database
        );
        ("dry run", text)
    } else {
        let elapsed = session.printer.elapsed();
        let text = match report.reverted.len() {
            0 => format!("nothing to revert in {}", report.database),
            number => summary(number, "reverted in", &report.database, &elapsed),
        };
        ("done", text)
    };
    session
        .printer
        .result(label, Style::new().green().bold(), &text);
}

/// Tells of what others may build on that stay.
pub fn warn(session: &mut Session, uncertain: &[UncertainRevert], database: &str) {
    for one in uncertain {
        let text = revert_warning(one, database);
        session.printer.warning(&text);
    }
}
