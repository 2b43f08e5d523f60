//! `migrate check`

use std::time::Duration;

use console::Style;
use migrate_core::attribution::Opaque;
use migrate_core::generate::FileState;
use migrate_core::migrator::GenerateOptions;
use migrate_core::report::{CheckReport, UnseenReport};

use crate::args::CheckArgs;
use crate::commands::generate::{shadow, show_check};
use crate::render::{Status, count};
use crate::session::Session;

pub fn run(session: &mut Session, args: &CheckArgs) -> anyhow::Result<Status> {
    let options = GenerateOptions {
        connect: session.connect(Duration::ZERO),
        check: true,
        shadow: shadow(args.shadow_url.as_deref())?,
        ..GenerateOptions::default()
    };
    let migrator = session.migrator()?;
    let report = migrator.check(&options, &mut session.printer)?;
    show(session, &report);
    show_check(session, &report.generated);
    session.printer.document(&report);
    let files = &report.generated.files;
    Ok(
        match files.iter().all(|file| file.state == FileState::Fresh) {
            true => Status::Done,
            false => Status::Breach,
        },
    )
}

fn show(session: &mut Session, report: &CheckReport) {
    let bold = Style::new().bold();
    let read = format!("{} read", count(report.migrations, "migration"));
    session.printer.result("history", bold.clone(), &read);
    if !report.attributed {
        return;
    }
    for unseen in &report.unseen {
        let style = Style::new().yellow();
        session
            .printer
            .result("unseen", style, &unseen_text(unseen));
    }
    let left = match report.unseen.len() {
        0 => String::new(),
        number => format!(
            "; {} left to the guard, which looks when the migration runs",
            count(number, "statement")
        ),
    };
    let text = format!("no migration touches what is another's{left}");
    session.printer.result("ownership", bold, &text);
}

/// `migrations/1_a/up.sql:3:1: SQL that is put together when it runs`
fn unseen_text(unseen: &UnseenReport) -> String {
    let why = match unseen.what {
        Opaque::DynamicSql => "SQL that is put together when it runs",
        Opaque::OtherLanguage => "a body in another language than SQL and PL/pgSQL",
        Opaque::Unparsed => "a statement that the parser does not know",
        Opaque::Sweeping => "a statement about everything of somebody",
    };
    format!(
        "{}:{}:{}: {why}",
        unseen.file.display(),
        unseen.position.line,
        unseen.position.column
    )
}
