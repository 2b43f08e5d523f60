//! `migrate db`

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use console::Style;
use migrate_postgres::embedded::Started;
use serde_json::json;

use crate::args::{DbCommand, Format, WaitArgs};
use crate::prompt::confirm;
use crate::render::out_line;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, command: DbCommand) -> anyhow::Result<Status> {
    match command {
        DbCommand::Create(args) => create(session, &args),
        DbCommand::Drop { yes } => drop(session, yes),
        DbCommand::Wait { limit } => wait(session, limit),
        DbCommand::Start => start(session),
        DbCommand::Stop => stop(session),
        DbCommand::Url => url(session),
        DbCommand::Shell { arguments } => shell(session, &arguments),
    }
}

fn create(session: &mut Session, args: &WaitArgs) -> anyhow::Result<Status> {
    let options = session.connect(args.wait);
    let created = session
        .migrator()?
        .create_databases(&options, &session.printer)?;
    if created.is_empty() {
        say(session, "done", "nothing to create");
    }
    session.printer.document(&json!({ "created": created }));
    Ok(Status::Done)
}

fn drop(session: &mut Session, yes: bool) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let targets = migrator.plan_drop(&session.selection)?;
    let question = format!("Drop {targets} and all that is in it?");
    confirm("dropping a database", &question, yes)?;
    let options = session.connect(Duration::ZERO);
    let dropped = migrator.drop_databases(&options, &session.printer)?;
    for database in &dropped {
        say(session, "dropped", database);
    }
    if dropped.is_empty() {
        say(session, "done", "nothing to drop");
    }
    session.printer.document(&json!({ "dropped": dropped }));
    Ok(Status::Done)
}

fn wait(session: &mut Session, limit: Duration) -> anyhow::Result<Status> {
    let options = session.connect(limit);
    let ready = session
        .migrator()?
        .wait_for_databases(&options, &session.printer)?;
    for database in &ready {
        say(session, "ready", database);
    }
    session.printer.document(&json!({ "ready": ready }));
    Ok(Status::Done)
}

fn start(session: &mut Session) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let started = migrator.start_embedded(&session.printer)?;
    if started == Started::Already {
        say(session, "embedded", "runs already");
    }
    let log = migrator.embedded().log();
    session.printer.document(&json!({
        "started": started != Started::Already,
        "log": log,
    }));
    Ok(Status::Done)
}

fn stop(session: &mut Session) -> anyhow::Result<Status> {
    let stopped = session.migrator()?.stop_embedded()?;
    say(
        session,
        "embedded",
        if stopped {
            "stopped"
        } else {
            "was not running"
        },
    );
    session.printer.document(&json!({ "stopped": stopped }));
    Ok(Status::Done)
}

/// The URL is the result, so it goes out even with `-q`. Its password never does.
fn url(session: &mut Session) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let (database, target) = migrator.address(&session.selection, &session.printer)?;
    let url = target.without_secrets().url();
    if target.secrets().next().is_some() {
        session.printer.progress(
            "note",
            Style::new().dim(),
            "the password is left out; `migrate exec -- COMMAND` passes it on",
        );
    }
    match session.printer.format() {
        Format::Human => out_line(url.reveal()),
        Format::Json => session.printer.document(&json!({
            "database": database.name,
            "url": url.reveal(),
        })),
    }
    Ok(Status::Done)
}

/// Becomes `psql`. The password goes by a variable: arguments are anyone's to see. libpq has no
/// variable for its other secrets.
fn shell(session: &mut Session, arguments: &[String]) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let (_, target) = migrator.address(&session.selection, &session.printer)?;
    let mut command = Command::new("psql");
    if let Some(password) = target.get("password") {
        command.env("PGPASSWORD", password);
    }
    for secret in target.secrets().filter(|secret| *secret != "password") {
        session.printer.warning(&format!(
            "`{secret}` is left out: `psql` takes it only where anyone can see it"
        ));
    }
    let target = target.without_secrets().with("application_name", "psql");
    let error = command.arg(target.url().reveal()).args(arguments).exec();
    // Only reached when it could not be started.
    Err(error).context("cannot run `psql`; it comes with PostgreSQL's client package")
}

fn say(session: &mut Session, label: &str, text: &str) {
    session.printer.result(label, Style::new().green(), text);
}
