//! One more migration that must be refused, and the proof that it left nothing behind.

use std::fmt::Write as _;
use std::process::Command;

use testkit::{Database, Workspace, program};

use super::victim::victim;

/// The migration that attacks.
const FOLDER: &str = "20240901000000_attack";

/// No server listens there: what is refused by its text needs none.
const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/nothing?connect_timeout=1";

/// A migration that must not be applied.
pub struct Attack {
    what: &'static str,
    up: &'static str,
    services: &'static [&'static str],
    run_in_transaction: bool,
    metadata: &'static str,
}

/// An attack of service `auth`.
pub const fn attack(what: &'static str, up: &'static str) -> Attack {
    Attack {
        what,
        up,
        services: &["auth"],
        run_in_transaction: true,
        metadata: "",
    }
}

impl Attack {
    /// An attack of these services, or of none.
    pub const fn by(self, services: &'static [&'static str]) -> Self {
        Self { services, ..self }
    }

    /// With more lines in its `metadata.toml`.
    pub const fn metadata(self, metadata: &'static str) -> Self {
        Self { metadata, ..self }
    }

    /// Its statements run one by one.
    pub const fn outside_a_transaction(self) -> Self {
        Self {
            run_in_transaction: false,
            ..self
        }
    }

    fn write(&self, workspace: &Workspace) {
        let metadata = format!(
            "run_in_transaction = {}\nservices = {:?}\n{}\n",
            self.run_in_transaction, self.services, self.metadata
        );
        workspace.migration_with(FOLDER, &format!("{}\n", self.up), "", &metadata);
    }
}

/// Makes sure that each attack is refused with this exit code by its text alone, without any
/// database and by a deploy, and that the database is as before. Returns what a person sees.
#[track_caller]
pub fn refused(attacks: &[Attack], code: i32) -> String {
    let workspace = victim();
    workspace.run("deploy").success();
    let mut told = String::new();
    let mut passed = Vec::new();
    for attack in attacks {
        attack.write(&workspace);
        let check = workspace.run_with("check", &[("DATABASE_URL", NOWHERE)]);
        if check.code() != code {
            passed.push(format!("{}, by its text\n{check}", attack.what));
        }
        deploy(&workspace, attack, code, false, &mut told, &mut passed);
        workspace.remove_migration(FOLDER);
    }
    assert!(passed.is_empty(), "not refused: {}", passed.join("\n\n"));
    told
}

/// The same for attacks that only show themselves when they run.
#[track_caller]
pub fn refused_when_run(attacks: &[Attack], code: i32) -> String {
    let mut told = String::new();
    let mut passed = Vec::new();
    for attack in attacks {
        // One of its own: an attack that passes would spoil the next.
        let workspace = victim();
        workspace.run("deploy").success();
        attack.write(&workspace);
        deploy(&workspace, attack, code, true, &mut told, &mut passed);
    }
    assert!(passed.is_empty(), "not refused: {}", passed.join("\n\n"));
    told
}

fn deploy(
    workspace: &Workspace,
    attack: &Attack,
    code: i32,
    left_in_ledger: bool,
    told: &mut String,
    passed: &mut Vec<String>,
) {
    let fingerprint = |database| match left_in_ledger {
        // A migration that was begun and failed is recorded there.
        true => fingerprint_without(database, &["--exclude-table-data=__migrate_*"]),
        false => fingerprint(database),
    };
    let before = fingerprint(workspace.database());
    let run = workspace.run("deploy");
    if run.code() != code {
        passed.push(format!("{}, by the deploy\n{run}", attack.what));
    }
    if fingerprint(workspace.database()) != before {
        passed.push(format!("{}: the database is not as before", attack.what));
    }
    writeln!(told, "== {}\n{run}\n", attack.what).expect("a string can be written to");
}

/// The whole database: its catalog, its settings, its rows, the values of its sequences.
pub fn fingerprint(database: &Database) -> String {
    fingerprint_without(database, &[])
}

fn fingerprint_without(database: &Database, without: &[&str]) -> String {
    let dump = Command::new(program("pg_dump"))
        .args(["--create", "--dbname", database.url()])
        .args(without)
        .output()
        .expect("the tests need pg_dump");
    let complaint = String::from_utf8_lossy(&dump.stderr);
    assert!(dump.status.success(), "{complaint}");
    let text = String::from_utf8_lossy(&dump.stdout);
    // Newer ones begin and end with a random word.
    let lasting = text.lines().filter(|line| !line.contains("restrict "));
    lasting.collect::<Vec<_>>().join("\n")
}
