//! How long a migration may wait and work, by whatever says so.

use insta::assert_snapshot;

use super::{Deploy, reader, with_table};
use crate::workspace;

const SETTINGS: &str = "select current_setting('lock_timeout') || ' ' || \
    current_setting('statement_timeout') as v";

#[test]
fn a_migration_says_what_differs_from_its_database() {
    let workspace = workspace();
    let seen = |table: &str| format!("create table {table} as {SETTINGS};");
    workspace.migration("1_default", &seen("u1"), "select 1;");
    workspace.migration_with(
        "2_own",
        &seen("u2"),
        "create table u3 as select current_setting('lock_timeout') as v;",
        "run_in_transaction = true\nservices = [\"auth\"]\n\
         lock_timeout = \"1500ms\"\nstatement_timeout = 90\nlock_retries = 0\n",
    );
    workspace.migration_with(
        "3_outside",
        &seen("u4"),
        "select 1;",
        "run_in_transaction = false\nservices = [\"auth\"]\nlock_timeout = 0\nstatement_timeout = \"1h\"\n",
    );
    workspace.run("deploy").success();
    let database = workspace.database();
    let value = |table: &str| database.value(&format!("select v from {table}"));
    assert_eq!(value("u1").as_deref(), Some("5s 0"));
    assert_eq!(value("u2").as_deref(), Some("1500ms 90s"));
    assert_eq!(value("u4").as_deref(), Some("0 1h"));
    workspace.run("revert --to 1").success();
    assert_eq!(value("u3").as_deref(), Some("1500ms"));
}

#[test]
fn what_is_no_time_and_no_number_is_refused() {
    let workspace = workspace();
    workspace.migration_with(
        "1_a",
        "select 1;",
        "",
        "run_in_transaction = true\nlock_timeout = \"soon\"\nlock_retries = -1\n\
         statement_timeout = \"0.1ms\"\nlock_retrys = 3\n",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[settings]: `lock_timeout` must be a time such as "30s", "500ms", "2m", or a number of seconds
     --> migrations/1_a/metadata.toml:2:16
      |
    2 | lock_timeout = "soon"
      |                ^^^^^^
    error[settings]: `lock_retries` must be a whole number, or 0
     --> migrations/1_a/metadata.toml:3:16
      |
    3 | lock_retries = -1
      |                ^^
    error[settings]: `statement_timeout` must be 0, or a time from "1ms" to "24days"
     --> migrations/1_a/metadata.toml:4:21
      |
    4 | statement_timeout = "0.1ms"
      |                     ^^^^^^^
    error[settings]: unknown key `lock_retrys`
     --> migrations/1_a/metadata.toml:5:1
      |
    5 | lock_retrys = 3
      | ^^^^^^^^^^^ did you mean `lock_retries`?
      |
      = next: known here: run_in_transaction, services, database, allow, lock_timeout, lock_retries, statement_timeout
    --- exit 2
    "#);
}

#[test]
fn a_migration_that_takes_too_long_says_where_it_may_have_more_time() {
    let workspace = workspace();
    workspace.migration_with(
        "1_a",
        "select pg_sleep(60);\n",
        "",
        "run_in_transaction = true\nservices = [\"auth\"]\nstatement_timeout = \"50ms\"\n",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 1_a failed
     --> migrations/1_a/up.sql:1:1
      |
    1 | select pg_sleep(60);
      | ^^^^^^^^^^^^^^^^^^^ canceling statement due to statement timeout (SQLSTATE 57014)
      |
      = state: rolled back; no migration is applied
      = next: give it more time by `statement_timeout`, in its metadata.toml or of the database in migrate.toml; then `migrate deploy`
    --- exit 1
    ");
}

/// Without a limit it waits, and does not keep that to itself.
#[test]
fn a_wait_without_a_limit_is_told() {
    let workspace = with_table("lock_timeout = 0");
    workspace.migration("2_c", "alter table a add column c int;", "");
    let mut application = reader(&workspace);
    let deploy = Deploy::start(&workspace);
    deploy
        .says("2 c has to wait; wants ACCESS EXCLUSIVE on public.a, waits for billing as postgres");
    application.execute("commit").expect("the application ends");
    deploy.succeeds();
}
