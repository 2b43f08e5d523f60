//! Everything that a person or a program reads.

mod grants;
mod observer;
mod output;
mod table;
mod words;

use std::process::ExitCode;

use console::{Style, StyledObject, style};
use migrate_core::error::Error;
use migrate_core::report::VERSION;
use migrate_messages::{Message, Status};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::args::Format;

pub use grants::{grants_sql, grants_text};
pub use observer::{Printer, summary};
pub use output::{lost, out, out_line};
pub use table::status_tables;

/// Colour only on a terminal, and never with `NO_COLOR` (no-color.org).
pub fn choose_colours() {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        console::set_colors_enabled(false);
        console::set_colors_enabled_stderr(false);
    }
}

/// Prints an error and gives its exit code.
pub fn fail(error: &anyhow::Error, format: Format, command: &str) -> ExitCode {
    let messages = words::word(error);
    match format {
        Format::Human => {
            for message in &messages {
                output::err_line(message.render(console::colors_enabled_stderr()));
            }
        }
        Format::Json => {
            let errors: Vec<Value> = messages.iter().map(Message::json).collect();
            let mut result = json!({ "errors": errors });
            if let Some(Error::Stopped { report, .. }) = error.downcast_ref::<Error>() {
                result["databases"] = json!(report.databases);
                result["not_reached"] = json!(report.not_reached);
            }
            print_json(command, "failed", &result);
        }
    }
    let status = messages.first().map_or(Status::Failed, Message::status);
    status.code().into()
}

/// Prints the one document of a command: its shape's version, the command, how it ended, and the
/// fields of `result`.
pub fn print_json(command: &str, outcome: &str, result: &impl Serialize) {
    let mut document = Map::new();
    document.insert("format".to_owned(), json!(VERSION));
    document.insert("command".to_owned(), json!(command));
    document.insert("outcome".to_owned(), json!(outcome));
    if let Value::Object(fields) = json!(result) {
        document.extend(fields);
    }
    out_line(format_args!("{:#}", Value::Object(document)));
}

/// The width of the first column: `generated`, the longest of its words.
const LABEL_WIDTH: usize = 9;

/// One line: what happened in a right-aligned word, then to what.
pub fn line(label: &str, style: &Style, text: &str) -> String {
    format!(
        "{} {text}",
        style.apply_to(format!("{label:>LABEL_WIDTH$}"))
    )
    .trim_end()
    .to_owned()
}

/// Less important text.
pub fn dim(text: &str) -> StyledObject<&str> {
    style(text).dim()
}
