//! `migrate revert`

use console::Style;
use migrate_core::migrator::RevertOptions;
use migrate_core::plan::Reach;
use migrate_core::report::RevertReport;

use super::deploy::show_planned;
use crate::args::RevertArgs;
use crate::prompt::confirm;
use crate::render::summary;
use crate::session::Session;
use migrate_messages::{Status, count};

pub fn run(session: &mut Session, args: &RevertArgs) -> anyhow::Result<Status> {
    let reach = match &args.to {
        Some(version) => Reach::To(version.clone()),
        None => Reach::Steps(args.steps),
    };
    let migrator = session.migrator()?;
    if migrator.workspace().is_production() && !args.dry_run {
        let target = migrator.shown(&session.selection)?;
        let question = format!("Revert in production, {target}? What they added is lost.");
        confirm("reverting in production", &question, args.yes)?;
    }
    let report = migrator.revert(
        &RevertOptions {
            connect: session.connect(args.wait.wait),
            reach,
            dry_run: args.dry_run,
            lock_wait: args.lock.lock_wait,
        },
        &session.printer,
    )?;
    conclude(session, &report);
    session.printer.document(&report);
    Ok(Status::Done)
}

fn conclude(session: &mut Session, report: &RevertReport) {
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
