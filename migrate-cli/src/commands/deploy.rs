//! `migrate deploy`, `migrate deploy:prod`

use console::Style;
use migrate_core::migrator::{Approval, DeployOptions, Migrator};
use migrate_core::plan::DeployRequest;
use migrate_core::report::{DatabaseDeploy, DeployReport, GenerateReport, PlannedMigration};

use crate::args::DeployArgs;
use crate::prompt::confirm;
use crate::render::summary;
use crate::session::Session;
use migrate_messages::{Status, at_work, count, late_warning, to_change};

pub fn run(session: &mut Session, args: &DeployArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let options = DeployOptions {
        connect: session.connect(args.wait.wait),
        request: DeployRequest {
            to: args.to.clone(),
            service: session.selection.service.clone(),
            ..DeployRequest::default()
        },
        create_databases: false,
        lock_wait: args.lock.lock_wait,
        approval: Approval::NotAsked,
    };
    if args.dry_run {
        let report = migrator.plan(&options, &session.printer)?.report;
        warn(session, &report);
        show_plan(session, &report, true);
        session.printer.document(&report);
        return Ok(Status::Done);
    }
    let options = approved(session, &migrator, options, args.yes)?;
    let report = migrator.deploy(&options, &session.printer)?;
    warn(session, &report);
    conclude(session, &report, None);
    Ok(Status::Done)
}

/// Of production shows what would be done, and asks. Where nothing would be, there is nothing to
/// ask; but then nothing is done either.
pub fn approved(
    session: &mut Session,
    migrator: &Migrator,
    options: DeployOptions,
    yes: bool,
) -> anyhow::Result<DeployOptions> {
    let approval = match (migrator.workspace().is_production(), yes) {
        (false, _) => Approval::NotAsked,
        (true, true) => Approval::ToAnything,
        (true, false) => ask_in_production(session, migrator, &options)?,
    };
    Ok(DeployOptions {
        approval,
        ..options
    })
}

fn ask_in_production(
    session: &mut Session,
    migrator: &Migrator,
    options: &DeployOptions,
) -> anyhow::Result<Approval> {
    let planned = migrator.plan(options, &session.printer)?;
    let plan = &planned.report;
    let changes = |database: &&DatabaseDeploy| {
        !database.would_apply.is_empty()
            || !database.would_create.is_empty()
            || database.privileges.is_some()
    };
    let changed: Vec<&DatabaseDeploy> = plan.databases.iter().filter(changes).collect();
    let approval = Approval::ToPlan(planned.fingerprint);
    if changed.is_empty() {
        return Ok(approval);
    }
    show_plan(session, plan, false);
    let targets: Vec<&str> = changed.iter().map(|database| &*database.target).collect();
    let question = format!("Apply this to production, {}?", targets.join(", "));
    confirm("deploying to production", &question, false)?;
    Ok(approval)
}

pub fn show_plan(session: &mut Session, plan: &DeployReport, is_result: bool) {
    for database in &plan.databases {
        for object in &database.would_create {
            let text = format!("{object} for {}", database.database);
            if is_result {
                session.printer.result("create", Style::new().cyan(), &text);
            } else {
                session
                    .printer
                    .progress("create", Style::new().cyan(), &text);
            }
        }
        for migration in &database.would_apply {
            show_planned(session, "pending", migration, is_result);
        }
        show_privileges(session, database, is_result);
        if is_result {
            let text = match database.would_apply.len() {
                0 => format!("nothing pending in {}", database.database),
                number => format!(
                    "{} would be applied to {}; nothing was touched",
                    count(number, "migration"),
                    database.database
                ),
            };
            session
                .printer
                .result("dry run", Style::new().bold(), &text);
        }
    }
}

/// What would be done to the services' roles as things stand before the migrations.
fn show_privileges(session: &mut Session, database: &DatabaseDeploy, is_result: bool) {
    let Some(privileges) = &database.privileges else {
        return;
    };
    let roles = privileges.roles_created.iter();
    let mut lines: Vec<String> = roles.map(|role| format!("role {role} to create")).collect();
    let logins = privileges.logins_allowed.iter();
    lines.extend(logins.map(|role| format!("role {role} to let log in")));
    let passwords = privileges.passwords_set.iter();
    lines.extend(passwords.map(|role| format!("password of role {role} to set")));
    if privileges.given + privileges.taken > 0 {
        lines.push(to_change(privileges.given, privileges.taken));
    }
    for line in lines {
        let style = Style::new().cyan();
        if is_result {
            session.printer.result("grants", style, &line);
        } else {
            session.printer.progress("grants", style, &line);
        }
    }
}

/// One line of a plan, and with `-v` its SQL.
pub fn show_planned(
    session: &mut Session,
    label: &str,
    migration: &PlannedMigration,
    is_result: bool,
) {
    let printer = &session.printer;
    let reference = &migration.migration;
    let goes_on = match migration.statements_done {
        0 => String::new(),
        1 => ", 1 statement is done".to_owned(),
        done => format!(", {done} statements are done"),
    };
    let outside = match migration.run_in_transaction {
        true => String::new(),
        false => format!("  (outside a transaction{goes_on})"),
    };
    let text = format!(
        "{} {}  {}{outside}",
        reference.version,
        reference.name,
        reference.services.join(", ")
    );
    let style = Style::new().cyan();
    if is_result {
        printer.result(label, style, text.trim_end());
    } else {
        printer.progress(label, style, text.trim_end());
    }
    if printer.is_verbose() && is_result {
        for line in migration.sql.lines() {
            printer.result("", Style::new(), line);
        }
    }
}

/// Warnings that a deploy goes on in spite of.
pub fn warn(session: &mut Session, report: &DeployReport) {
    for database in &report.databases {
        if let Some(holder) = &database.at_work {
            session.printer.warning(&at_work(holder));
        }
        if let Some(newest) = database.ahead.last() {
            session.printer.warning(&format!(
                "{} is ahead of these files by {}, up to {}: an older release?",
                database.database,
                count(database.ahead.len(), "migration"),
                newest.version
            ));
        }
        for edited in &database.reformatted {
            session.printer.warning(&format!(
                "comments or white space of {}_{} were edited after it was applied to {}; \
                 `migrate resolve --accept-modified {}` if they shall stay",
                edited.version, edited.name, database.database, edited.version
            ));
        }
        for late in &database.late {
            let text = late_warning(late, &database.database);
            session.printer.warning(&text);
        }
    }
}

/// The summary of a deploy, and its JSON with what was generated after it.
pub fn conclude(session: &mut Session, report: &DeployReport, generated: Option<&GenerateReport>) {
    conclude_in_words(session, report);
    session.printer.document(&Document { report, generated });
}

/// The summary of a deploy.
pub fn conclude_in_words(session: &mut Session, report: &DeployReport) {
    for database in &report.databases {
        let text = conclusion(session, database);
        session
            .printer
            .result("done", Style::new().green().bold(), &text);
    }
}

/// The JSON of a deploy, and of what follows it in `up`.
#[derive(serde::Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    report: &'a DeployReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    generated: Option<&'a GenerateReport>,
}

fn conclusion(session: &Session, database: &DatabaseDeploy) -> String {
    let of_this = database.applied.iter().map(|one| one.duration_ms).sum();
    let elapsed = session.printer.elapsed_in(of_this);
    match database.applied.len() {
        0 => format!(
            "nothing pending in {}; {} applied",
            database.database,
            match database.total_applied {
                0 => "no migration is".to_owned(),
                1 => "1 migration is".to_owned(),
                number => format!("{number} migrations are"),
            }
        ),
        number => summary(number, "applied to", &database.database, &elapsed),
    }
}
