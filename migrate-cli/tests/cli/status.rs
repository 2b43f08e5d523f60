use insta::assert_snapshot;

use crate::{users_and_posts, workspace};

#[test]
fn before_the_database_exists_everything_is_pending() {
    let workspace = users_and_posts();
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      pending  20240101000000  users  auth
      pending  20240202000000  posts  post
         main  2 pending, the database does not exist yet (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status --exit-code"), @"
    $ migrate status --exit-code
    --- stdout
      pending  20240101000000  users  auth
      pending  20240202000000  posts  post
         main  2 pending, the database does not exist yet (postgres@[socket]:5432/[database])
    --- exit 3
    ");
}

#[test]
fn every_state_has_its_word() {
    let workspace = users_and_posts();
    for (name, up) in [
        ("20240303000000_gone", "select 1;"),
        ("20240404000000_edited", "select 2;"),
        ("20240909000000_newer", "select 3;"),
    ] {
        workspace.migration(name, up, "select 0;");
    }
    workspace.run("deploy").success();
    workspace.remove_migration("20240303000000_gone");
    workspace.remove_migration("20240909000000_newer");
    workspace.migration("20240404000000_edited", "select 22;", "select 0;");
    workspace.migration("20240505000000_waits", "select 4;", "select 0;");
    assert_snapshot!(workspace.run("status --exit-code"), @"
    $ migrate status --exit-code
    --- stdout
      applied  20240101000000  users   auth  [moment] [time]
      applied  20240202000000  posts   post  [moment] [time]
      missing  20240303000000  gone    auth  [moment] [time]
     modified  20240404000000  edited  auth  [moment] [time]
      pending  20240505000000  waits   auth
               older than the newest applied one
        ahead  20240909000000  newer   auth  [moment] [time]
         main  2 applied, 1 pending, 1 modified, 1 missing, 1 ahead (postgres@[socket]:5432/[database])
    --- exit 4
    ");
    assert_snapshot!(workspace.run("show --format json"), @r#"
    $ migrate show --format json
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
              "name": "users",
              "order": 1,
              "services": [
                "auth"
              ],
              "state": "applied",
              "version": "20240101000000"
            },
            {
              "at": "[moment]",
              "by": "postgres",
              "duration_ms": 0,
              "name": "posts",
              "order": 2,
              "services": [
                "post"
              ],
              "state": "applied",
              "version": "20240202000000"
            },
            {
              "at": "[moment]",
              "by": "postgres",
              "duration_ms": 0,
              "name": "gone",
              "order": 3,
              "services": [
                "auth"
              ],
              "state": "missing",
              "version": "20240303000000"
            },
            {
              "at": "[moment]",
              "by": "postgres",
              "duration_ms": 0,
              "name": "edited",
              "order": 4,
              "services": [
                "auth"
              ],
              "state": "modified",
              "version": "20240404000000"
            },
            {
              "late": true,
              "name": "waits",
              "services": [
                "auth"
              ],
              "state": "pending",
              "version": "20240505000000"
            },
            {
              "at": "[moment]",
              "by": "postgres",
              "duration_ms": 0,
              "name": "newer",
              "order": 5,
              "services": [
                "auth"
              ],
              "state": "ahead",
              "version": "20240909000000"
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
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[missing]: 1 migration is applied to main but not on disk, and later ones are
     |
     = missing: 20240303000000_gone
     = state: nothing was applied
     = next: get the folders back from version control: the history is never shortened; if all that it did was undone by hand: `migrate resolve --rolled-back 20240303000000`
    --- exit 4
    ");
}

#[test]
fn an_edited_migration_is_shown_as_a_diff() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.migration(
        "20240101000000_users",
        "create table users (id int primary key, name text);\n",
        "drop table users;\n",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[modified]: 20240101000000_users was edited after it was applied to main
     |
     = diff: 
             --- applied
             +++ migrations/20240101000000_users/up.sql
             @@ -1 +1 @@
             -create table users (id int primary key, name text not null);
             +create table users (id int primary key, name text);
     = state: nothing was applied
     = next: put the file back as it was, and write the change as a new migration: `migrate new NAME`; if the edit shall stay: `migrate resolve --accept-modified 20240101000000`
    --- exit 4
    ");
}

#[test]
fn line_endings_are_no_edit() {
    let workspace = workspace();
    workspace.migration("1_a", "select 1;\nselect 2;\n", "select 0;");
    workspace.run("deploy").success();
    workspace.migration("1_a", "select 1;\r\nselect 2;\r\n", "select 0;");
    assert_eq!(workspace.run("status --exit-code").code(), 0);
}

#[test]
fn a_role_that_may_only_read_can_ask() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let role = format!("reader_{}", workspace.database().name());
    workspace.database().execute(&format!(
        "create role {role} login; grant select on all tables in schema public to {role}; \
         alter role {role} set default_transaction_read_only = on"
    ));
    let url = workspace
        .database()
        .url()
        .replace("postgres@", &format!("{role}@"));
    let run = workspace.run_with("status", &[("DATABASE_URL", &url)]);
    workspace
        .database()
        .execute(&format!("drop owned by {role}; drop role {role}"));
    assert_eq!(run.success().stdout().matches("applied").count(), 3);
}

#[test]
fn a_role_that_may_not_is_told_who_may() {
    let workspace = users_and_posts();
    workspace.run("deploy --to 20240101000000").success();
    let role = format!("stranger_{}", workspace.database().name());
    let database = workspace.database();
    // As since version 15.
    database.execute(&format!(
        "create role {role} login; revoke create on schema public from public"
    ));
    let url = database.url().replace("postgres@", &format!("{role}@"));
    let variables = [("DATABASE_URL", url.as_str())];
    let run = |line: &str| workspace.run_with(line, &variables);
    let nothing = [run("status"), run("history")];
    database.execute(&format!(
        "grant select on __diesel_schema_migrations to {role}"
    ));
    let diesel_only = [run("history"), run("deploy")];
    database.execute(&format!("drop owned by {role}; drop role {role}"));
    let [status, history] = nothing;
    assert_snapshot!(status.hiding(&role, "[role]"), @"
    $ migrate status
    --- stderr
    error[ledger]: reading the ledger failed: permission denied for table __diesel_schema_migrations (SQLSTATE 42501)
     |
     = state: nothing was applied by this step
     = next: deploy as the role that owns the ledger's tables; a role that only looks needs `grant select on __diesel_schema_migrations, __migrate_format, __migrate_ledger`
    --- exit 1
    ");
    assert_snapshot!(history.hiding(&role, "[role]"), @"
    $ migrate history
    --- stderr
    error[ledger]: reading the ledger failed: permission denied for table __migrate_ledger (SQLSTATE 42501)
     |
     = state: nothing was applied by this step
     = next: deploy as the role that owns the ledger's tables; a role that only looks needs `grant select on __diesel_schema_migrations, __migrate_format, __migrate_ledger`
    --- exit 1
    ");
    let [history, deploy] = diesel_only;
    assert_snapshot!(history.hiding(&role, "[role]"), @"
    $ migrate history
    --- stderr
    error[ledger]: reading the ledger failed: permission denied for table __migrate_ledger (SQLSTATE 42501)
     |
     = state: nothing was applied by this step
     = next: deploy as the role that owns the ledger's tables; a role that only looks needs `grant select on __diesel_schema_migrations, __migrate_format, __migrate_ledger`
    --- exit 1
    ");
    assert_snapshot!(deploy.hiding(&role, "[role]"), @"
    $ migrate deploy
    --- stderr
    error[ledger]: the ledger of database main: permission denied for schema public
     |
     = state: nothing was applied
     = next: deploy as the role that owns the ledger's tables; a role that only looks needs `grant select on __diesel_schema_migrations, __migrate_format, __migrate_ledger`
    --- exit 1
    ");
}

#[test]
fn history_tells_every_attempt_in_order() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.run("revert").success();
    workspace.migration_with(
        "20240202000000_posts",
        "create table posts (id txet);",
        "drop table posts;",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    assert_eq!(workspace.run("deploy").code(), 1);
    assert_snapshot!(workspace.run("history"), @r#"
    $ migrate history
    --- stdout
      applied [moment]  20240101000000_users [time]  postgres@[host]  migrate [version]
      applied [moment]  20240202000000_posts [time]  postgres@[host]  migrate [version]
     reverted [moment]  20240202000000_posts [time]  postgres@[host]  migrate [version]
       failed [moment]  20240202000000_posts [time]  postgres@[host]  migrate [version]
              type "txet" does not exist (SQLSTATE 42704)
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
       failed  20240202000000  posts  post  [moment] [time]
               type "txet" does not exist (SQLSTATE 42704)
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("history --service post"), @r#"
    $ migrate history --service post
    --- stdout
      applied [moment]  20240202000000_posts [time]  postgres@[host]  migrate [version]
     reverted [moment]  20240202000000_posts [time]  postgres@[host]  migrate [version]
       failed [moment]  20240202000000_posts [time]  postgres@[host]  migrate [version]
              type "txet" does not exist (SQLSTATE 42704)
    --- exit 0
    "#);
}

#[test]
fn settings_that_are_wrong_about_owners_do_not_hide_how_things_stand() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let settings = std::fs::read_to_string(workspace.path("migrate.toml")).expect("is there");
    workspace.write(
        "migrate.toml",
        &settings.replace("\"users\"]", "\"us[ers\"]"),
    );
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      applied  20240202000000  posts  post  [moment] [time]
         main  2 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
}
