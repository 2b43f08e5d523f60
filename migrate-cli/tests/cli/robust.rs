//! What a migration may do to its session or transaction, and what it may not get away with.

use std::process::{Child, Stdio};

use diesel::{Connection, PgConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use insta::assert_snapshot;
use testkit::Workspace;

use crate::{users_and_posts, workspace};

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

#[test]
fn copy_to_the_client_is_an_error_wherever_it_comes_from() {
    let workspace = workspace();
    workspace.migration(
        "1_a",
        "create table t (a int); copy t to stdout; select 1;",
        "",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[migration]: a migration cannot send rows to a client
     --> migrations/1_a/up.sql:1:25
      |
    1 | create table t (a int); copy t to stdout; select 1;
      |                         ^^^^^^^^^^^^^^^^ nobody is there to take them
      |
      = state: nothing was applied
      = next: remove the statement
    --- exit 1
    ");
    workspace.migration("1_a", "create table t (a int);\nselect 1 / 0;\n", "");
    assert_eq!(workspace.run("deploy").code(), 1);
    assert_eq!(workspace.database().value("select to_regclass('t')"), None);
}

#[test]
fn a_session_setting_does_not_reach_the_next_migration() {
    let workspace = workspace();
    workspace.migration(
        "1_settings",
        "set client_encoding = 'LATIN1'; set standard_conforming_strings = off;\n\
         set default_transaction_read_only = on; set default_transaction_isolation = serializable;\n\
         set search_path = pg_catalog;",
        "",
    );
    workspace.migration(
        "2_text",
        "create table t (a text, level text);\n\
         insert into t values ('größe \\\\ x', current_setting('transaction_isolation'));",
        "",
    );
    workspace.run("deploy").success();
    let database = workspace.database();
    assert_eq!(
        database.value("select a from public.t").as_deref(),
        Some("größe \\\\ x")
    );
    assert_eq!(
        database.value("select level from t").as_deref(),
        Some("read committed")
    );
    let kept = "select up_sql like '%größe%' from __migrate_ledger where version = '2'";
    assert_eq!(database.value(kept).as_deref(), Some("t"));
}

/// A role or a database may have other settings, and so may the statement before.
#[test]
fn strings_end_where_the_tool_sees_them_end_whatever_was_set() {
    let workspace = workspace();
    workspace.run("db create").success();
    let database = workspace.database();
    database.execute(&format!(
        "alter database \"{name}\" set standard_conforming_strings = off; \
         alter database \"{name}\" set client_encoding = 'LATIN1'; \
         alter database \"{name}\" set backslash_quote = on",
        name = database.name()
    ));
    // With those settings the first string would end sooner, and the transaction with it.
    let text = r"
insert into t values ('\'' ; commit; drop table t; -- größe');
do $$ begin execute 'insert into t values (''\'''' ; commit; --'')'; end $$;
";
    let off = "set standard_conforming_strings = off; set client_encoding = 'LATIN1';\n";
    let creates = format!("create table t (a text);\n{text}{off}");
    workspace.migration("1_t", &creates, "");
    workspace.migration("2_t", &format!("{text}{off}"), "");
    let alone = format!("{off}{text}vacuum t;\n{text}");
    workspace.migration_with("3_t", &alone, "", OUTSIDE);
    workspace.migration("4_t", text, "");
    for version in ["1", "2", "3", "4"] {
        workspace.run(&format!("deploy --to {version}")).success();
    }
    let count = "select count(*) || ' ' || count(distinct a) from t";
    assert_eq!(database.value(count).as_deref(), Some("10 2"));
    let longest = "select a from t order by length(a) desc limit 1";
    assert_eq!(
        database.value(longest).as_deref(),
        Some("\\' ; commit; drop table t; -- größe")
    );
}

/// PostgreSQL takes all of them.
#[test]
fn what_is_deep_ends_neither_a_check_nor_a_deploy() {
    let workspace = users_and_posts();
    let nested = |open: &str, close: &str, levels: usize| {
        format!("{}1{}", open.repeat(levels), close.repeat(levels))
    };
    let terms = |term: &str, by: &str, number| vec![term; number].join(by);
    for (name, up) in [
        (
            "20250101000000_or",
            format!(
                "delete from users where {};",
                terms("id = 1", " or ", 15_000)
            ),
        ),
        (
            "20250102000000_nested",
            format!(
                "update users set id = {};\nupdate users set id = {};\nupdate users set id = {};",
                nested("(", ")", 5_000),
                nested("case when true then ", " end", 900),
                nested("(select ", ")", 100),
            ),
        ),
        (
            "20250103000000_in_bodies",
            format!(
                "do $$ begin perform {}; if {} then null; end if; end $$;",
                nested("(", ")", 5_000),
                terms("true", " or ", 15_000),
            ),
        ),
        (
            "20250104000000_operators",
            format!(
                "update users set name = {};\nselect {};",
                terms("'a'", " || ", 1_500),
                terms("1", " + ", 1_500)
            ),
        ),
    ] {
        workspace.migration(name, &up, "");
    }
    workspace.run("deploy").success();
    // An overflow ends it by a signal.
    let check = workspace.run("check");
    assert!((0..=4).contains(&check.code()), "{check}");
}

#[test]
fn a_deploy_sets_a_transactions_own_mode() {
    let workspace = workspace();
    workspace.migration(
        "1_a",
        "set transaction isolation level serializable; create table a ();",
        "",
    );
    workspace.run("deploy").success();
}

#[test]
fn after_diesel_applied_the_last_one_that_is_reverted() {
    let workspace = users_and_posts();
    workspace.run("deploy --to 20240101000000").success();
    let history = || FileBasedMigrations::from_path(workspace.path("migrations")).expect("valid");
    let mut diesel = PgConnection::establish(workspace.database().url()).expect("it is there");
    diesel.run_pending_migrations(history()).expect("applies");
    assert!(
        workspace
            .run("revert --dry-run")
            .stdout()
            .contains("20240202000000")
    );
    workspace.run("revert").success();
    assert_eq!(
        workspace.database().value("select to_regclass('posts')"),
        None
    );
}

#[test]
fn what_diesel_applied_again_after_an_edit_is_taken_as_it_is() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let history = || FileBasedMigrations::from_path(workspace.path("migrations")).expect("valid");
    let mut diesel = PgConnection::establish(workspace.database().url()).expect("it is there");
    diesel.revert_last_migration(history()).expect("reverts");
    workspace.migration_with(
        "20240202000000_posts",
        "create table posts ();",
        "drop table posts;",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    diesel.run_pending_migrations(history()).expect("applies");
    assert_eq!(workspace.run("status --exit-code").code(), 0);
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main took over 20240202000000, applied by diesel
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
}

#[test]
fn redo_does_not_begin_what_it_cannot_finish() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.remove_migration("20240202000000_posts");
    assert_snapshot!(workspace.run("redo"), @"
    $ migrate redo
    --- stderr
    error[revert]: migration 20240202000000_posts of database main is not on disk
     |
     = state: nothing was reverted
     = next: get the folder back from version control, or `migrate revert` alone
    --- exit 1
    ");
    assert!(
        workspace
            .database()
            .value("select to_regclass('posts')")
            .is_some()
    );
}

#[test]
fn a_down_that_does_nothing_is_no_down() {
    let workspace = workspace();
    workspace.migration("1_a", "create table a ();", "-- nothing yet\n");
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[revert]: migration 1_a of database main cannot be reverted: its `down.sql` does nothing
     |
     = state: nothing was reverted
     = next: write `migrations/1_a/down.sql`
    --- exit 1
    ");
}

#[test]
fn a_role_taken_on_outside_a_transaction_does_not_write_the_ledger() {
    let workspace = workspace();
    workspace.migration_with(
        "1_a",
        "set role pg_monitor;\nselect 1;\nset role none;\nset session authorization default;\n",
        "",
        OUTSIDE,
    );
    workspace.run("deploy").success();
}

#[test]
fn a_revert_outside_a_transaction_goes_on_where_it_stopped() {
    let workspace = workspace();
    let up = "create table a ();\ncreate table b ();\n";
    workspace.migration_with(
        "1_a",
        up,
        "drop table a;\nselect 1 / 0;\ndrop table b;\n",
        OUTSIDE,
    );
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[sql]: migration 1_a could not be reverted
     --> migrations/1_a/down.sql:2:1
      |
    2 | select 1 / 0;
      | ^^^^^^^^^^^^ division by zero (SQLSTATE 22012)
      |
      = state: 1 of 3 statements are done for good, a rerun goes on after them; it stays applied
      = next: fix down.sql, then `migrate revert`
    --- exit 1
    ");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
               stopped after 1 statement; the last revert failed: division by zero (SQLSTATE 22012)
         main  1 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.migration_with(
        "1_a",
        up,
        "drop table a;\nselect 1;\ndrop table b;\n",
        OUTSIDE,
    );
    workspace.run("revert").success();
    assert_eq!(workspace.database().value("select to_regclass('b')"), None);
}

#[test]
fn a_failed_concurrent_index_is_named() {
    let workspace = workspace();
    workspace.migration(
        "1_a",
        "create table a (b int); insert into a values (1), (1);",
        "",
    );
    workspace.migration_with(
        "2_b",
        "create unique index concurrently a_b on a (b);\n",
        "",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 2_b failed
     --> migrations/2_b/up.sql:1:1
      |
    1 | create unique index concurrently a_b on a (b);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ could not create unique index "a_b" (SQLSTATE 23505)
      |
      = detail: Key (b)=(1) is duplicated.
      = left: invalid index public.a_b
      = state: nothing of it was done; 1 migration stays applied
      = next: fix up.sql or the rows, then `migrate deploy`: it drops the index and builds it again
    --- stdout
      applied 1 a  auth [time]
    --- exit 1
    "#);
}

#[test]
fn an_error_in_a_body_is_where_it_stands() {
    let workspace = workspace();
    workspace.migration(
        "1_f",
        "create function f() returns int language sql as $$\n  select nope from nowhere;\n$$;\n",
        "",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 1_f failed
     --> migrations/1_f/up.sql:2:20
      |
    2 |   select nope from nowhere;
      |                    ^^^^^^^ relation "nowhere" does not exist (SQLSTATE 42P01)
      |
      = state: rolled back; no migration is applied
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
    workspace.migration(
        "1_f",
        "do $$\nbegin\n  perform 1;\n  perform nope();\nend $$;\n",
        "",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 1_f failed
     --> migrations/1_f/up.sql:1:1
      |
    1 | do $$
      | ^^^^^ function nope() does not exist (SQLSTATE 42883)
      |
      = hint: No function matches the given name and argument types. You might need to add explicit type casts.
      = context: PL/pgSQL function inline_code_block line 4 at PERFORM
      = state: rolled back; no migration is applied
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    ");
}

#[test]
fn a_statement_that_needs_no_transaction_says_so() {
    let workspace = workspace();
    workspace.migration(
        "1_a",
        "create table a (b int);\ncreate index concurrently on a (b);\n",
        "",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 1_a failed
     --> migrations/1_a/up.sql:2:1
      |
    2 | create index concurrently on a (b);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CREATE INDEX CONCURRENTLY cannot run inside a transaction block (SQLSTATE 25001)
      |
      = state: rolled back; no migration is applied
      = next: write `run_in_transaction = false` into metadata.toml, then `migrate deploy`
    --- exit 1
    ");
}

/// Waits until a query that counts finds something in the test's database.
#[track_caller]
pub fn until(workspace: &Workspace, count: &str) {
    let database = workspace.database();
    for _ in 0..400 {
        let exists = migrate_postgres::database_exists(database.target());
        if exists.unwrap_or(false) && database.value(count).is_some_and(|count| count != "0") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("it never happened: {count}");
}

pub fn spawn(workspace: &Workspace, line: &str) -> Child {
    workspace
        .command()
        .args(line.split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}
