//! `migrate grants`

use console::Style;
use migrate_core::grants::Privileges;
use migrate_core::migrator::{Approval, GrantsOptions};
use serde_json::json;

use crate::args::{Format, GrantsArgs};
use crate::prompt::confirm;
use crate::render::{grants_sql, grants_text, out_line};
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &GrantsArgs) -> anyhow::Result<Status> {
    let options = session.connect(args.wait.wait);
    if args.apply {
        return apply(session, args);
    }
    if args.sql {
        let migrator = session.migrator()?;
        let grants = migrator.grants_of_one(&options, &session.printer)?;
        // Whatever `--format` says: it goes to `psql`.
        out_line(grants_sql(&grants));
        return Ok(Status::Done);
    }
    let report = session.migrator()?.grants(&options, &session.printer)?;
    if session.printer.format() == Format::Human {
        out_line(grants_text(&report));
    }
    session.printer.document(&report);
    let all_right = report
        .databases
        .iter()
        .all(|database| Privileges::is_right(&database.privileges));
    Ok(if args.exit_code && !all_right {
        Status::Breach
    } else {
        Status::Done
    })
}

fn apply(session: &mut Session, args: &GrantsArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let mut approval = Approval::NotAsked;
    if migrator.workspace().is_production() {
        let target = migrator.shown(&session.selection)?;
        let question = format!("Give and take privileges in production, {target}?");
        confirm("changing privileges in production", &question, args.yes)?;
        // The question shows no single privilege, so it is a yes to whatever has to be.
        approval = Approval::ToAnything;
    }
    let options = GrantsOptions {
        connect: session.connect(args.wait.wait),
        lock_wait: args.lock.lock_wait,
        approval,
    };
    let done = migrator.apply_grants(&options, &session.printer)?;
    for (database, done) in &done {
        if done.is_nothing() {
            let text = format!("nothing to give or take in {database}");
            session
                .printer
                .result("done", Style::new().green().bold(), &text);
        }
    }
    let databases = done.iter().map(|(database, done)| {
        let mut entry = json!(done);
        entry["database"] = json!(database);
        entry
    });
    let databases: Vec<_> = databases.collect();
    session.printer.document(&json!({ "databases": databases }));
    Ok(Status::Done)
}
