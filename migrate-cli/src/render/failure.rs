//! How a command ends that failed.

use std::process::ExitCode;

use migrate_core::error::Error;
use migrate_messages::{Message, Status};
use serde_json::{Value, json};

use super::document::print_json;
use super::output::err_line;
use super::words::word;
use crate::args::Format;

/// Prints an error and gives its exit code.
pub fn fail(error: &anyhow::Error, format: Format, command: &str) -> ExitCode {
    let messages = word(error);
    match format {
        Format::Human => {
            for message in &messages {
                err_line(message.render(console::colors_enabled_stderr()));
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
