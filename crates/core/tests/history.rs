//! The history from disk, from inside the program and from values; and as Diesel's own harness takes it.

use std::fs;
use std::path::Path;

use diesel::Connection;
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel_migrations::MigrationHarness;
use include_dir::{Dir, include_dir};
use migrate_core::history::{History, Migration, Rules, read};
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

/// All files of a folder that was compiled in.
fn embedded(folder: &Dir<'static>, rules: &Rules) -> Result<History, String> {
    let folders = folder.dirs().flat_map(Dir::files);
    let files = folder.files().chain(folders);
    let texts = files.map(|file| (file.path(), file.contents_utf8().expect("is text")));
    History::embedded(texts, rules).map_err(|problems| problems.to_string())
}

#[test]
fn inside_the_program_it_is_read_as_on_disk() {
    static MIGRATIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../migrations");
    let inside = embedded(&MIGRATIONS, &Rules::default()).expect("is valid");
    let on_disk = on_disk();
    let all = inside.migrations().iter().zip(on_disk.migrations());
    for (inside, on_disk) in all.map(|(a, b)| (a.as_ref().clone(), b.as_ref().clone())) {
        assert_eq!(inside.up.text(), on_disk.up.text());
        let down = |one: &Migration| one.down.as_ref().map(|down| down.text().to_owned());
        assert_eq!(down(&inside), down(&on_disk));
        let rest = |one: Migration| {
            let (version, services) = (one.version, one.services);
            (version, one.folder_name, services, one.run_in_transaction)
        };
        assert_eq!(rest(inside), rest(on_disk));
    }
    assert_eq!(inside.migrations().len(), on_disk.migrations().len());
}

#[test]
fn what_diesel_reads_of_a_name_and_of_metadata_is_read_inside_too() {
    let files = [
        ("2025-01-02-000000_with_dashes/up.sql", "select 1;"),
        ("2025-01-02-000000_with_dashes/metadata.toml", ""),
        ("3/up.sql", "select 1;"),
        ("3/metadata.toml", "run_in_transaction = true"),
        ("4_no_metadata/up.sql", "select 1;"),
        (".hidden/notes.txt", "no migration"),
        ("README.md", "no migration either"),
    ];
    let root = tempfile::tempdir().expect("a temporary folder can be created");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("is in a folder")).expect("creates");
        fs::write(path, text).expect("writes");
    }
    let told = |history: History| -> Vec<(String, String, bool)> {
        let all = history.migrations().iter();
        all.map(|one| {
            let (version, name) = (one.version.clone(), one.name().to_owned());
            (version, name, one.run_in_transaction)
        })
        .collect()
    };
    let paths = files.iter().map(|(path, text)| (Path::new(path), *text));
    let inside = told(History::embedded(paths, &Rules::default()).expect("is valid"));
    let on_disk = read(root.path(), root.path(), &Rules::default()).expect("is valid");
    assert_eq!(inside, told(on_disk));
    let expected = [
        ("20250102000000", "with_dashes", false),
        ("3", "3", true),
        ("4", "no_metadata", true),
    ];
    let expected = expected.map(|(version, name, is)| (version.to_owned(), name.to_owned(), is));
    assert_eq!(inside, expected);
}

#[test]
fn what_is_wrong_inside_is_told_as_on_disk() {
    let files = [
        ("1_a/down.sql", "select 1;"),
        ("2_b/up.sql", "select 1;"),
        ("2_c/up.sql", "select 1;"),
        ("3_d/up.sql", ""),
    ];
    let files = files.map(|(path, text)| (Path::new(path), text));
    let problems = History::embedded(files, &Rules::default()).expect_err("much is wrong");
    insta::assert_snapshot!(
        problems.to_string().replace("; `", "\n`").replace("; two", "\ntwo"),
        @"
    `1_a` is not a migration: it has no `up.sql`
    `3_d` is not a migration: its `up.sql` is empty; a comment is enough
    two migrations have the version 2: `2_b` and `2_c`
    "
    );
}

#[test]
fn values_make_a_history_in_the_order_of_their_versions() {
    let history = History::of(vec![
        Migration::new("2_second", "select 2;"),
        Migration::new("1_first", "select 1;").with_down("select -1;"),
    ]);
    assert_eq!(names(history.expect("is valid")), ["1_first", "2_second"]);
    let twice = History::of(vec![Migration::new("1_a", ""), Migration::new("1_b", "")]);
    insta::assert_snapshot!(
        twice.expect_err("both are 1"),
        @"two migrations have the version 1: `1_a` and `1_b`"
    );
}
