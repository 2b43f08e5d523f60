//! A history of several hundred realistic migrations ends in the same schema as with Diesel.

use std::process::Command;

use diesel::{Connection, PgConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use testkit::large_history::{HistoryOptions, write_large_history_with};
use testkit::{Database, Workspace, program};

const MIGRATIONS: usize = 320;

/// The schema as `pg_dump` writes it, our own ledger aside.
fn schema_of(database: &Database) -> String {
    let output = Command::new(program("pg_dump"))
        .args(["--schema-only", "--exclude-table=__migrate_*", "--dbname"])
        .arg(database.url())
        .output()
        .expect("pg_dump is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("pg_dump writes UTF-8");
    // Random keys, since 15.14.
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    lines.collect::<Vec<_>>().join("\n")
}

fn large_history() -> Workspace {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    let migrations = workspace.path("migrations");
    write_large_history_with(&migrations, MIGRATIONS, HistoryOptions::of_server())
        .expect("it can be written");
    workspace
}

#[test]
fn a_large_history_ends_as_with_diesels_harness_and_goes_back_to_nothing() {
    let workspace = large_history();
    let empty = Database::fresh();
    let theirs = Database::fresh();
    let history = FileBasedMigrations::from_path(workspace.path("migrations")).expect("valid");
    PgConnection::establish(theirs.url())
        .expect("the test's database is there")
        .run_pending_migrations(history)
        .expect("applies");

    let run = workspace.run("up").success();
    assert!(
        run.stdout()
            .contains(&format!("{MIGRATIONS} migrations applied")),
        "{run}"
    );
    let expected = schema_of(&theirs);
    assert!(expected.len() > 100_000, "the history has something in it");
    assert_same_schema(&expected, &schema_of(workspace.database()));

    workspace
        .run(&format!("revert --steps {MIGRATIONS}"))
        .success();
    workspace
        .database()
        .execute("drop table __diesel_schema_migrations");
    assert_same_schema(&schema_of(&empty), &schema_of(workspace.database()));
}

/// The same with the reference tool itself, where it is installed:
/// `cargo install diesel_cli --no-default-features --features postgres`.
#[test]
fn a_large_history_ends_as_with_diesel_migration_run() {
    let theirs = Database::fresh();
    let workspace = large_history();
    let diesel = Command::new("diesel")
        .args(["migration", "run", "--migration-dir"])
        .arg(workspace.path("migrations"))
        .args(["--database-url", theirs.url()])
        .current_dir(workspace.path("."))
        .output();
    let Ok(diesel) = diesel else {
        eprintln!("skipped: the reference tool `diesel` is not installed");
        return;
    };
    assert!(
        diesel.status.success(),
        "{}",
        String::from_utf8_lossy(&diesel.stderr)
    );
    workspace.run("up").success();
    assert_same_schema(&schema_of(&theirs), &schema_of(workspace.database()));
}

/// Compares two dumps; shows only the lines that differ.
#[track_caller]
fn assert_same_schema(expected: &str, found: &str) {
    if expected == found {
        return;
    }
    let diff = similar::TextDiff::from_lines(expected, found);
    panic!("{}", diff.unified_diff().header("diesel", "migrate"));
}

/// An existing Diesel project sees no difference, where the reference tool is installed.
#[test]
fn the_combined_schema_is_that_of_diesel_print_schema() {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    workspace.write(
        "diesel.toml",
        "[print_schema]\nfile = \"src/schema.rs\"\nwith_docs = true\n\
         filter = { except_tables = [\"^log$\"] }\n",
    );
    workspace.write(
        "migrations/2024-01-01-000000_shop/up.sql",
        "create type mood as enum ('good', 'bad');\n\
         create table log (line text);\n\
         create table customers (id serial primary key, \"type\" mood not null, tags text[]);\n\
         comment on table customers is 'Who buys.';\n\
         create table orders (id bigint, customer int not null references customers,\n\
           total numeric(12, 2), at timestamptz not null default now(), primary key (id, customer));\n",
    );
    workspace.run("up").success();
    let ours = workspace.run("generate --stdout").success().stdout();
    assert_eq!(
        workspace.run("generate --from-database --stdout").stdout(),
        ours
    );
    let written = std::fs::read_to_string(workspace.path("src/schema.rs")).expect("up wrote it");
    assert_eq!(written, ours);
    let diesel = Command::new("diesel")
        .args(["print-schema", "--database-url", workspace.database().url()])
        .current_dir(workspace.path("."))
        .output();
    let Ok(diesel) = diesel else {
        eprintln!("skipped: the reference tool `diesel` is not installed");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&diesel.stdout), ours);
}
