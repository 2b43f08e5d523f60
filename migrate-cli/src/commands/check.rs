//! `migrate check`

use std::time::Duration;

use console::Style;
use migrate_core::migrator::GenerateOptions;
use migrate_core::report::CheckReport;

use crate::args::CheckArgs;
use crate::commands::generate::{shadow, show_check};
use crate::session::Session;
use migrate_messages::{Status, count, unseen};

pub fn run(session: &mut Session, args: &CheckArgs) -> anyhow::Result<Status> {
    let options = GenerateOptions {
        connect: session.connect(Duration::ZERO),
        check: true,
        shadow: shadow(args.shadow_url.as_deref())?,
        ..GenerateOptions::default()
    };
    let migrator = session.migrator()?;
    let report = migrator.check(&options, &session.printer)?;
    show(session, &report);
    let status = show_check(session, &report.generated);
    session.printer.document(&report);
    Ok(status)
}

fn show(session: &mut Session, report: &CheckReport) {
    let bold = Style::new().bold();
    let read = format!("{} read", count(report.migrations, "migration"));
    session.printer.result("history", bold.clone(), &read);
    if !report.attributed {
        return;
    }
    for one in &report.unseen {
        let style = Style::new().yellow();
        session.printer.result("unseen", style, &unseen(one));
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
