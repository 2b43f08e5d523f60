//! Several migrations in one message, as everywhere where no terminal shows their progress.

use insta::assert_snapshot;

use crate::robust::{spawn, until};
use crate::workspace;

/// Ten migrations of one table each, but for the seventh: the third of the second message.
fn with_seventh(up: &str) -> testkit::Workspace {
    let workspace = workspace();
    for number in 1..=10 {
        let table = format!("create table t{number} (id int);");
        let up = if number == 7 { up } else { &table };
        workspace.migration(&format!("{number:02}_m"), up, "");
    }
    workspace
}

fn applied(workspace: &testkit::Workspace) -> Option<String> {
    workspace
        .database()
        .value("select count(*) from __diesel_schema_migrations")
}

#[test]
fn an_error_points_into_its_file_and_those_before_it_are_applied() {
    let workspace = with_seventh("create table ß (id int);\nselect 1,\n  nix from ß;\n");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 07_m failed
     --> migrations/07_m/up.sql:3:3
      |
    3 |   nix from ß;
      |   ^^^ column "nix" does not exist (SQLSTATE 42703)
      |
      = state: rolled back; 6 migrations stay applied, 3 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- stdout
      applied 01 m  auth [time]
      applied 02 m  auth [time]
      applied 03 m  auth [time]
      applied 04 m  auth [time]
      applied 05 m  auth [time]
      applied 06 m  auth [time]
    --- exit 1
    "#);
    assert_eq!(applied(&workspace).as_deref(), Some("6"));
    let failed = "select string_agg(version, ' ') from __migrate_ledger where state = 'failed'";
    assert_eq!(workspace.database().value(failed).as_deref(), Some("07"));
}

#[test]
fn a_failure_without_a_position_points_at_its_statement() {
    let workspace =
        with_seventh("create table a (b int primary key);\ninsert into a values (1), (1);\n");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 07_m failed
     --> migrations/07_m/up.sql:2:1
      |
    2 | insert into a values (1), (1);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ duplicate key value violates unique constraint "a_pkey" (SQLSTATE 23505)
      |
      = detail: Key (b)=(1) already exists.
      = state: rolled back; 6 migrations stay applied, 3 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- stdout
      applied 01 m  auth [time]
      applied 02 m  auth [time]
      applied 03 m  auth [time]
      applied 04 m  auth [time]
      applied 05 m  auth [time]
      applied 06 m  auth [time]
    --- exit 1
    "#);
}

#[test]
fn what_cannot_be_read_keeps_nothing_before_it_from_being_applied() {
    let workspace = with_seventh("create table a (b int);\ncreate tabel c ();\n");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 07_m failed
     --> migrations/07_m/up.sql:2:8
      |
    2 | create tabel c ();
      |        ^^^^^ syntax error at or near "tabel" (SQLSTATE 42601)
      |
      = state: rolled back; 6 migrations stay applied, 3 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- stdout
      applied 01 m  auth [time]
      applied 02 m  auth [time]
      applied 03 m  auth [time]
      applied 04 m  auth [time]
      applied 05 m  auth [time]
      applied 06 m  auth [time]
    --- exit 1
    "#);
    assert_eq!(applied(&workspace).as_deref(), Some("6"));
}

#[test]
fn a_commit_that_fails_is_that_of_its_migration() {
    let workspace = with_seventh(
        "create table a (b int unique deferrable initially deferred);\n\
         insert into a values (1), (1);\n",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 07_m failed: duplicate key value violates unique constraint "a_b_key" (SQLSTATE 23505)
     |
     = detail: Key (b)=(1) already exists.
     = where: after all its statements: what is deferred is checked only then
     = state: rolled back; 6 migrations stay applied, 3 after it not tried
     = next: fix up.sql, then `migrate deploy`
    --- stdout
      applied 01 m  auth [time]
      applied 02 m  auth [time]
      applied 03 m  auth [time]
      applied 04 m  auth [time]
      applied 05 m  auth [time]
      applied 06 m  auth [time]
    --- exit 1
    "#);
    assert_eq!(applied(&workspace).as_deref(), Some("6"));
}

#[test]
fn a_file_that_ends_its_transaction_is_run_once() {
    let workspace = with_seventh(
        "create procedure ends() language plpgsql as $$ begin commit; end $$;\ncall ends();\n",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 07_m failed
     --> migrations/07_m/up.sql:2:1
      |
    2 | call ends();
      | ^^^^^^^^^^^ invalid transaction termination (SQLSTATE 2D000)
      |
      = context: PL/pgSQL function ends() line 1 at COMMIT
      = state: rolled back; 6 migrations stay applied, 3 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- stdout
      applied 01 m  auth [time]
      applied 02 m  auth [time]
      applied 03 m  auth [time]
      applied 04 m  auth [time]
      applied 05 m  auth [time]
      applied 06 m  auth [time]
    --- exit 1
    ");
}

#[test]
fn notices_are_told_with_their_migration() {
    let workspace = with_seventh("do $$ begin raise warning 'careful'; end $$;");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
      warning 07: careful
    --- stdout
      applied 01 m  auth [time]
      applied 02 m  auth [time]
      applied 03 m  auth [time]
      applied 04 m  auth [time]
      applied 05 m  auth [time]
      applied 06 m  auth [time]
      applied 07 m  auth [time]
      applied 08 m  auth [time]
      applied 09 m  auth [time]
      applied 10 m  auth [time]
         done 10 migrations applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn each_has_its_own_time_in_the_ledger() {
    let workspace = with_seventh("select pg_sleep(0.05);");
    workspace.run("deploy").success();
    let wrong = "select count(*) from (\
                   select version, duration, started_at, \
                          lag(finished_at) over (order by id) as before \
                   from __migrate_ledger) l \
                 where started_at < before or duration < '0 s' \
                    or version = '07' and duration < '50 ms'";
    assert_eq!(workspace.database().value(wrong).as_deref(), Some("0"));
}

#[test]
fn what_gets_no_lock_is_tried_again_and_what_is_committed_is_not() {
    let workspace =
        with_seventh("insert into tries default values;\nlock table held in share mode nowait;\n");
    workspace.migration(
        "00_tries",
        "create table held (); create table tries (id int generated always as identity);",
        "",
    );
    workspace.run("deploy --to 01").success();
    let mut holder = workspace.database().session();
    holder
        .execute("begin; lock table held in row exclusive mode")
        .expect("it is free");
    let deploy = spawn(&workspace, "deploy");
    // No rollback gives a number back.
    until(
        &workspace,
        "select count(*) from tries_id_seq where last_value >= 2",
    );
    holder.execute("commit").expect("it ends");
    let output = deploy.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(applied(&workspace).as_deref(), Some("11"));
    let rows = workspace.database().value("select count(*) from tries");
    assert_eq!(rows.as_deref(), Some("1"));
}
