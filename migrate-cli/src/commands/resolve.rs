//! `migrate resolve`

use console::Style;
use migrate_core::migrator::{Approval, Migrator, ResolveOptions};
use migrate_core::plan::Resolution;
use migrate_core::report::{DatabaseDeploy, DeployReport, ResolveReport};
use migrate_core::workspace::Selection;

use super::deploy;
use crate::args::{ResolveArgs, ResolveWhat};
use crate::prompt::confirm;
use crate::session::Session;
use migrate_messages::{Status, count, diff};

/// Below the texts of results.
const INDENT: &str = "\n          ";

pub fn run(session: &mut Session, args: &ResolveArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let (resolution, version) = said(&args.what);
    let options = ResolveOptions {
        connect: session.connect(args.wait.wait),
        version: version.to_owned(),
        resolution,
        lock_wait: args.lock.lock_wait,
        approval: Approval::NotAsked,
    };
    let report = if args.dry_run {
        migrator.plan_resolve(&options, &session.printer)?.report
    } else {
        let approval = match (migrator.workspace().is_production(), args.yes) {
            (false, _) => Approval::NotAsked,
            (true, true) => Approval::ToAnything,
            (true, false) => ask_in_production(session, &migrator, &options)?,
        };
        let options = ResolveOptions {
            approval,
            ..options
        };
        migrator.resolve(&options, &session.printer)?
    };
    if report.retried.is_none() {
        warn(session, &report);
    }
    match &report.retried {
        Some(retried) => {
            let retried = of_one(&report, retried);
            deploy::warn(session, &retried);
            if report.dry_run {
                deploy::show_plan(session, &retried, true);
            } else {
                deploy::conclude_in_words(session, &retried);
            }
        }
        None => conclude(session, &report),
    }
    session.printer.document(&report);
    Ok(Status::Done)
}

/// What a deploy would have put right, and nobody does now.
fn warn(session: &mut Session, report: &ResolveReport) {
    for index in &report.invalid_indexes {
        session.printer.warning(&format!(
            "an unfinished build has left the index {index} invalid, and it stays: `drop index \
             concurrently {index}`, and if it is wanted build it again"
        ));
    }
}

/// Which of the options was given. The parser has seen that it is one.
fn said(what: &ResolveWhat) -> (Resolution, &str) {
    let all = [
        (Resolution::Applied, &what.applied),
        (Resolution::RolledBack, &what.rolled_back),
        (Resolution::Retry, &what.retry),
        (Resolution::AcceptModified, &what.accept_modified),
    ];
    let given = all
        .into_iter()
        .find_map(|(resolution, version)| Some((resolution, version.as_deref()?)));
    given.expect("the parser takes exactly one of them")
}

/// Shows what would be recorded or run, and asks.
fn ask_in_production(
    session: &mut Session,
    migrator: &Migrator,
    options: &ResolveOptions,
) -> anyhow::Result<Approval> {
    let planned = migrator.plan_resolve(options, &session.printer)?;
    let report = planned.report;
    match &report.retried {
        Some(retried) => deploy::show_plan(session, &of_one(&report, retried), false),
        None => {
            if let Some(diff) = shown_diff(&report) {
                let style = Style::new().yellow();
                session.printer.progress("edited", style, &diff);
            }
            let text = words(&report);
            session
                .printer
                .progress("resolve", Style::new().cyan(), &text);
        }
    }
    let target = migrator.shown(&Selection {
        database: Some(report.database.clone()),
        ..options.connect.selection.clone()
    })?;
    let question = format!("Do this in production, {target}?");
    confirm("resolving in production", &question, false)?;
    Ok(Approval::ToPlan(planned.fingerprint))
}

fn of_one(report: &ResolveReport, retried: &DatabaseDeploy) -> DeployReport {
    DeployReport {
        dry_run: report.dry_run,
        databases: vec![retried.clone()],
        not_reached: Vec::new(),
    }
}

fn conclude(session: &mut Session, report: &ResolveReport) {
    if let Some(diff) = shown_diff(report).filter(|_| report.dry_run) {
        let style = Style::new().yellow();
        session.printer.result("edited", style, &diff);
    }
    let (label, style, state) = match report.dry_run {
        true => ("dry run", Style::new().bold(), "; nothing was touched"),
        false => ("resolved", Style::new().green(), ""),
    };
    let text = format!("{}{state}", words(report));
    session.printer.result(label, style, &text);
}

/// What was edited, where that is to be accepted.
fn shown_diff(report: &ResolveReport) -> Option<String> {
    let edit = report.edit.as_ref()?;
    let lines = diff(edit)?;
    let lines: Vec<&str> = lines.trim_start().lines().collect();
    Some(lines.join(INDENT))
}

/// What is recorded, and what that means for the next deploy.
fn words(report: &ResolveReport) -> String {
    let migration = &report.migration;
    let name = format!("{}_{}", migration.version, migration.name);
    let database = &report.database;
    let (counts, is) = match report.dry_run {
        true => ("would count", "would be"),
        false => ("counts", "is"),
    };
    match report.resolution {
        Resolution::Applied => {
            format!("{name} {counts} as applied to {database}; nothing of it {is} run")
        }
        Resolution::RolledBack => {
            let begins = match report.statements_done {
                0 => String::new(),
                done => format!(", the {} done before included", count(done, "statement")),
            };
            let then = match report.becomes {
                Some(_) => format!("the next deploy runs all of it{begins}"),
                None => "its folder is gone".to_owned(),
            };
            format!("{name} {counts} as not applied to {database}; {then}")
        }
        Resolution::AcceptModified => {
            format!("{name} {counts} as applied to {database} with the text that it has now")
        }
        Resolution::Retry => format!("{name} {is} run again"),
    }
}
