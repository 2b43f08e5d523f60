//! Never in an application's way: locks that others hold, and how a deploy waits for them.

mod application;
mod blockers;
mod limits;
mod outside;
mod retries;

use std::io::{BufRead, BufReader};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use migrate_postgres::Session;
use testkit::Workspace;

use crate::workspace;

/// How long anything may take that has to happen, on the slowest of machines.
const PATIENCE: Duration = Duration::from_secs(60);

/// A workspace with a table `a` in the database, and these settings of the database.
fn with_table(settings: &str) -> Workspace {
    let workspace = workspace();
    set(&workspace, settings);
    workspace.migration(
        "1_a",
        "create table a (b int); insert into a values (1);",
        "drop table a;",
    );
    workspace.run("deploy").success();
    workspace
}

/// Adds settings of the database to `migrate.toml`.
fn set(workspace: &Workspace, settings: &str) {
    let manifest = std::fs::read_to_string(workspace.path("migrate.toml")).expect("it is there");
    let settings = format!("create = true\n{settings}");
    workspace.write(
        "migrate.toml",
        &manifest.replace("create = true", &settings),
    );
}

/// A session of an application that has read table `a`, and goes on with its transaction.
fn reader(workspace: &Workspace) -> Session {
    let target = workspace.database().target().clone();
    let mut session = Session::connect(&target.with("application_name", "billing"))
        .expect("the application connects");
    session
        .execute("begin; select * from a")
        .expect("the application reads");
    session
}

/// A deploy that goes on while the test does something.
struct Deploy {
    child: Child,
    told: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
}

impl Deploy {
    fn start(workspace: &Workspace) -> Self {
        Self::start_with(workspace, "deploy", &[])
    }

    fn start_with(workspace: &Workspace, line: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = workspace
            .command()
            .args(line.split(' '))
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let told = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let hears = told.clone();
        let reading = spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut told = hears.lock().expect("nobody panics with it");
                told.push_str(&line);
                told.push('\n');
            }
        });
        Self {
            child,
            told,
            reading: Some(reading),
        }
    }

    fn told(&self) -> String {
        self.told.lock().expect("nobody panics with it").clone()
    }

    fn pid(&self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"))
    }

    /// Waits until it says this.
    #[track_caller]
    fn says(&self, text: &str) {
        until(|| self.told().contains(text), || self.told());
    }

    /// Waits for its end.
    fn ends(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it was started");
        if let Some(reading) = self.reading.take() {
            reading.join().expect("it only reads");
        }
        (status, self.told())
    }

    /// Waits for its end, and for it to have gone well.
    #[track_caller]
    fn succeeds(self) -> String {
        let (status, told) = self.ends();
        assert!(status.success(), "{told}");
        told
    }
}

/// Waits until a query that counts finds something in the workspace's database.
#[track_caller]
fn until_found(workspace: &Workspace, count: &str) {
    let mut session = workspace.database().session();
    let mut found = || {
        let rows = session.query(count, &[]).expect("the test's query runs");
        rows.single() != Some("0")
    };
    until(&mut found, || count.to_owned());
}

#[track_caller]
fn until(mut condition: impl FnMut() -> bool, what: impl Fn() -> String) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "it never happened: {}", what());
        sleep(Duration::from_millis(10));
    }
}

/// Counts the sessions of the database that wait for a lock.
const WAITING: &str = "select count(*) from pg_stat_activity \
    where datname = current_database() and wait_event_type = 'Lock'";

/// Ages and numbers of processes differ from run to run.
fn filtered(told: &str) -> String {
    let mut told = told.to_owned();
    for (pattern, shown) in [
        (r"\d+\.\d s\b|\b\d+ ms\b|<1 ms", "[time]"),
        (r"server process \d+", "server process [pid]"),
        (
            r"pg_terminate_backend\(\d+\)",
            "pg_terminate_backend([pid])",
        ),
        (r#""pid": \d+"#, r#""pid": 0"#),
        (r#"_age": [0-9.]+"#, r#"_age": 0"#),
        (r"test_\d+_\d+", "[database]"),
    ] {
        let pattern = regex::Regex::new(pattern).expect("the pattern is a constant");
        told = pattern.replace_all(&told, shown).into_owned();
    }
    told
}
