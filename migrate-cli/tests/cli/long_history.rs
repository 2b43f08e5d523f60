//! Histories so long that what was read of them is remembered, and the server is asked for a
//! digest of the ledger. Neither may hide anything.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use testkit::large_history::write_tiny_history;
use testkit::{Run, Workspace};

use crate::workspace;

const COUNT: usize = 220;
const OF_ALL: &str = "run_in_transaction = true\nservices = [\"all\"]\n";
const PLAIN: &str = "run_in_transaction = true\n";

/// A long history that is deployed, in a workspace whose state is in its own folder.
struct Long(Workspace);

impl Long {
    fn deployed() -> Self {
        let long = Self(workspace());
        long.0.write(
            "migrate.toml",
            "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
             [services.all]\nowns = [\"*\"]\n",
        );
        write_tiny_history(&long.0.path("migrations"), COUNT).expect("it can be written");
        long.deploy().success();
        long
    }

    fn deploy(&self) -> Run {
        let state = self.0.path("state").display().to_string();
        self.0
            .run_with("deploy", &[("MIGRATE_EMBEDDED_DIR", &state)])
    }

    /// Where it is remembered, once it is.
    fn memory(&self) -> Option<PathBuf> {
        let folders = fs::read_dir(self.0.path("state")).ok()?.flatten();
        let mut files = folders.map(|folder| folder.path().join("history"));
        files.find(|file| file.exists())
    }

    fn says(&self, words: &str) {
        let run = self.deploy();
        let told = format!("{}{}", run.stdout(), run.stderr());
        assert!(told.contains(words), "{words}: {run}");
    }
}

#[test]
fn what_is_remembered_hides_no_change() {
    let long = Long::deployed();
    assert_eq!(long.memory(), None, "its files are too young");
    // By then no change of a file can have the time that it has now.
    sleep(Duration::from_millis(3_100));
    long.says("nothing pending");
    let memory = long.memory().expect("it is remembered");
    let first = long
        .0
        .path("migrations/20200101000000_create_tiny_00000/up.sql");
    let text = fs::read_to_string(&first).expect("it is there");

    fs::write(&first, text.replace("name", "nome")).expect("it can be written");
    long.says("error[modified]");
    fs::write(&first, &text).expect("it can be written");
    long.says("nothing pending");

    long.0
        .migration_with("20990101000000_new", "select 1;", "", PLAIN);
    long.says("applied 20990101000000 new");
    long.0.remove_migration("20990101000000_new");
    long.says("is ahead of these files");
    fs::rename(first.with_file_name(""), long.0.path("aside")).expect("it can be moved");
    long.says("error[missing]");
    fs::rename(long.0.path("aside"), first.with_file_name("")).expect("it can be moved");

    let bytes = fs::read(&memory).expect("it is remembered");
    let damaged = String::from_utf8_lossy(&bytes).replace("tiny_00001", "tiny_9999!");
    fs::write(&memory, damaged).expect("it can be written");
    long.says("is ahead of these files");
}

#[test]
fn the_digest_tells_of_what_diesel_alone_knows() {
    let long = Long::deployed();
    let database = long.0.database();
    long.says("nothing pending");
    database.execute("insert into __diesel_schema_migrations (version) values ('99990101000000')");
    long.says("99990101000000");
    database.execute("delete from __diesel_schema_migrations where version = '99990101000000'");
    // As Diesel's own tool reverts: what it takes is pending.
    database.execute(
        "delete from __diesel_schema_migrations where version = '20200101000007'; \
         drop table tiny_00007",
    );
    long.says("applied 20200101000007");
    long.says("nothing pending");
    database
        .execute("update __migrate_ledger set checksum = null where version = '20200101000003'");
    long.says("nothing pending");
}

/// Of a long history it is remembered that nothing in it touches what it may not.
#[test]
fn a_clean_history_is_judged_again_when_anything_changes() {
    let long = Long::deployed();
    let owned = |by_all: &str, reads: &str| {
        format!(
            "[databases.main]\nurl = \"${{DATABASE_URL}}\"\n\n\
             [services.all]\nowns = [\"*\"{by_all}]\n\n\
             [services.other]\nowns = [\"theirs\"]\nreads = [{reads}]\n"
        )
    };
    long.0
        .write("migrate.toml", &owned(", \"!theirs\"", "\"tiny_0\""));
    let folders = fs::read_dir(long.0.path("migrations")).expect("it is there");
    for folder in folders {
        let path = folder.expect("it can be read").path().join("metadata.toml");
        fs::write(path, OF_ALL).expect("it can be written");
    }
    let clean = || {
        let state = fs::read_dir(long.0.path("state")).expect("it is there");
        let files = state.flat_map(|folder| {
            let folder = folder.expect("it can be read").path();
            fs::read_dir(folder).expect("it is there").flatten()
        });
        let mut names = files.map(|file| file.file_name().into_string().expect("UTF-8"));
        names.any(|name| name.starts_with("clean-"))
    };
    long.says("nothing pending");
    assert!(clean(), "it is remembered");
    long.says("nothing pending");

    // The settings say otherwise.
    let of_another = owned(", \"!theirs\", \"!tiny_00000\"", "")
        .replace("\"theirs\"]", "\"theirs\", \"tiny_00000\"]");
    long.0.write("migrate.toml", &of_another);
    long.says("error[ownership]");
    long.0
        .write("migrate.toml", &owned(", \"!theirs\"", "\"tiny_0\""));
    long.says("nothing pending");

    // The metadata of one does.
    let first = "migrations/20200101000000_create_tiny_00000/metadata.toml";
    let of_other = OF_ALL.replace("all", "other");
    long.0.write(first, &of_other);
    long.says("error[ownership]");
    long.0.write(first, OF_ALL);

    // One more touches what it may not.
    long.0.migration_with(
        "20990101000000_new",
        "drop table tiny_00000;",
        "",
        &of_other,
    );
    long.says("error[ownership]");
}

/// Databases are asked while the files are looked at: also those that are not there, and several.
#[test]
fn what_is_asked_ahead_is_right_wherever_it_leads() {
    let long = Long::deployed();
    sleep(Duration::from_millis(3_100));
    long.says("nothing pending");
    assert!(long.memory().is_some(), "so databases are asked ahead");
    let second = testkit::Database::reserve();
    let one = "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n";
    let other = format!(
        "[databases.second]\nurl = \"{}\"\ncreate = true\n\n",
        second.url()
    );
    let services = "[services.all]\nowns = [\"*\"]\ndatabase = \"main\"\n";
    let settings = |text: String| long.0.write("migrate.toml", &text);
    settings(format!("{one}{other}{services}"));
    // A migration has to say for which of them it is.
    long.says("error[settings]");
    settings(format!("{}{services}", other.replace("second]", "main]")));
    long.says("main created database");
    long.says("nothing pending");
    settings(format!("{one}{services}"));
    long.says("nothing pending");
    let state = long.0.path("state").display().to_string();
    let variables = [("MIGRATE_EMBEDDED_DIR", state.as_str())];
    for line in ["status --exit-code", "deploy --to 20200101000000", "redo"] {
        long.0.run_with(line, &variables).success();
    }
    let unreachable = [
        ("MIGRATE_EMBEDDED_DIR", state.as_str()),
        ("DATABASE_URL", "postgres://postgres@127.0.0.1:1/nothing"),
    ];
    for line in ["status", "deploy", "deploy --wait 1"] {
        let run = long.0.run_with(line, &unreachable);
        assert!(run.stderr().contains("error[connection]"), "{run}");
    }
}
