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
    assert_snapshot!(workspace.run("deploy"), @"");
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
    assert_snapshot!(workspace.run("deploy"), @"");
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
