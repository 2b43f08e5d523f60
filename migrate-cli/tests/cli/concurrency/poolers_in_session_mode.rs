//! PgBouncer in session mode: everything works, and is a lock among those that come by any way.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use testkit::{Pooler, Run, Workspace};

use super::{LOCKED, OUTSIDE, Said, spawn_with, until};
use crate::{users_and_posts, workspace};

struct Through {
    workspace: Workspace,
    pooler: Pooler,
}

impl Through {
    fn new(workspace: Workspace, more: &str) -> Self {
        let pooler = Pooler::start("session", more);
        Self { workspace, pooler }
    }

    fn url(&self) -> String {
        self.pooler.url(self.workspace.database())
    }

    fn run(&self, line: &str) -> Run {
        self.workspace
            .run_with(line, &[("DATABASE_URL", &self.url())])
    }
}

#[test]
fn everything_works() {
    let through = Through::new(users_and_posts(), "");
    through.workspace.migration_with(
        "20240303000000_index",
        "create index concurrently users_name on users (name);\n",
        "drop index concurrently users_name;\n",
        OUTSIDE,
    );
    through.workspace.run("db create").success();
    through.run("deploy").success();
    through.run("redo --steps 2").success();
    through.run("revert").success();
    assert_eq!(through.run("status --exit-code").code(), 3);
    through.run("history").success();
    through.run("deploy").success();
    assert_eq!(through.run("status --exit-code").code(), 0);
    through.run("grants").success();
    let database = through.workspace.database();
    until(&through.workspace, &format!("select (({LOCKED}) = 0)::int"));
    let index = "select count(*) from pg_index where indexrelid = 'users_name'::regclass";
    assert_eq!(database.value(index).as_deref(), Some("1"));
}

#[test]
fn a_missing_database_is_created() {
    let through = Through::new(users_and_posts(), "server_login_retry = 1");
    through.run("up").success();
    assert_eq!(through.run("status --exit-code").code(), 0);
    through.run("reset --yes").success();
    assert_eq!(through.run("status --exit-code").code(), 0);
}

/// There is nothing left for a second connection, which waits in vain.
#[test]
fn a_pool_of_one_is_enough() {
    let through = Through::new(users_and_posts(), "default_pool_size = 1");
    through.workspace.run("db create").success();
    let before = Instant::now();
    through.run("deploy").success();
    assert!(before.elapsed() < Duration::from_secs(20));
    // It is free again at once.
    through.run("revert").success();
}

#[test]
fn a_signal_cancels_the_migration() {
    let through = Through::new(workspace(), "");
    let workspace = &through.workspace;
    workspace.migration("1_a", "create table a (); select pg_sleep(60);", "");
    workspace.run("db create").success();
    let url = through.url();
    let deploy = spawn_with(workspace, "deploy", &[("DATABASE_URL", &url)]);
    until(
        workspace,
        "select count(*) from pg_stat_activity where datname = current_database() \
         and query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()",
    );
    let process = Pid::from_raw(i32::try_from(deploy.id()).expect("a pid"));
    kill(process, Signal::SIGINT).expect("it runs");
    let output = deploy.wait_with_output().expect("it ends");
    let said = Said::whatever(&output);
    assert_eq!(output.status.code(), Some(130), "{}", said.stderr);
    assert!(said.stderr.contains("rolled back"), "{}", said.stderr);
    let left = "select to_regclass('a')";
    assert_eq!(workspace.database().value(left), None);
}
