//! Every case in `fixtures/print_schema`: the schema is made, read and printed, and must be what
//! Diesel's own tool prints.
//!
//! `expected.rs` is what `diesel print-schema` 2.3.14 wrote, `expected.stderr` what it said. What it
//! wrote of a server since PostgreSQL 16 is `expected_since_16.rs` where that differs. Where the
//! tool is installed it is run again and asked. `UPDATE_EXPECTED=1` writes the files anew from what
//! it says.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a test may print and ask its environment"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use migrate_catalog::introspect::{self, Scope};
use migrate_schema_rs::{PrintError, Printed, Warning, print, read_sections};
use migrate_text::source::SourceFile;
use testkit::{Database, server_version};

/// Cases about multiranges, which PostgreSQL has since 14.
const OF_MULTIRANGES: [&str; 2] = ["custom_range_type", "multirange_types"];

/// What a tool wrote and said.
#[derive(PartialEq, Eq)]
struct Output {
    /// `None` when it failed.
    text: Option<String>,
    messages: String,
}

#[test]
fn every_case_is_printed_as_diesel_does() {
    let cases = cases();
    assert!(cases.len() >= 60, "only {} cases were found", cases.len());
    let diesel = diesel_is_installed();
    if !diesel {
        println!("skipped: `diesel` 2.3 or `rustfmt` is not installed, so it is not run again");
    }
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = check(case, diesel) {
                        let name = case.file_name().unwrap_or_default().to_string_lossy();
                        let failure = format!("{name}: {failure}");
                        failures.lock().expect("no thread panics").push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panicked");
    assert!(
        failures.is_empty(),
        "{} of {} cases differ:\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/print_schema");
    let entries = fs::read_dir(&folder).expect("the cases are there");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    if server_version() < 14 {
        for case in OF_MULTIRANGES {
            eprintln!("skipped: {case} is of PostgreSQL 14 and later");
            cases.retain(|path| !path.ends_with(case));
        }
    }
    cases.sort();
    cases
}

/// Cases about everything have ranges where the server knows no multiranges.
fn as_known_here(text: String) -> String {
    match server_version() {
        14.. => text,
        _ => text
            .replace("MULTIRANGE", "RANGE")
            .replace("multirange", "range"),
    }
}

fn check(case: &Path, diesel: bool) -> Result<(), String> {
    let database = Database::fresh();
    let sql = fs::read_to_string(case.join("schema.sql")).expect("a case has a schema");
    database.execute(&as_known_here(sql));

    let ours = ours(case, &database);
    if diesel {
        let theirs = theirs(case, &database);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            update(case, &theirs);
        }
        compare(&ours, &theirs).map_err(|difference| format!("not as `diesel`: {difference}"))?;
    }
    compare(&ours, &expected(case)).map_err(|difference| format!("not as expected: {difference}"))
}

fn ours(case: &Path, database: &Database) -> Output {
    let toml = fs::read_to_string(case.join("diesel.toml")).unwrap_or_default();
    let file = SourceFile::new("diesel.toml", toml);
    let sections = read_sections(&file, |path| fs::read_to_string(case.join(path)))
        .expect("the case's diesel.toml is right");
    let catalog =
        introspect::read(&mut database.session(), Scope::Shape).expect("the catalog can be read");
    let printed: Result<Vec<Printed>, PrintError> = sections
        .iter()
        .map(|section| print(&catalog, &section.config))
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
            messages: format!("{error}\n"),
        },
    }
}

fn theirs(case: &Path, database: &Database) -> Output {
    // Not the folder of the project: neither its `diesel.toml` nor a `rustfmt.toml` shall count.
    let elsewhere = tempfile::tempdir().expect("there is room for a folder");
    let config = match case.join("diesel.toml") {
        config if config.exists() => config,
        _ => {
            let empty = elsewhere.path().join("diesel.toml");
            fs::write(&empty, "").expect("the folder can be written to");
            empty
        }
    };
    let output = Command::new("diesel")
        .current_dir(elsewhere.path())
        .args(["print-schema", "--database-url", database.url()])
        .arg("--config-file")
        .arg(config)
        .env_remove("DATABASE_URL")
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("diesel was there a moment ago");
    let text = |bytes| String::from_utf8(bytes).expect("diesel speaks UTF-8");
    Output {
        text: output.status.success().then(|| text(output.stdout)),
        messages: text(output.stderr),
    }
}

fn diesel_is_installed() -> bool {
    let version = |program| {
        let output = Command::new(program).arg("--version").output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    version("rustfmt").is_some() && version("diesel").is_some_and(|text| text.contains(" 2.3."))
}

fn expected(case: &Path) -> Output {
    Output {
        text: fs::read_to_string(case.join(expected_text(case)))
            .ok()
            .map(as_known_here),
        messages: fs::read_to_string(case.join("expected.stderr")).unwrap_or_default(),
    }
}

/// The file with the text that a server of this version has to give.
fn expected_text(case: &Path) -> &'static str {
    let newer = "expected_since_16.rs";
    match server_version() >= 16 && case.join(newer).exists() {
        true => newer,
        false => "expected.rs",
    }
}

fn update(case: &Path, theirs: &Output) {
    let write = |name: &str, text: Option<&str>| {
        let path = case.join(name);
        match text {
            Some(text) => fs::write(path, text).expect("the case can be written to"),
            None => drop(fs::remove_file(path)),
        }
    };
    write(expected_text(case), theirs.text.as_deref());
    let messages = theirs.messages.as_str();
    if !is_panic(messages) {
        write(
            "expected.stderr",
            (!messages.is_empty()).then_some(messages),
        );
    }
}

fn compare(ours: &Output, wanted: &Output) -> Result<(), String> {
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
fn is_panic(messages: &str) -> bool {
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
