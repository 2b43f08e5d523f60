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
