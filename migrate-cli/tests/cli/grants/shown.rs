//! What a person or a program sees, and passwords, which nobody sees.

use std::fs;

use insta::assert_snapshot;

use super::{Walled, squeezed, taken_as_since_15};

#[test]
fn before_and_after() {
    let walled = Walled::users_and_posts();
    let workspace = &walled.workspace;
    assert_snapshot!(squeezed(workspace.run("grants")), @"
    $ migrate grants
    --- stdout
      main the database does not exist yet
    --- exit 0
    ");
    workspace.run("deploy --to 1").success();
    assert_snapshot!(squeezed(workspace.run("grants")), @"
    $ migrate grants
    --- stdout
      role  reads and writes  only reads
      [database]_auth (auth)  users  -
      [database]_post (post)  -  users
      main the privileges are as they should be
    --- exit 0
    ");
    assert_snapshot!(workspace.run("grants --sql"), @"
    $ migrate grants --sql
    --- stdout
    -- nothing to do
    --- exit 0
    ");
    let post = walled.quoted("post");
    walled.execute(&format!(
        "revoke select on users from {post}; grant delete on users to {post}"
    ));
    assert_snapshot!(squeezed(workspace.run("grants --exit-code")), @r#"
    $ migrate grants --exit-code
    --- stdout
      role  reads and writes  only reads
      [database]_auth (auth)  users  -
      [database]_post (post)  -  users
      give grant select on table "public"."users" to "[database]_post"
      take revoke delete on table "public"."users" from "[database]_post" cascade
      main 1 privilege to give, 1 to take
    --- exit 4
    "#);
    assert_snapshot!(workspace.run("deploy --dry-run"), @"
    $ migrate deploy --dry-run
    --- stdout
      pending 2 posts  post
       grants 1 privilege to give, 1 to take
      dry run 1 migration would be applied to main; nothing was touched
    --- exit 0
    ");
    assert_snapshot!(workspace.run("grants --apply"), @"
    $ migrate grants --apply
    --- stdout
       grants 1 privilege given, 1 taken
    --- exit 0
    ");
    assert_snapshot!(workspace.run("grants --apply"), @"
    $ migrate grants --apply
    --- stdout
         done nothing to give or take in main
    --- exit 0
    ");
}

#[test]
fn json() {
    let walled = Walled::users_and_posts();
    let workspace = &walled.workspace;
    let run = taken_as_since_15(workspace.run("deploy --to 1 --format json"));
    assert_snapshot!(run.stdout_filtered(), @r#"
    {
      "command": "deploy",
      "databases": [
        {
          "applied": [
            {
              "duration_ms": 0,
              "name": "users",
              "services": [
                "auth"
              ],
              "version": "1"
            }
          ],
          "database": "main",
          "privileges": {
            "given": 11,
            "passwords_set": [],
            "roles_created": [
              "[database]_auth",
              "[database]_post"
            ],
            "taken": 1
          },
          "target": "postgres@[socket]:5432/[database]",
          "total_applied": 1
        }
      ],
      "dry_run": false,
      "format": 1,
      "outcome": "done"
    }
    "#);
    let post = walled.quoted("post");
    walled.execute(&format!(
        "grant delete on users to {post}; alter role {post} createdb"
    ));
    assert_snapshot!(workspace.run("grants --format json").stdout_filtered(), @r#"
    {
      "command": "grants",
      "databases": [
        {
          "changes": [
            {
              "kind": "take",
              "privileges": 1,
              "role": "[database]_post",
              "sql": "revoke delete on table \"public\".\"users\" from \"[database]_post\" cascade"
            }
          ],
          "database": "main",
          "enabled": true,
          "exists": true,
          "findings": [
            {
              "finding": "creates_databases",
              "role": "[database]_post"
            }
          ],
          "roles": [
            {
              "exists": true,
              "reads": [],
              "role": "[database]_auth",
              "service": "auth",
              "uses": [],
              "writes": [
                "users"
              ]
            },
            {
              "exists": true,
              "reads": [
                "users"
              ],
              "role": "[database]_post",
              "service": "post",
              "uses": [],
              "writes": []
            }
          ],
          "target": "postgres@[socket]:5432/[database]"
        }
      ],
      "format": 1,
      "outcome": "done"
    }
    "#);
    assert_snapshot!(workspace.run("status --format json").stdout_filtered(), @r#"
    {
      "command": "status",
      "databases": [
        {
          "database": "main",
          "exists": true,
          "grants": {
            "findings": [
              {
                "finding": "creates_databases",
                "role": "[database]_post"
              }
            ],
            "roles_missing": [],
            "to_give": 0,
            "to_take": 1
          },
          "migrations": [
            {
              "at": "[moment]",
              "by": "postgres",
              "duration_ms": 0,
              "name": "users",
              "order": 1,
              "services": [
                "auth"
              ],
              "state": "applied",
              "version": "1"
            },
            {
              "name": "posts",
              "services": [
                "post"
              ],
              "state": "pending",
              "version": "2"
            }
          ],
          "target": "postgres@[socket]:5432/[database]"
        }
      ],
      "format": 1,
      "outcome": "done"
    }
    "#);
    assert_snapshot!(workspace.run("grants --apply --format json").stdout_filtered(), @r#"
    {
      "command": "grants",
      "databases": [
        {
          "database": "main",
          "given": 0,
          "passwords_set": [],
          "roles_created": [],
          "taken": 1
        }
      ],
      "format": 1,
      "outcome": "done"
    }
    "#);
}

#[test]
fn settings_that_make_no_sense() {
    let walled = Walled::users_and_posts();
    let text = fs::read_to_string(walled.workspace.path("migrate.toml")).expect("it was written");
    let text = text
        .replace(
            &format!("'{}'", walled.role("auth")),
            "'${AUTH_ROLE:-pg_auth}'",
        )
        .replace(&format!("'{}'", walled.role("post")), "'pg_auth'");
    walled.workspace.write("migrate.toml", &text);
    assert_snapshot!(walled.workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[settings]: `pg_auth` cannot be the role of service auth: PostgreSQL keeps names with `pg_` for itself
     --> migrate.toml:9:8
      |
    9 | role = '${AUTH_ROLE:-pg_auth}'
      |        ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = next: write another: `role = "..."` below `[services.NAME]`
    error[settings]: services auth and post would both have the role `pg_auth`
      --> migrate.toml:14:8
       |
    14 | role = 'pg_auth'
       |        ^^^^^^^^^
       |
       = next: give each a role of its own: `role = "..."` below `[services.NAME]`
    --- exit 2
    "#);
}

#[test]
fn two_services_with_one_password_are_refused() {
    let walled = Walled::new(&[("log-post", &["a"], &[]), ("log_post", &["b"], &[])]);
    let run = walled.workspace.run("status");
    assert_eq!(run.code(), 2);
    let told = "services log-post and log_post would both have their password in \
                `LOG_POST_DATABASE_PASSWORD`";
    assert!(run.stderr().contains(told), "{run}");
}

/// The name is in a comment of `grants --sql`, which must not end early.
#[test]
fn a_role_is_one_line() {
    let walled = Walled::users_and_posts();
    let text = fs::read_to_string(walled.workspace.path("migrate.toml")).expect("it was written");
    let post = format!("'{}'", walled.role("post"));
    let text = text.replace(&post, "\"a\\n; drop table users\"");
    walled.workspace.write("migrate.toml", &text);
    assert_snapshot!(walled.workspace.run("grants --sql"), @r#"
    $ migrate grants --sql
    --- stderr
    error[settings]: `a
                     ; drop table users` cannot be the role of service post: a role's name is one line of text
      --> migrate.toml:14:8
       |
    14 | role = "a\n; drop table users"
       |        ^^^^^^^^^^^^^^^^^^^^^^^
       |
       = next: write another: `role = "..."` below `[services.NAME]`
    --- exit 2
    "#);
}

/// `exec` runs a service with its own role and password.
#[test]
fn a_service_runs_with_its_own_role() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let variables = [("POST_DATABASE_PASSWORD", "hunter2")];
    let print = "exec --service post -- printenv DATABASE_URL";
    let run = walled.workspace.run_with(print, &variables).success();
    assert_snapshot!(run.stdout_filtered(), @"postgresql://[database]_post:hunter2@/[database]?host=[socket]&port=5432");
    assert_snapshot!(walled.workspace.run("exec -- printenv DATABASE_URL").stdout_filtered(), @"postgresql://postgres@/[database]?host=[socket]&port=5432");
}

/// The server trusts everyone at its socket, so that a password is tried in vain; whether it is
/// the right one is seen from the verifier that the server keeps.
#[test]
fn a_password_is_set_and_never_shown() {
    let walled = Walled::users_and_posts();
    let post = walled.role("post").to_owned();
    let variables = [("POST_DATABASE_PASSWORD", "correct horse \\ 'battery'")];
    for line in [
        "deploy -v",
        "status",
        "grants",
        "grants --sql",
        "grants --format json",
        "deploy --format json",
    ] {
        let run = walled.workspace.run_with(line, &variables).success();
        let told = format!("{}{}", run.stdout(), run.stderr());
        assert!(!told.contains("horse") && !told.contains("SCRAM"), "{told}");
    }
    let database = walled.workspace.database();
    let verifier = format!("select rolpassword from pg_authid where rolname = '{post}'");
    let verifier = database.value(&verifier).expect("it has a password");
    assert!(verifier.starts_with("SCRAM-SHA-256$4096:"), "{verifier}");
    let auth = walled.role("auth");
    let none = format!("select rolpassword from pg_authid where rolname = '{auth}'");
    assert_eq!(database.value(&none), None);
    let kept = "select count(*) from __migrate_ledger l where l::text like '%horse%'";
    assert_eq!(database.value(kept).as_deref(), Some("0"));
}
