//! Every case in `fixtures/print_schema` of `schema-rs`: the schema is made, read and printed, and
//! must be what Diesel's own tool prints.
//!
//! `expected.rs` is what `diesel print-schema` 2.3.14 wrote, `expected.stderr` what it said. What it
//! wrote of a server since PostgreSQL 16 is `expected_since_16.rs` where that differs. Where the
//! tool is installed it is run again and asked. `UPDATE_EXPECTED=1` writes the files anew from what
//! it says.
//!
//! `catalog.json` is the catalog that PostgreSQL 15 gave, from which the tests of `schema-rs` print
//! without a server. Here it is compared with what a server of that version gives, and written anew
//! likewise, unless it is large.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a test may print and ask its environment"
)]

mod kept_catalogs;
#[path = "../../schema-rs/tests/cases/print_schema.rs"]
mod print_schema;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use print_schema::{Output, compare, expected, is_panic, ours};
use testkit::{Database, server_version};

/// Cases about multiranges, which PostgreSQL has since 14.
const OF_MULTIRANGES: [&str; 2] = ["custom_range_type", "multirange_types"];

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
    let mut cases = kept_catalogs::cases("print_schema");
    if server_version() < 14 {
        for case in OF_MULTIRANGES {
            eprintln!("skipped: {case} is of PostgreSQL 14 and later");
            cases.retain(|path| !path.ends_with(case));
        }
    }
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

    let ours = ours(case, &kept_catalogs::catalog(case, &database)?);
    if diesel {
        let theirs = theirs(case, &database);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            update(case, &theirs);
        }
        compare(&ours, &theirs).map_err(|difference| format!("not as `diesel`: {difference}"))?;
    }
    compare(&ours, &wanted(case)).map_err(|difference| format!("not as expected: {difference}"))
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

fn wanted(case: &Path) -> Output {
    let expected = expected(case, expected_text(case));
    Output {
        text: expected.text.map(as_known_here),
        ..expected
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
