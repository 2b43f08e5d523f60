//! What a program reads.

use migrate_core::report::VERSION;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::output::out_json;

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
    out_json(format_args!("{:#}", Value::Object(document)));
}
