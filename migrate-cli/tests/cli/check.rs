use insta::assert_snapshot;

use crate::{users_and_posts, workspace};

#[test]
fn a_history_in_order_passes_without_a_database() {
    let workspace = users_and_posts();
    workspace.run("generate").success();
    workspace.write(".env.local", "");
    assert_snapshot!(workspace.run("check"), @"
    $ migrate check
    --- stdout
      history 2 migrations read
    ownership no migration touches what is another's
        check 3 files in step with the history
    --- exit 0
    ");
}

#[test]
fn generated_files_out_of_step_are_shown() {
    let workspace = users_and_posts();
    workspace.run("generate").success();
    workspace.migration(
        "20250101000000_more",
        "alter table users add email text;",
        "",
    );
    let run = workspace.run("check");
    assert_eq!(run.code(), 4);
    assert!(
        run.stdout().contains("+        email -> Nullable<Text>,"),
        "{run}"
    );
}

#[test]
fn a_check_that_fails_says_so_even_to_who_wants_errors_only() {
    let workspace = users_and_posts();
    workspace.run("generate").success();
    assert_snapshot!(workspace.run("check -q"), @"
    $ migrate check -q
    --- exit 0
    ");
    workspace.migration(
        "20250101000000_more",
        "alter table users add email text;",
        "",
    );
    assert_snapshot!(workspace.run("check -q"), @"
    $ migrate check -q
    --- stderr
        check 3 files out of step; `migrate generate` writes them
    --- exit 4
    ");
    assert_snapshot!(workspace.run("generate --check -q"), @"
    $ migrate generate --check -q
    --- stderr
        check 3 files out of step; `migrate generate` writes them
    --- exit 4
    ");
    let json = workspace.run("check -q --format json");
    assert_eq!((json.code(), json.stderr().as_str()), (4, ""));
}

#[test]
fn a_breach_is_found_in_both_directions() {
    let workspace = users_and_posts();
    workspace.migration(
        "20250101000000_cleanup",
        "alter table users add email text;\ndrop table posts;\n",
        "-- back\nalter table users drop email;\ncomment on table posts is 'gone';\n",
    );
    assert_snapshot!(workspace.run("check"), @r#"
    $ migrate check
    --- stderr
    error[ownership]: service auth may not drop a table of service post
     --> migrations/20250101000000_cleanup/up.sql:2:12
      |
    2 | drop table posts;
      |            ^^^^^ posts is owned by post, created in 20240202000000_posts
      |
      = state: nothing was applied
      = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
              or except it: allow = [{ object = "posts", reason = "..." }]
    error[ownership]: service auth may not comment on a table of service post
     --> migrations/20250101000000_cleanup/down.sql:3:18
      |
    3 | comment on table posts is 'gone';
      |                  ^^^^^ posts is owned by post
      |
      = state: nothing was reverted
      = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
              or except it: allow = [{ object = "posts", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn what_cannot_be_seen_is_told() {
    let workspace = users_and_posts();
    workspace.migration(
        "20250101000000_dynamic",
        "do $$ begin\n  execute 'select ' || 1;\nend $$;\n",
        "",
    );
    workspace.run("generate").success();
    assert_snapshot!(workspace.run("check"), @"
    $ migrate check
    --- stdout
      history 3 migrations read
       unseen migrations/20250101000000_dynamic/up.sql:2:3: SQL that is put together when it runs
    ownership no migration touches what is another's; 1 statement left to the guard, which looks when the migration runs
        check 3 files in step with the history
    --- exit 0
    ");
}

#[test]
fn json_has_a_shape_of_its_own() {
    let workspace = users_and_posts();
    workspace.run("generate").success();
    assert_snapshot!(workspace.run("check --format json").stdout_filtered(), @r#"
    {
      "attributed": true,
      "command": "check",
      "format": 1,
      "generated": {
        "check": true,
        "files": [
          {
            "path": "schema.rs",
            "state": "fresh",
            "written": false
          },
          {
            "path": "services/auth/src/schema.rs",
            "state": "fresh",
            "written": false
          },
          {
            "path": "services/post/src/schema.rs",
            "state": "fresh",
            "written": false
          }
        ],
        "replayed": 0
      },
      "migrations": 2,
      "outcome": "done",
      "unseen": []
    }
    "#);
    workspace.migration("20250101000000_cleanup", "drop table posts;", "");
    assert_snapshot!(workspace.run("check --format json").stdout_filtered(), @r#"
    {
      "command": "check",
      "errors": [
        {
          "code": "ownership",
          "message": "service auth may not drop a table of service post",
          "next": "move it to a migration of post, or name both in metadata.toml: services = [\"auth\", \"post\"]\nor except it: allow = [{ object = \"posts\", reason = \"...\" }]",
          "place": {
            "column": 12,
            "file": "migrations/20250101000000_cleanup/up.sql",
            "label": "posts is owned by post, created in 20240202000000_posts",
            "line": 1
          },
          "state": "nothing was applied"
        }
      ],
      "format": 1,
      "outcome": "failed"
    }
    "#);
}

#[test]
fn nobody_is_protected_where_there_is_one_service() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n[services.auth]\nowns = [\"users\"]\n",
    );
    workspace.migration(
        "1_a",
        "create table users (id int primary key);",
        "drop table users;",
    );
    workspace.run("generate").success();
    assert_snapshot!(workspace.run("check"), @"
    $ migrate check
    --- stdout
      history 1 migration read
        check 2 files in step with the history
    --- exit 0
    ");
}

/// An infrastructure migration, and what each service made of it.
fn infrastructure() -> testkit::Workspace {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20230101000000_shared",
        "create function tenant() returns int language sql stable as 'select 1';\n\
         create function unused() returns int language sql as 'select 1';\n",
        "",
        "run_in_transaction = true\n",
    );
    workspace.migration(
        "20240303000000_users_tenant",
        "alter table users add column tenant int default tenant();",
        "",
    );
    workspace.migration_with(
        "20240404000000_posts_tenant",
        "alter table posts add column tenant int default tenant();",
        "",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    workspace
}

const SHARED: &str =
    "create or replace function tenant() returns int language sql stable as 'select 2';\n";

#[test]
fn what_all_use_is_changed_by_all() {
    let workspace = infrastructure();
    let name = "20250101000000_tenant";
    workspace.migration_with(name, SHARED, "", "run_in_transaction = true\n");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 20250101000000_tenant changes what several services own, and does not say for which it is
     --> migrations/20250101000000_tenant/up.sql:1:28
      |
    1 | create or replace function tenant() returns int language sql stable as 'select 2';
      |                            ^^^^^^ tenant is auth's, tenant is post's
      |
      = state: nothing was applied
      = next: name all in metadata.toml: services = ["auth", "post"]
    --- exit 4
    "#);
    let both = "run_in_transaction = true\nservices = [\"auth\", \"post\"]\n";
    workspace.migration_with(name, SHARED, "", both);
    workspace.run("deploy").success();
}

#[test]
fn what_nobody_uses_is_changed_by_a_migration_for_nobody() {
    let workspace = infrastructure();
    let name = "20250101000000_unused";
    workspace.migration(name, "drop function unused();", "");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: service auth may not drop a function of no service
     --> migrations/20250101000000_unused/up.sql:1:15
      |
    1 | drop function unused();
      |               ^^^^^^ unused was created in 20230101000000_shared, which is for no service
      |
      = state: nothing was applied
      = next: put it into a migration that names no services
              or except it: allow = [{ object = "unused", reason = "..." }]
    --- exit 4
    "#);
    workspace.migration_with(
        name,
        "drop function unused();",
        "",
        "run_in_transaction = true\n",
    );
    workspace.run("deploy").success();
}

#[test]
fn what_acts_on_everyone_is_for_all_or_for_nobody() {
    let workspace = users_and_posts();
    let name = "20250101000000_all";
    let sql = "alter default privileges grant select on tables to public;\n\
               set session_replication_role = replica;\n";
    workspace.migration(name, sql, "");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: service auth may not touch what acts on every service: the default privileges of every schema
     --> migrations/20250101000000_all/up.sql:1:1
      |
    1 | alter default privileges grant select on tables to public;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ acts on auth, post
      |
      = state: nothing was applied
      = next: put it into a migration that names no services, or name all: services = ["auth", "post"]
    error[ownership]: service auth may not touch what acts on every service: whether triggers and foreign keys act
     --> migrations/20250101000000_all/up.sql:2:1
      |
    2 | set session_replication_role = replica;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ acts on auth, post
      |
      = state: nothing was applied
      = next: put it into a migration that names no services, or name all: services = ["auth", "post"]
    --- exit 4
    "#);
    workspace.migration_with(name, sql, "", "run_in_transaction = true\n");
    workspace.run("deploy").success();
}
