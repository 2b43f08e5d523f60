//! The documentation is true: every command in it is run, and has to print what the page says.
//!
//! A page is `README.md` or a file of `docs/`. Its ```` ```console ```` blocks are one session, in
//! a fresh copy of this workspace whose database does not exist yet:
//!
//! - `$ migrate up` is run by `sh` with the binary of this build on its `PATH`; so is
//!   `$ cargo run -p migrate-cli -- up`. Lines that begin with `> ` go on with the command.
//! - What follows is what it prints, standard output and standard error as they come. A line `...`
//!   stands for any number of lines.
//! - `# exit 2` after a command is its exit code, where that is not 0.
//! - Times, moments, versions of PostgreSQL and other things that differ from run to run may be
//!   anything of their kind; see `place.rs`.
//!
//! `UPDATE_DOCS=1 cargo test -p migrate-cli --test docs` writes into the pages what the commands
//! print. Look at the difference before you commit it.

mod page;
mod place;
mod references;

use std::path::{Path, PathBuf};

use page::{Command, Page};
use place::Place;

/// The folder of this workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A test for each page, so that they run side by side and a failure names its page.
macro_rules! pages {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[test]
            fn $name() {
                check($path);
            }
        )*

        /// Every page with a test.
        const PAGES: &[&str] = &[$($path),*];
    };
}

pages! {
    readme: "README.md",
    architecture: "ARCHITECTURE.md",
    authoring: "docs/authoring.md",
    benchmarks: "docs/benchmarks.md",
    concurrency: "docs/concurrency.md",
    databases: "docs/databases.md",
    deploying: "docs/deploying.md",
    embedded_server: "docs/embedded-server.md",
    errors: "docs/errors.md",
    generate: "docs/generate.md",
    grants: "docs/grants.md",
    history: "docs/history.md",
    json: "docs/json.md",
    ledger: "docs/ledger.md",
    locks: "docs/locks.md",
    ownership: "docs/ownership.md",
    resolve: "docs/resolve.md",
    servers: "docs/servers.md",
    services: "docs/services.md",
    settings: "docs/settings.md",
    testing: "docs/testing.md",
}

/// Runs the commands of a page in their order.
///
/// # Panics
///
/// When one of them prints something else than the page says, with page, line and difference.
fn check(path: &str) {
    let mut page = Page::read(&root().join(path));
    let mut place = Place::new();
    let mut failures = Vec::new();
    for index in 0..page.commands.len() {
        let command = &page.commands[index];
        let run = place.run(command);
        let expected = place.normal(&command.output.join("\n"));
        let printed = place.normal(&run.output);
        if page::matches(&expected, &printed) && command.code == run.code {
            continue;
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            page.replace(index, &run);
            continue;
        }
        failures.push(describe(path, command, &expected, &printed, run.code));
    }
    page.save_if_changed();
    assert!(
        failures.is_empty(),
        "\n\n{}\n\nto write what is printed into the page: \
         UPDATE_DOCS=1 cargo test -p migrate-cli --test docs\n",
        failures.join("\n\n")
    );
}

fn describe(path: &str, command: &Command, expected: &str, printed: &str, code: i32) -> String {
    let diff = similar::TextDiff::from_lines(expected, printed);
    let diff = diff
        .unified_diff()
        .missing_newline_hint(false)
        .header("the page", "printed")
        .to_string();
    let exit = if code == command.code {
        String::new()
    } else {
        format!("\nexit code {code}, and the page says {}", command.code)
    };
    let head = format!("{path}:{}: `{}`{exit}", command.line, command.shown);
    format!("{head}\n{}", diff.trim_end())
}
