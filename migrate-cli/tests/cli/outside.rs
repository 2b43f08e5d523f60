//! Outside a transaction: what is done stays done, and of what was begun the database is asked.

use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use insta::assert_snapshot;
use migrate_core::database::Session;
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

const INDEXES: &str = "select string_agg(relname || ' ' || indisvalid, ', ' order by relname) \
    from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = 'a'::regclass";

#[test]
fn an_index_whose_build_was_killed_is_named_dropped_and_built_again() {
    let workspace = stopped_at("select 1;\ncreate index concurrently a_b on a (b);\n");
    kill_while_it_waits(&workspace, "create index");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b false")
    );
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               stopped after 1 statement; killed, or the connection broke; statement 2 left the invalid index public.a_b
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status --format json"), @r#"
    $ migrate status --format json
    --- stdout
    {
      "command": "status",
      "databases": [
        {
          "database": "main",
          "exists": true,
          "migrations": [
            {
              "at": "[moment]",
              "by": "postgres",
              "duration_ms": 0,
              "name": "a",
              "order": 1,
              "services": [
                "auth"
              ],
              "state": "applied",
              "version": "1"
            },
            {
              "at": "[moment]",
              "by": "postgres",
              "in_doubt": {
                "happened": "partly",
                "invalid_indexes": [
                  "public.a_b"
                ],
                "statement": 2
              },
              "name": "b",
              "services": [
                "auth"
              ],
              "state": "failed",
              "statements_done": 1,
              "unended": true,
              "version": "2"
            }
          ],
          "target": "postgres@[socket]:5432/[database]"
        }
      ],
      "format": 1,
      "outcome": "done"
    }
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("deploy --dry-run"), @"
    $ migrate deploy --dry-run
    --- stdout
      pending 2 b  auth  (outside a transaction, goes on at statement 2)
      dry run 1 migration would be applied to main; nothing was touched
    --- exit 0
    ");
    assert_snapshot!(workspace.run("resolve --applied 2 --dry-run"), @"
    $ migrate resolve --applied 2 --dry-run
    --- stderr
      warning an unfinished build has left the index public.a_b invalid, and it stays: `drop index concurrently public.a_b`, and if it is wanted build it again
    --- stdout
      dry run 2_b would count as applied to main; nothing of it would be run; nothing was touched
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main dropped index public.a_b, which an unfinished build had left invalid
    --- stdout
      applied 2 b  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn an_index_that_was_built_is_not_built_again() {
    let workspace = stopped_at("create index concurrently on a (b);\nselect 1;\n");
    kill_before_its_record(&workspace, "create index");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               killed, or the connection broke; statement 1 happened
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    // What happened is done, so it may not be edited.
    workspace.migration_with(
        "2_b",
        "create index concurrently on a (b, b);\nselect 1;\n",
        "",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[edited]: 2_b was edited in the part that is done
     --> migrations/2_b/up.sql:1:1
      |
    1 | create index concurrently on a (b, b);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is not what was done
      |
      = state: 1 statement of it is done for good; nothing was run now
      = next: put these statements back as they were, what follows them may change; or undo by hand what is done, then `migrate resolve --rolled-back 2_b`
    --- exit 4
    ");
    assert_eq!(workspace.run("deploy --dry-run").code(), 4);
    workspace.migration(
        "2_b",
        "create index concurrently on a (b);\nselect 2;\n",
        "",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[edited]: 2_b stopped half way, and now wants to be one transaction
     |
     = state: 1 statement of it is done for good; nothing was run now
     = next: put `run_in_transaction = false` back into `migrations/2_b/metadata.toml`; or undo by hand what is done, then `migrate resolve --rolled-back 2_b`
    --- exit 4
    ");
    workspace.migration_with(
        "2_b",
        "create index concurrently on a (b);\nselect 2;\n",
        "",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("deploy --dry-run"), @"
    $ migrate deploy --dry-run
    --- stdout
      pending 2 b  auth  (outside a transaction, goes on at statement 2)
      dry run 1 migration would be applied to main; nothing was touched
    --- exit 0
    ");
    workspace.run("deploy").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b_idx true"),
        "PostgreSQL would have made a second one"
    );
}

#[test]
fn an_index_of_somebody_else_is_not_taken_for_one_without_a_name() {
    let workspace = stopped_at("create index concurrently on a (b);\n");
    kill_before_its_record(&workspace, "create index");
    workspace
        .database()
        .execute("drop index a_b_idx; create index on a (b desc)");
    let run = workspace.run("deploy");
    assert!(run.stderr().contains("error[doubt]"), "{run}");
    workspace.run("resolve --retry 2_b").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b_idx true, a_b_idx1 true")
    );
}

#[test]
fn an_index_that_somebody_else_is_building_is_not_dropped() {
    let workspace = stopped_at("create index concurrently a_b on a (b);\n");
    kill_while_it_waits(&workspace, "create index");
    workspace.database().execute("drop index a_b");
    let mut application = old_transaction(&workspace, "select * from a");
    let mut other = workspace.database().session();
    let building = std::thread::spawn(move || {
        other
            .execute("create index concurrently a_b on a (b)")
            .expect("it is built");
    });
    until(&workspace, &waiting("create index"));
    let deploy = spawn(&workspace, "deploy");
    until(&workspace, &waiting("lock table"));
    application.execute("commit").expect("the application ends");
    building.join().expect("it was built");
    let output = deploy.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(r#"relation "a_b" already exists"#), "{said}");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn an_index_that_was_dropped_is_not_dropped_again() {
    let workspace = stopped_at("drop index concurrently a_b;\nselect 1;\n");
    workspace.database().execute("create index a_b on a (b)");
    kill_before_its_record(&workspace, "drop index");
    assert_eq!(workspace.database().value(INDEXES), None);
    workspace.run("deploy").success();
}

#[test]
fn an_index_half_dropped_is_dropped() {
    let workspace = stopped_at("drop index concurrently a_b;\n");
    workspace.database().execute("create index a_b on a (b)");
    kill_while_it_waits(&workspace, "drop index");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b false")
    );
    workspace.run("deploy").success();
    assert_eq!(workspace.database().value(INDEXES), None);
}

#[test]
fn what_a_killed_reindex_left_is_dropped() {
    let workspace = stopped_at("reindex table concurrently a;\n");
    workspace.database().execute("create index a_b on a (b)");
    kill_while_it_waits(&workspace, "reindex");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true, a_b_ccnew false")
    );
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               killed, or the connection broke; statement 1 left the invalid index public.a_b_ccnew
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.run("deploy").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
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
         main  1 applied, 1 running (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    kill(&workspace, deploy);
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
fn an_index_that_could_not_be_built_is_built_when_the_rows_are_right() {
    let workspace = stopped_at("create unique index concurrently a_b on a (b);\n");
    workspace.database().execute("insert into a values (1)");
    assert_eq!(workspace.run("deploy").code(), 1);
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment] [time]
               could not create unique index "a_b" (SQLSTATE 23505); statement 1 left the invalid index public.a_b
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    "#);
    workspace.database().execute("truncate a");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main dropped index public.a_b, which an unfinished build had left invalid
    --- stdout
      applied 2 b  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn a_file_that_drops_what_is_left_may_do_so() {
    let workspace = stopped_at("create unique index concurrently a_b on a (b);\n");
    workspace.database().execute("insert into a values (1)");
    assert_eq!(workspace.run("deploy").code(), 1);
    let up = "drop index concurrently a_b;\ncreate index concurrently a_b on a (b);\n";
    workspace.migration_with("2_b", up, "", OUTSIDE);
    workspace.run("deploy").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn a_file_that_drops_later_what_it_builds_has_it_built_first() {
    let workspace =
        stopped_at("create index concurrently a_b on a (b);\ndrop index concurrently a_b;\n");
    kill_while_it_waits(&workspace, "create index");
    workspace.run("deploy").success();
    assert_eq!(workspace.database().value(INDEXES), None);
}

/// PostgreSQL itself would say that there is nothing to do.
#[test]
fn an_invalid_index_is_not_taken_for_the_one_to_be_built() {
    let workspace = stopped_at("create index concurrently if not exists a_b on a (b);\n");
    let database = workspace.database();
    database.execute(
        "create index a_b on a (b); \
         update pg_index set indisvalid = false where indexrelid = 'a_b'::regclass",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_b failed
     --> migrations/2_b/up.sql:1:1
      |
    1 | create index concurrently if not exists a_b on a (b);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ index public.a_b exists, and is invalid (SQLSTATE 42P07)
      |
      = left: invalid index public.a_b
      = state: nothing of it was done; 1 migration stays applied
      = next: `migrate resolve --retry 2` drops the index and builds it again
    --- exit 1
    ");
    assert_eq!(workspace.run("deploy").code(), 1, "and so the next time");
    assert_snapshot!(workspace.run("resolve --retry 2"), @"
    $ migrate resolve --retry 2
    --- stderr
         main dropped index public.a_b, which an unfinished build had left invalid
    --- stdout
      applied 2 b  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_eq!(database.value(INDEXES).as_deref(), Some("a_b true"));
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
