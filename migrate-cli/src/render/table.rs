//! The table of `status`.

use console::{Style, style};
use migrate_core::report::{
    ByHand, DatabaseStatus, Doubt, Happened, Standing, State, StatusReport,
};

use super::grants::grants_lines;
use super::line::dim;
use migrate_messages::{at_work, count, duration, state};
use migrate_text::visible::visible;

/// One table for each database, each with its summary line.
pub fn status_tables(report: &StatusReport) -> String {
    let tables: Vec<String> = report.databases.iter().map(table).collect();
    tables.join("\n\n")
}

fn table(database: &DatabaseStatus) -> String {
    let rows: Vec<[Cell; 6]> = database.migrations.iter().map(row).collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width);
        }
    }
    // Thousands of rows: one text that grows.
    let mut text = String::new();
    for (row, standing) in rows.iter().zip(&database.migrations) {
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            let padding = " ".repeat(width - cell.width);
            match index {
                0 => text.extend([padding.as_str(), cell.text.as_str()]),
                5 => text.extend(["  ", padding.as_str(), cell.text.as_str()]),
                _ => text.extend(["  ", cell.text.as_str(), padding.as_str()]),
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        if let Some(note) = note(standing) {
            text.push_str(&format!("{:>9}  {}\n", "", dim(&visible(&note))));
        }
    }
    if let Some(holder) = &database.at_work {
        let line = format!("{:>9}  {}", "", at_work(holder));
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(&summary(database));
    for line in database.grants.iter().flat_map(grants_lines) {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// A text, and how wide it is on a terminal.
struct Cell {
    text: String,
    width: usize,
}

impl Cell {
    fn of(text: String) -> Self {
        // Of thousands of rows nearly all are such, and to measure them takes a while.
        let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let width = match is_plain {
            true => text.len(),
            false => console::measure_text_width(&text),
        };
        Self { text, width }
    }
}

fn row(standing: &Standing) -> [Cell; 6] {
    let state = format!("{:>9}", state(standing.state));
    let when = standing.at.as_deref().unwrap_or_default();
    [
        colour(standing.state).apply_to(state).to_string(),
        visible(&standing.version).into_owned(),
        visible(&standing.name).into_owned(),
        visible(&standing.services.join(", ")).into_owned(),
        when.replace('T', " "),
        standing.duration_ms.map(duration).unwrap_or_default(),
    ]
    .map(Cell::of)
}

fn colour(state: State) -> Style {
    let style = Style::new().for_stdout();
    match state {
        State::Applied => style.green(),
        State::Pending | State::Running => style.cyan(),
        State::Failed | State::Modified | State::Missing => style.red(),
        State::Ahead => style.yellow(),
    }
}

/// What the columns do not say.
fn note(standing: &Standing) -> Option<String> {
    let mut notes = Vec::new();
    if standing.by_diesel {
        notes.push("applied by diesel".to_owned());
    }
    notes.extend(
        standing
            .by_hand
            .map(|by_hand| by_hand_text(by_hand).to_owned()),
    );
    if standing.reformatted {
        notes.push("comments or white space of up.sql were edited since".to_owned());
    }
    if standing.row_altered {
        notes.push("somebody has changed its row in the ledger".to_owned());
    }
    if standing.late {
        notes.push("older than the newest applied one".to_owned());
    }
    if standing.unfinished.statements_done > 0 {
        let statements = count(standing.unfinished.statements_done, "statement");
        notes.push(match standing.state {
            State::Running => format!("{statements} done"),
            State::Applied
            | State::Pending
            | State::Failed
            | State::Modified
            | State::Missing
            | State::Ahead => format!("stopped after {statements}"),
        });
    }
    notes.extend(standing.error.clone());
    if standing.unended {
        notes.push("killed, or the connection broke".to_owned());
    }
    notes.extend(standing.in_doubt.as_ref().map(doubt));
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// What a person said of a migration.
fn by_hand_text(by_hand: ByHand) -> &'static str {
    match by_hand {
        ByHand::Applied => "applied by hand",
        ByHand::RolledBack => "rolled back by hand",
        ByHand::Accepted => "edited and accepted",
    }
}

/// How the statement stands that was begun and is not recorded as done.
fn doubt(doubt: &Doubt) -> String {
    let left = doubt.invalid_indexes.join(", ");
    let how = match doubt.happened {
        Happened::Yes => "happened".to_owned(),
        Happened::No => "did not happen".to_owned(),
        Happened::Whatever if left.is_empty() => "is to be run again".to_owned(),
        Happened::Partly | Happened::Whatever if !left.is_empty() => {
            format!("left the invalid index {left}")
        }
        Happened::Partly | Happened::Whatever => "stopped half way".to_owned(),
        Happened::Unknown => "may have happened, or a part of it".to_owned(),
    };
    format!("statement {} {how}", doubt.statement)
}

/// `main: 3 applied, 1 pending (postgres@localhost/app)`
fn summary(database: &DatabaseStatus) -> String {
    let states = [
        State::Applied,
        State::Pending,
        State::Running,
        State::Failed,
        State::Modified,
        State::Missing,
        State::Ahead,
    ];
    let counted: Vec<String> = states
        .into_iter()
        .filter_map(|wanted| {
            let all = database.migrations.iter();
            let number = all.filter(|standing| standing.state == wanted).count();
            (number > 0).then(|| format!("{number} {}", state(wanted)))
        })
        .collect();
    let counted = if counted.is_empty() {
        "no migrations".to_owned()
    } else {
        counted.join(", ")
    };
    let missing = if database.exists {
        ""
    } else {
        ", the database does not exist yet"
    };
    format!(
        "{:>9}  {counted}{missing} {}",
        style(&database.database).bold(),
        dim(&format!("({})", database.target))
    )
}
