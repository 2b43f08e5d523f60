//! Statements outside a transaction, and the locks that others hold.

use insta::assert_snapshot;

use super::{Deploy, filtered, reader, with_table};

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

/// `CONCURRENTLY` waits for an application's old transaction; `lock_timeout` must not end that.
#[test]
fn a_concurrent_index_outwaits_an_old_transaction_and_says_for_whom() {
    let workspace = with_table("lock_timeout = \"200ms\"");
    workspace.migration_with(
        "2_b",
        "create index concurrently a_b on a (b);",
        "",
        OUTSIDE,
    );
    let mut application = reader(&workspace);
    application
        .execute("insert into a values (2)")
        .expect("the application writes");
    let deploy = Deploy::start(&workspace);
    deploy.says(
        "2 b has to wait; wants the end of older transactions, waits for billing as postgres",
    );
    application.execute("commit").expect("the application ends");
    deploy.succeeds();
    let invalid = "select count(*) from pg_index where not indisvalid";
    assert_eq!(workspace.database().value(invalid).as_deref(), Some("0"));
}

/// Whoever writes it into the file gets it.
#[test]
fn a_lock_timeout_of_the_file_ends_a_concurrent_index() {
    let workspace = with_table("");
    workspace.migration_with(
        "2_b",
        "set lock_timeout = '1s';\ncreate index concurrently a_b on a (b);\n",
        "",
        OUTSIDE,
    );
    let mut application = reader(&workspace);
    application
        .execute("insert into a values (2)")
        .expect("the application writes");
    assert_snapshot!(filtered(&workspace.run("deploy").to_string()), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_b failed
     --> migrations/2_b/up.sql:2:1
      |
    2 | create index concurrently a_b on a (b);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = left: invalid index public.a_b
      = wanted: the end of older transactions
      = blocker: billing as postgres (server process [pid]), idle in transaction, last query (INSERT) [time] ago
      = state: 1 of 2 statements are done for good, a rerun goes on after them; 1 migration stays applied
      = next: wait for its end, or end it: `select pg_terminate_backend([pid])`; then `migrate deploy`
    --- exit 1
    ");
}

/// It takes the strongest lock and queues for it, so it is no exception.
#[test]
fn a_vacuum_full_gives_way_to_the_application_and_is_tried_again() {
    let workspace = with_table("lock_timeout = \"500ms\"");
    workspace.migration_with("2_b", "vacuum full a;", "", OUTSIDE);
    let mut application = reader(&workspace);
    let deploy = Deploy::start(&workspace);
    deploy.says("2 b got no lock in time (try 2 of 6)");
    application.execute("commit").expect("the application ends");
    let told = deploy.succeeds();
    assert!(
        told.contains("wants ACCESS EXCLUSIVE on public.a, waits for billing as postgres"),
        "{told}"
    );
}

/// What it committed before it waited would be done twice.
#[test]
fn a_procedure_that_commits_is_not_tried_again() {
    let workspace = with_table("lock_timeout = \"100ms\"");
    workspace.database().execute(
        "create procedure p() language plpgsql as $$ begin insert into a values (2); commit; \
         lock table a; end $$",
    );
    workspace.migration_with("2_b", "call p();", "", OUTSIDE);
    let mut application = reader(&workspace);
    assert_snapshot!(filtered(&workspace.run("deploy").to_string()), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_b failed
     --> migrations/2_b/up.sql:1:1
      |
    1 | call p();
      | ^^^^^^^^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = context: SQL statement "lock table a"
                 PL/pgSQL function p() line 1 at SQL statement
      = part: what the statement had committed before stays, and a rerun calls it again: look first
      = wanted: ACCESS EXCLUSIVE on public.a
      = blocker: billing as postgres (server process [pid]), idle in transaction, last query (BEGIN) [time] ago
      = state: nothing of it was done; 1 migration stays applied
      = next: wait for its end, or end it: `select pg_terminate_backend([pid])`; then `migrate deploy`
    --- exit 1
    "#);
    application.execute("commit").expect("the application ends");
    let rows = "select count(*) from a";
    assert_eq!(workspace.database().value(rows).as_deref(), Some("2"));
}
