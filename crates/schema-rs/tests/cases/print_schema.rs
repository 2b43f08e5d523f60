//! What is printed of a case in `fixtures/print_schema`, and what has to be.

use std::fs;
use std::path::Path;

use migrate_catalog::Catalog;
use migrate_schema_rs::{PrintError, Printed, Warning, print, read_sections};
use migrate_text::causes::with_causes;
use migrate_text::source::SourceFile;

/// What a tool wrote and said.
#[derive(PartialEq, Eq)]
pub struct Output {
    /// `None` when it failed.
    pub text: Option<String>,
    /// What it said.
    pub messages: String,
}

/// What we print of a catalog.
pub fn ours(case: &Path, catalog: &Catalog) -> Output {
    let toml = fs::read_to_string(case.join("diesel.toml")).unwrap_or_default();
    let file = SourceFile::new("diesel.toml", toml);
    let sections = read_sections(&file, |path| fs::read_to_string(case.join(path)))
        .expect("the case's diesel.toml is right");
    let printed: Result<Vec<Printed>, PrintError> = sections
        .iter()
        .map(|section| print(catalog, &section.config))
        .collect();
    match printed {
        Ok(printed) => Output {
            text: Some(
                printed
                    .iter()
                    .map(|printed| printed.text.as_str())
                    .collect(),
            ),
            messages: printed
                .iter()
                .flat_map(|printed| &printed.warnings)
                // Diesel says nothing of this.
                .filter(|warning| **warning != Warning::NotRust)
                .map(|warning| format!("{warning}\n"))
                .collect(),
        },
        Err(error) => Output {
            text: None,
            messages: format!("{}\n", with_causes(&error)),
        },
    }
}

/// What Diesel printed; the file says of which server.
pub fn expected(case: &Path, file: &str) -> Output {
    Output {
        text: fs::read_to_string(case.join(file)).ok(),
        messages: fs::read_to_string(case.join("expected.stderr")).unwrap_or_default(),
    }
}

/// What is wrong, if anything is.
pub fn compare(ours: &Output, wanted: &Output) -> Result<(), String> {
    if ours.messages != wanted.messages && !is_panic(&wanted.messages) {
        return Err(format!(
            "it says {:?}, not {:?}",
            ours.messages, wanted.messages
        ));
    }
    match (&ours.text, &wanted.text) {
        (None, None) => Ok(()),
        (Some(_), None) => Err("it should fail".to_owned()),
        (None, Some(_)) => Err(format!("it fails: {}", ours.messages)),
        (Some(ours), Some(wanted)) if ours == wanted => Ok(()),
        (Some(ours), Some(wanted)) => Err(first_difference(ours, wanted)),
    }
}

/// Diesel panics where a foreign key points at a table that has no primary key. That is no message
/// to repeat.
pub fn is_panic(messages: &str) -> bool {
    messages.contains("panicked")
}

fn first_difference(ours: &str, wanted: &str) -> String {
    let mut lines = ours.split('\n').zip(wanted.split('\n')).enumerate();
    match lines.find(|(_, (ours, wanted))| ours != wanted) {
        Some((line, (ours, wanted))) => {
            format!(
                "line {}:\n  printed {ours:?}\n  wanted  {wanted:?}",
                line + 1
            )
        }
        None => format!(
            "{} lines were printed, {} wanted",
            ours.split('\n').count(),
            wanted.split('\n').count()
        ),
    }
}
