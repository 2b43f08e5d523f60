//! Outside a transaction: what is done stays done, and of what was begun the database is asked.

mod indexes;

use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use insta::assert_snapshot;
use migrate_postgres::Session;
use testkit::{Workspace, server_version};

use crate::robust::{spawn, until};
use crate::workspace;

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

/// Table `a` with rows, and a migration outside a transaction.
fn stopped_at(up: &str) -> Workspace {
    let workspace = workspace();
    workspace.migration(
        "1_a",
        "create table a (b int); insert into a select generate_series(1, 100);",
        "",
    );
    workspace.run("deploy").success();
    workspace.migration_with("2_b", up, "", OUTSIDE);
    workspace
}

/// A transaction that is older than whatever comes, for which `CONCURRENTLY` waits.
fn old_transaction(workspace: &Workspace, sql: &str) -> Session {
    let mut session = workspace.database().session();
    let begin = format!("begin isolation level repeatable read; {sql}");
    session.execute(&begin).expect("the application works");
    session
}

/// Kills a deploy, and what the server still does for it.
fn kill(workspace: &Workspace, mut deploy: Child) {
    deploy.kill().expect("it runs");
    deploy.wait().expect("it was started by us");
    let database = workspace.database();
    let pids = "select pg_terminate_backend(pid) from pg_stat_activity \
                where datname = current_database() and application_name like 'migrate %'";
    database.value(pids);
    until_none(workspace, "migrate %");
}

fn until_none(workspace: &Workspace, application: &str) {
    let left = format!(
        "select count(*) from pg_stat_activity where datname = current_database() \
         and application_name like '{application}'"
    );
    for _ in 0..400 {
        if workspace.database().value(&left).as_deref() == Some("0") {
            return;
        }
        sleep(Duration::from_millis(25));
    }
    panic!("it is still there");
}

/// Counts the sessions of a deploy that wait while they run a statement like this.
fn waiting(statement: &str) -> String {
    format!(
        "select count(*) from pg_stat_activity where datname = current_database() \
         and wait_event_type = 'Lock' and query ilike '{statement}%'"
    )
}

/// Kills a deploy while a statement waits for an application.
fn kill_while_it_waits(workspace: &Workspace, statement: &str) {
    let mut application = old_transaction(workspace, "select * from a");
    let deploy = spawn(workspace, "deploy");
    until(workspace, &waiting(statement));
    kill(workspace, deploy);
    application.execute("commit").expect("the application ends");
}

/// Kills a deploy when a statement has happened and its record has not.
fn kill_before_its_record(workspace: &Workspace, statement: &str) {
    let mut application = old_transaction(workspace, "select * from a");
    let deploy = spawn(workspace, "deploy");
    until(workspace, &waiting(statement));
    let mut writer = workspace.database().session();
    writer
        .execute("begin; lock table __migrate_ledger in share mode")
        .expect("nobody writes");
    application.execute("commit").expect("the application ends");
    until(workspace, &waiting("begin read write"));
    kill(workspace, deploy);
    writer.execute("commit").expect("the writer ends");
}

#[test]
fn a_partition_half_detached_is_detached() {
    if server_version() < 14 {
        eprintln!("skipped: DETACH PARTITION CONCURRENTLY is of PostgreSQL 14 and later");
        return;
    }
    let workspace = stopped_at("alter table p detach partition p1 concurrently;\nselect 1;\n");
    workspace.database().execute(
        "create table p (b int) partition by range (b); \
         create table p1 partition of p for values from (0) to (10)",
    );
    let mut application = old_transaction(&workspace, "select * from p");
    let deploy = spawn(&workspace, "deploy");
    until(&workspace, &waiting("alter table p detach"));
    kill(&workspace, deploy);
    application.execute("commit").expect("the application ends");
    let pending = "select inhdetachpending from pg_inherits where inhparent = 'p'::regclass";
    assert_eq!(workspace.database().value(pending).as_deref(), Some("t"));
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               killed, or the connection broke; statement 1 stopped half way
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.run("deploy").success();
    assert_eq!(workspace.database().value(pending), None);
}

#[test]
fn of_a_procedure_nobody_can_say() {
    let workspace = stopped_at("select 1;\ncall p();\nselect 2;\n");
    workspace.database().execute(
        "create procedure p() language plpgsql as $$ begin \
           insert into a values (101); commit; perform pg_sleep(60); end $$",
    );
    let deploy = spawn(&workspace, "deploy");
    until(&workspace, "select count(*) from a where b = 101");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
      running  2  b  auth  [moment]
               1 statement done
               a deploy is at work now: migrate [pid]@[host] as postgres (server process [pid]), connected since [moment]; what is pending may be less soon
         main  1 applied, 1 running (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    // What is at work was not killed.
    let run = workspace.run("deploy --dry-run").success();
    assert!(run.stdout().contains("would be applied"), "{run}");
    kill(&workspace, deploy);
    assert_eq!(workspace.run("deploy --dry-run").code(), 1);
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               stopped after 1 statement; killed, or the connection broke; statement 2 may have happened, or a part of it
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[doubt]: nobody can say whether statement 2 of 2_b happened
     --> migrations/2_b/up.sql:2:1
      |
    2 | call p();
      | ^^^^^^^^ a deploy was killed while this ran
      |
      = state: 1 of 3 statements are done for good, this one perhaps; nothing was run now
      = next: look whether it happened
              if not: `migrate resolve --retry 2` runs it again
              if so: run what follows it by hand, then `migrate resolve --applied 2`
    --- exit 1
    ");
    let rows = "select count(*) from a where b = 101";
    assert_eq!(workspace.database().value(rows).as_deref(), Some("1"));
    workspace.database().execute(
        "create or replace procedure p() language plpgsql as $$ begin \
           insert into a values (101); commit; end $$",
    );
    assert_snapshot!(workspace.run("resolve --retry 2"), @"
    $ migrate resolve --retry 2
    --- stdout
      applied 2 b  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_eq!(workspace.database().value(rows).as_deref(), Some("2"));
    workspace.run("status --exit-code").success();
}

#[test]
fn a_statement_that_can_be_in_a_transaction_is_never_in_doubt() {
    let workspace = stopped_at("insert into a select 0 from pg_sleep(60);\n");
    let deploy = spawn(&workspace, "deploy");
    let busy = "select count(*) from pg_stat_activity where datname = current_database() \
                and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()";
    until(&workspace, busy);
    kill(&workspace, deploy);
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               killed, or the connection broke
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.migration_with("2_b", "insert into a select 0;\nvacuum a;\n", "", OUTSIDE);
    workspace.run("deploy").success();
    let rows = "select count(*) from a where b = 0";
    assert_eq!(workspace.database().value(rows).as_deref(), Some("1"));
}

#[test]
fn the_server_that_hangs_up_leaves_no_lie() {
    let workspace =
        stopped_at("select 1;\nselect pg_terminate_backend(pg_backend_pid());\nselect 2;\n");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_b failed
     --> migrations/2_b/up.sql:2:1
      |
    2 | select pg_terminate_backend(pg_backend_pid());
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ terminating connection due to administrator command (SQLSTATE 57P01)
      |
      = state: the connection broke; 1 of 3 statements are done for good, perhaps one more; 1 migration stays applied
      = next: see in the server's log, or on the way to it, why the connection broke; then `migrate status --wait 60` tells whether it is applied, and `migrate deploy --wait 60` goes on from there
    --- exit 1
    ");
}
