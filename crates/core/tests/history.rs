//! The history as Diesel's own harness takes it: from disk and from inside the crate.

use std::fs;
use std::path::Path;

use diesel::Connection;
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel_migrations::MigrationHarness;
use migrate_core::history::{History, Rules, read};
use testkit::Database;
use testkit::history::HISTORY;

fn on_disk() -> History {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    read(&root.join("migrations"), root, &Rules::default()).expect("the history is valid")
}

fn names(source: impl MigrationSource<Pg>) -> Vec<String> {
    let migrations = source.migrations().expect("the history is valid");
    let mut names: Vec<String> = migrations
        .iter()
        .map(|migration| migration.name().to_string())
        .collect();
    names.sort();
    names
}

#[test]
fn both_are_the_same_history() {
    assert_eq!(names(HISTORY), names(on_disk()));
    assert_eq!(names(HISTORY)[0], "20241031144907_initial");
}

#[test]
fn both_run_and_revert_by_diesels_harness() {
    let database = Database::with_migrations(HISTORY);
    let mut connection =
        PgConnection::establish(database.url()).expect("the test's database is there");
    assert!(!connection.has_pending_migration(on_disk()).expect("reads"));
    connection
        .revert_all_migrations(on_disk())
        .expect("every down.sql works");
    let left = database.value(
        "select count(*) from pg_class where relnamespace = 'public'::regnamespace \
         and relname not like '\\_\\_diesel%'",
    );
    assert_eq!(left.as_deref(), Some("0"), "nothing is left behind");
    connection
        .run_pending_migrations(on_disk())
        .expect("applies again");
}

#[test]
fn the_history_of_one_database_is_a_source_too() {
    let root = tempfile::tempdir().expect("a temporary folder can be created");
    for (name, metadata) in [
        ("1_everywhere", ""),
        ("2_main", "database = \"main\"\n"),
        ("3_other", "database = \"other\"\n"),
    ] {
        let folder = root.path().join(name);
        fs::create_dir(&folder).expect("the folder is new");
        fs::write(folder.join("up.sql"), "select 1;\n").expect("writes");
        fs::write(folder.join("metadata.toml"), metadata).expect("writes");
    }
    let history = read(root.path(), root.path(), &Rules::default()).expect("is valid");
    assert_eq!(
        names(history.of_database("main")),
        ["1_everywhere", "2_main"]
    );
    assert_eq!(
        names(history.of_database("other")),
        ["1_everywhere", "3_other"]
    );
}
