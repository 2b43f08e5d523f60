//! Many at once, on one database: real processes, started together, killed, and behind poolers.

mod fifty;
mod poolers;
mod poolers_in_session_mode;
mod waiting;

use std::process::{Child, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use migrate_postgres::database_exists;
use testkit::Workspace;

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

/// Counts the locks that are held in the test's database.
const LOCKED: &str = "select count(*) from pg_locks where locktype = 'advisory' and granted \
    and database = (select oid from pg_database where datname = current_database())";

/// Counts the deploys that have found the lock taken and know by whom. One that has only tried to
/// take it may find it free a moment later, and has nobody to name.
const WAITERS: &str = "select count(*) from pg_catalog.pg_stat_activity \
    where datname = pg_catalog.current_database() and pid <> pg_catalog.pg_backend_pid() \
    and application_name like 'migrate %' and state = 'idle' and query like '%pg_locks%'";

/// SQL that goes on when so many deploys wait for the one that runs it, or after a minute.
fn until_waiting(waiters: usize) -> String {
    format!(
        "for i in 1..1200 loop \
           exit when ({WAITERS}) >= {waiters}; \
           perform pg_catalog.pg_sleep(0.05); \
           perform pg_catalog.pg_stat_clear_snapshot(); \
         end loop;"
    )
}

fn spawn(workspace: &Workspace, line: &str) -> Child {
    spawn_with(workspace, line, &[])
}

fn spawn_with(workspace: &Workspace, line: &str, variables: &[(&str, &str)]) -> Child {
    workspace
        .command()
        .args(line.split(' '))
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// What a process said that went well.
struct Said {
    stdout: String,
    stderr: String,
}

impl Said {
    #[track_caller]
    fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("it ends");
        let said = Self::whatever(&output);
        assert!(output.status.success(), "{}\n{}", said.stderr, said.stdout);
        said
    }

    fn whatever(output: &Output) -> Self {
        Self {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// How many migrations it applied.
    fn applied(&self) -> usize {
        let lines = self.stdout.lines();
        lines.filter(|line| line.starts_with("  applied")).count()
    }
}

/// Waits until a query that counts finds something in the test's database.
#[track_caller]
fn until(workspace: &Workspace, count: &str) {
    let database = workspace.database();
    for _ in 0..800 {
        let exists = database_exists(database.target()).unwrap_or(false);
        if exists && database.value(count).is_some_and(|count| count != "0") {
            return;
        }
        sleep(Duration::from_millis(25));
    }
    panic!("it never happened: {count}");
}

/// Every migration of the ledger once, and nothing else in it.
#[track_caller]
fn applied_once(workspace: &Workspace, migrations: usize) {
    let database = workspace.database();
    let rows = "select string_agg(distinct state, ' ') || ' ' || count(*) || ' ' \
                || count(distinct version) from __migrate_ledger";
    assert_eq!(
        database.value(rows),
        Some(format!("applied {migrations} {migrations}"))
    );
    let diesel = "select count(*) from __diesel_schema_migrations";
    assert_eq!(database.value(diesel), Some(migrations.to_string()));
}
