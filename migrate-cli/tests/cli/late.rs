//! Migrations that come late from a branch: older than the newest that is applied.

use std::process::Stdio;

use insta::assert_snapshot;
use testkit::{Run, Workspace};

use crate::{users_and_posts, workspace};

const OF_POST: &str = "run_in_transaction = true\nservices = [\"post\"]\n";
const NO_SERVICES: &str = "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n";
const PLAIN: &str = "run_in_transaction = true\n";

/// A workspace without services in which `first` and `later` are applied before `late` comes.
fn applied_before(first: &str, later: &str, late: &str) -> Workspace {
    let workspace = workspace();
    workspace.write("migrate.toml", NO_SERVICES);
    workspace.migration_with("20240101000000_first", first, "", PLAIN);
    workspace.migration_with("20240303000000_later", later, "", PLAIN);
    workspace.run("deploy").success();
    workspace.migration_with("20240202000000_late", late, "", PLAIN);
    workspace
}

fn is_refused(run: &Run) -> bool {
    run.code() == 4 && run.stderr().contains("error[late]")
}

#[test]
fn one_that_touches_what_a_later_one_touched_is_refused() {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20240303000000_titles",
        "-- more\nalter table posts add column title text;\n",
        "",
        OF_POST,
    );
    workspace.run("deploy").success();
    workspace.migration_with(
        "20240215000000_bodies",
        "alter table posts\n  add column body text;\ncreate index on posts (author);\n",
        "",
        OF_POST,
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[late]: 20240215000000_bodies comes late: 20240303000000_titles was applied to main before, and both touch table posts
     --> migrations/20240215000000_bodies/up.sql:1:13
      |
    1 | alter table posts
      |             ^^^^^ comes late, to alter it
      |
      = applied: migrations/20240303000000_titles/up.sql:2:13, to alter it
      = state: nothing was applied
      = next: see that it still fits what was applied, and give it a version of today: `mv migrations/20240215000000_bodies migrations/$(date -u +%Y%m%d%H%M%S)_bodies`
              if another database has it already: run it here by hand, then `migrate resolve --applied 20240215000000_bodies`
    --- exit 4
    ");
    assert_snapshot!(workspace.run("deploy --dry-run --format json"), @r#"
    $ migrate deploy --dry-run --format json
    --- stdout
    {
      "command": "deploy",
      "errors": [
        {
          "applied": "migrations/20240303000000_titles/up.sql:2:13, to alter it",
          "code": "late",
          "message": "20240215000000_bodies comes late: 20240303000000_titles was applied to main before, and both touch table posts",
          "next": "see that it still fits what was applied, and give it a version of today: `mv migrations/20240215000000_bodies migrations/$(date -u +%Y%m%d%H%M%S)_bodies`\nif another database has it already: run it here by hand, then `migrate resolve --applied 20240215000000_bodies`",
          "place": {
            "column": 13,
            "file": "migrations/20240215000000_bodies/up.sql",
            "label": "comes late, to alter it",
            "line": 1
          },
          "state": "nothing was applied"
        }
      ],
      "format": 1,
      "outcome": "failed"
    }
    --- exit 4
    "#);
    assert_eq!(workspace.run("up").code(), 4);
    assert_eq!(workspace.run("status --exit-code").code(), 3);
    // What it says to do next does it.
    std::fs::rename(
        workspace.path("migrations/20240215000000_bodies"),
        workspace.path("migrations/20240404000000_bodies"),
    )
    .expect("the folder is there");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
      applied 20240404000000 bodies  post [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn one_that_touches_something_else_is_applied() {
    let workspace = applied_before(
        "create table users (id int primary key); create table posts ();",
        "alter table posts add column title text; create view v as select * from users;",
        "create table tags (owner int references users); create index on tags (owner);",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
      warning 20240202000000 late came late: newer ones were applied to main before it
    --- stdout
      applied 20240202000000 late [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn one_that_keeps_statistics_does_not_mind_a_later_view() {
    let workspace = applied_before(
        "create table users (id int primary key, city text, zip text);",
        "create view cities as select city, zip from users;",
        "create statistics users_city_zip on city, zip from users;",
    );
    workspace.run("deploy").success();
}

#[test]
fn one_with_a_foreign_key_does_not_mind_what_a_later_one_puts_beside_the_rows() {
    let workspace = applied_before(
        "create table users (id int primary key, city text);",
        "create index users_city on users (city); comment on table users is 'people';",
        "create table tags (owner int references users);",
    );
    workspace.run("deploy").success();
}

#[test]
fn one_with_a_foreign_key_is_refused_where_a_later_one_made_its_unique_index() {
    let workspace = applied_before(
        "create table users (id int primary key, email text);",
        "create unique index users_email on users (email);",
        "create table invitations (email text references users (email));",
    );
    let run = workspace.run("deploy");
    assert!(is_refused(&run), "{}", run.stderr());
}

#[test]
fn strict_order_refuses_every_late_one() {
    let workspace = applied_before("select 1;", "select 2;", "create table tags ();");
    workspace.write(
        "migrate.toml",
        &format!("{NO_SERVICES}strict_order = true\n"),
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[late]: 20240202000000_late comes late: 20240303000000 was applied to main before
     |
     = hint: `strict_order = true` of main in migrate.toml refuses it
     = state: nothing was applied
     = next: see that it still fits what was applied, and give it a version of today: `mv migrations/20240202000000_late migrations/$(date -u +%Y%m%d%H%M%S)_late`
             if another database has it already: run it here by hand, then `migrate resolve --applied 20240202000000_late`
    --- exit 4
    ");
    workspace.migration_with("20240203000000_more", "select 1;", "", PLAIN);
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[late]: 2 migrations come late: 20240303000000 was applied to main before
     |
     = late: 20240202000000_late
             20240203000000_more
     = hint: `strict_order = true` of main in migrate.toml refuses it
     = state: nothing was applied
     = next: see that it still fits what was applied, and give it a version of today: `mv migrations/20240202000000_late migrations/$(date -u +%Y%m%d%H%M%S)_late`
             if another database has it already: run it here by hand, then `migrate resolve --applied 20240202000000_late`
    --- exit 4
    ");
    // Only those that would be applied are looked at.
    workspace.run("deploy --to 20240101000000").success();
}

#[test]
fn of_a_later_one_whose_folder_is_gone_the_ledger_has_the_sql() {
    let workspace = applied_before(
        "create table users (id int primary key);",
        "alter table users add column name text;",
        "alter table users add column email text;",
    );
    workspace.remove_migration("20240303000000_later");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[late]: 20240202000000_late comes late: 20240303000000_later was applied to main before, and both touch table users
     --> migrations/20240202000000_late/up.sql:1:13
      |
    1 | alter table users add column email text;
      |             ^^^^^ comes late, to alter it
      |
      = applied: 20240303000000_later/up.sql (kept in the ledger):1:13, to alter it
      = state: nothing was applied
      = next: see that it still fits what was applied, and give it a version of today: `mv migrations/20240202000000_late migrations/$(date -u +%Y%m%d%H%M%S)_late`
              if another database has it already: run it here by hand, then `migrate resolve --applied 20240202000000_late`
    --- exit 4
    ");
    // Diesel's own tool keeps no text.
    let drop = "drop table __migrate_ledger, __migrate_format";
    workspace.database().execute(drop);
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main took over 20240101000000, applied by diesel
      warning main is ahead of these files by 1 migration, up to 20240303000000: an older release?
      warning 20240202000000 late came late: newer ones were applied to main before it; nobody kept the SQL of 20240303000000, which may have touched the same
    --- stdout
      applied 20240202000000 late [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn what_cannot_be_seen_is_said() {
    let workspace = applied_before(
        "create table users (id int primary key);",
        "do $$ begin execute 'alter table ' || 'users add column name text'; end $$;",
        "alter table users add column email text;",
    );
    assert_snapshot!(workspace.run("deploy --dry-run --format json"), @r#"
    $ migrate deploy --dry-run --format json
    --- stdout
    {
      "command": "deploy",
      "databases": [
        {
          "applied": [],
          "database": "main",
          "late": [
            {
              "name": "late",
              "services": [],
              "unseen": [
                {
                  "column": 13,
                  "file": "migrations/20240303000000_later/up.sql",
                  "line": 1,
                  "what": "dynamic_sql"
                }
              ],
              "version": "20240202000000"
            }
          ],
          "target": "postgres@[socket]:5432/[database]",
          "total_applied": 2,
          "would_apply": [
            {
              "name": "late",
              "run_in_transaction": true,
              "services": [],
              "sql": "alter table users add column email text;",
              "version": "20240202000000"
            }
          ]
        }
      ],
      "dry_run": true,
      "format": 1,
      "outcome": "done"
    }
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
      warning 20240202000000 late came late: newer ones were applied to main before it; whether they touch the same cannot be seen, because of migrations/20240303000000_later/up.sql:1:13: SQL that is put together when it runs
    --- stdout
      applied 20240202000000 late [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn one_that_came_late_while_we_waited_for_the_lock_is_judged_too() {
    let workspace = workspace();
    workspace.write("migrate.toml", NO_SERVICES);
    workspace.migration_with("20240101000000_t", "create table t ();", "", PLAIN);
    workspace.run("deploy").success();
    workspace.migration_with(
        "20240303000000_later",
        "alter table t add a int; select pg_sleep(5);",
        "",
        PLAIN,
    );
    let mut first = workspace.command();
    first.arg("deploy").stdout(Stdio::null());
    let mut first = first.spawn().expect("the binary runs");
    // Other tests lock on the same server.
    let locked = "select 1 from pg_locks l join pg_database d on d.oid = l.database \
                  where d.datname = current_database() and locktype = 'advisory' and granted";
    while workspace.database().value(locked).is_none() {
        std::thread::yield_now();
    }
    // Its plan is made before the other has committed.
    workspace.remove_migration("20240303000000_later");
    workspace.migration_with("20240202000000_late", "alter table t add b int;", "", PLAIN);
    let run = workspace.run("deploy");
    assert!(first.wait().expect("it ends").success());
    assert!(is_refused(&run), "{run}");
    assert!(run.stderr().contains("waiting"), "{run}");
}

#[test]
fn where_a_clock_was_ahead_a_version_of_today_would_be_late_again() {
    let workspace = applied_before("create table a ();", "select 1;", "select 1;");
    workspace.migration_with("99990101000000_ahead", "drop table a;", "", PLAIN);
    workspace.run("deploy").success();
    workspace.migration_with("20240404000000_late", "alter table a add b int;", "", PLAIN);
    let run = workspace.run("deploy");
    assert!(is_refused(&run), "{run}");
    let advice = "give it a version after that of 99990101000000_ahead: \
                  rename `migrations/20240404000000_late`";
    assert!(run.stderr().contains(advice), "{run}");
}
