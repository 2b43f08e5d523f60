//! `migrate history`

use console::Style;
use migrate_core::report::{Attempt, ByHand, Outcome};

use crate::args::WaitArgs;
use crate::session::Session;
use migrate_messages::{Status, duration};

pub fn run(session: &mut Session, args: &WaitArgs) -> anyhow::Result<Status> {
    let options = session.connect(args.wait);
    let report = session.migrator()?.attempts(&options, &session.printer)?;
    for database in &report.databases {
        for attempt in &database.attempts {
            let (label, style) = outcome(attempt);
            session.printer.result(label, style, &describe(attempt));
        }
        if database.attempts.is_empty() {
            let text = format!("nothing was ever done to {}", database.database);
            session
                .printer
                .result("history", Style::new().bold(), &text);
        }
    }
    session.printer.document(&report);
    Ok(Status::Done)
}

fn outcome(attempt: &Attempt) -> (&'static str, Style) {
    let style = Style::new();
    if attempt.by_hand == Some(ByHand::Accepted) {
        return ("accepted", style.yellow());
    }
    match attempt.outcome {
        Outcome::Applied => ("applied", style.green()),
        Outcome::Reverted => ("reverted", style.yellow()),
        Outcome::Adopted => ("adopted", style.cyan()),
        Outcome::Failed => ("failed", style.red()),
        Outcome::Running => ("unfinished", style.red()),
    }
}

fn describe(attempt: &Attempt) -> String {
    let when = attempt.started_at.replace('T', " ");
    let took = match attempt.by_hand {
        Some(_) => "by hand".to_owned(),
        None => attempt.duration_ms.map(duration).unwrap_or_default(),
    };
    let error = attempt
        .error
        .as_ref()
        .map_or_else(String::new, |error| format!("\n{:>10}{error}", ""));
    format!(
        "{when}  {}  {took}  {}@{}  migrate {}{error}",
        attempt.name, attempt.executed_by, attempt.host, attempt.tool_version
    )
}
