//! `migrate generate`

use console::Style;
use migrate_core::error::Error;
use migrate_core::migrator::{GenerateOptions, Migrator};
use migrate_core::report::{FileReport, FileState, GenerateReport};
use migrate_postgres::target::Target;
use migrate_text::problem::{Problem, ProblemKind, Problems};
use migrate_text::target_error::TargetError;

use crate::args::{Format, GenerateArgs};
use crate::render::out;
use crate::session::Session;
use migrate_messages::{Status, count, embedded_title};

pub fn run(session: &mut Session, args: &GenerateArgs) -> anyhow::Result<Status> {
    let shadow = shadow(args.shadow_url.as_deref())?;
    let options = GenerateOptions {
        connect: session.connect(std::time::Duration::ZERO),
        check: args.check,
        force: args.force,
        from_database: args.from_database,
        shadow,
    };
    let migrator = session.migrator()?;
    if args.stdout {
        let combined = migrator.combined_text(&options, &session.printer)?;
        for warning in &combined.warnings {
            session.printer.warning(&warning.to_string());
        }
        let text = combined.file.text;
        out(text.as_bytes());
        return Ok(Status::Done);
    }
    let report = migrator.generate(&options, &session.printer)?;
    let status = show(session, &report);
    if !report.check && !report.files.iter().any(|file| file.written) {
        let text = format!(
            "{} in step with the history",
            count(report.files.len(), "file")
        );
        session
            .printer
            .result("done", Style::new().green().bold(), &text);
    }
    session.printer.document(&report);
    Ok(status)
}

/// The server of `--shadow-url`.
pub fn shadow(url: Option<&str>) -> Result<Option<Target>, Error> {
    let target = url.map(|url| Target::parse(url).map_err(shadow_problem));
    Ok(target.transpose()?.map(|target| target.resolved()))
}

/// A URL on the command line that libpq does not take.
fn shadow_problem(error: TargetError) -> Error {
    let database = "shadow".to_owned();
    Error::from(Problems(vec![Problem {
        kind: ProblemKind::BadUrl { database, error },
        location: None,
    }]))
}

/// Generates after a deploy; gives nothing where there is nothing to generate, or where a person
/// wrote a file that would be replaced, which is told.
pub fn generate(
    session: &mut Session,
    migrator: &Migrator,
) -> Result<Option<GenerateReport>, Error> {
    let options = GenerateOptions {
        connect: session.connect(std::time::Duration::ZERO),
        ..GenerateOptions::default()
    };
    match migrator.generate(&options, &session.printer) {
        Ok(report) => {
            show(session, &report);
            Ok(Some(report))
        }
        Err(Error::HandWritten(files)) => {
            for file in files {
                session.printer.warning(&format!(
                    "{} was written by a person and is not replaced; `migrate generate --force` does",
                    file.path.display()
                ));
            }
            Ok(None)
        }
        Err(Error::Embedded(error)) => {
            session.printer.warning(&format!(
                "no schema was generated: {}; `migrate generate --shadow-url` uses another \
                 server",
                embedded_title(&error)
            ));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn show(session: &mut Session, report: &GenerateReport) -> Status {
    for warning in &report.warnings {
        session.printer.warning(warning);
    }
    if session.printer.is_verbose() && report.messages > 0 {
        let text = format!("read in {} queries", report.messages);
        session
            .printer
            .progress("catalog", Style::new().dim(), &text);
    }
    if report.check {
        return show_check(session, report);
    }
    let written: Vec<String> = report
        .files
        .iter()
        .filter(|file| file.written)
        .map(name)
        .collect();
    if !written.is_empty() {
        let style = Style::new().green();
        session
            .printer
            .result("generated", style, &written.join(", "));
    }
    Status::Done
}

/// What is not in step, with its difference, and a summary.
pub fn show_check(session: &mut Session, report: &GenerateReport) -> Status {
    let mut stale = 0;
    for file in &report.files {
        let (label, diff) = match &file.state {
            FileState::Fresh => continue,
            FileState::Absent => ("absent", None),
            FileState::Stale { diff } => ("stale", Some(diff)),
            FileState::HandWritten { diff } => ("not ours", Some(diff)),
        };
        stale += 1;
        session
            .printer
            .result(label, Style::new().red(), &name(file));
        if let Some(diff) = diff
            && session.printer.format() == Format::Human
        {
            session.printer.text(diff);
        }
    }
    let bold = Style::new().bold();
    if stale == 0 {
        let text = format!(
            "{} in step with the history",
            count(report.files.len(), "file")
        );
        session.printer.result("check", bold, &text);
        return Status::Done;
    }
    let text = format!(
        "{} out of step; `migrate generate` writes them",
        count(stale, "file")
    );
    session.printer.refusal("check", bold, &text);
    Status::Breach
}

/// A file as people know it: a service's by its crate.
fn name(file: &FileReport) -> String {
    let path = file.path.display().to_string();
    path.strip_suffix("/src/schema.rs")
        .map_or(path.clone(), str::to_owned)
}
