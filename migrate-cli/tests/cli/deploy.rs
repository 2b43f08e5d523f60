use insta::assert_snapshot;

use crate::{users_and_posts, workspace};

#[test]
fn pending_migrations_are_applied_once() {
    let workspace = users_and_posts();
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
}

#[test]
fn an_empty_history_is_no_error() {
    assert_snapshot!(workspace().run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    --- stdout
         done nothing pending in main; no migration is applied
    --- exit 0
    ");
}

#[test]
fn a_dry_run_touches_nothing() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    assert_snapshot!(workspace.run("deploy --dry-run -v"), @"
    $ migrate deploy --dry-run -v
    --- stdout
      pending 20240101000000 users  auth
              create table users (id int primary key, name text not null);
      pending 20240202000000 posts  post
              create table posts (id int primary key, author int not null references users);
      dry run 2 migrations would be applied to main; nothing was touched
    --- exit 0
    ");
    let tables = "select count(*) from pg_class where relnamespace = 'public'::regnamespace";
    assert_eq!(workspace.database().value(tables).as_deref(), Some("0"));
}

#[test]
fn to_stops_after_a_version() {
    let workspace = users_and_posts();
    assert_snapshot!(workspace.run("deploy --to 20240101000000"), @"
    $ migrate deploy --to 20240101000000
    --- stderr
         main created database [database]
    --- stdout
      applied 20240101000000 users  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy --to 20240101000001"), @"
    $ migrate deploy --to 20240101000001
    --- stderr
    error[version]: no migration has the version 20240101000001
     |
     = hint: did you mean 20240101000000?
     = state: nothing was touched
     = next: `migrate status` lists the versions
    --- exit 2
    ");
}

#[test]
fn verbose_shows_the_sql_and_what_the_server_says() {
    let workspace = workspace();
    workspace.migration(
        "1_notice",
        "do $$ begin raise notice 'hello'; raise warning 'careful'; end $$;",
        "",
    );
    assert_snapshot!(workspace.run("deploy -v"), @"
    $ migrate deploy -v
    --- stderr
         main created database [database]
     applying 1 notice
              do $$ begin raise notice 'hello'; raise warning 'careful'; end $$;
       notice hello
      warning 1: careful
    --- stdout
      applied 1 notice  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn quiet_says_nothing() {
    assert_snapshot!(users_and_posts().run("deploy -q"), @"
    $ migrate deploy -q
    --- exit 0
    ");
}

#[test]
fn json_is_one_document() {
    let workspace = users_and_posts();
    assert_snapshot!(workspace.run("deploy --format json"), @r#"
    $ migrate deploy --format json
    --- stdout
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
              "version": "20240101000000"
            },
            {
              "duration_ms": 0,
              "name": "posts",
              "services": [
                "post"
              ],
              "version": "20240202000000"
            }
          ],
          "database": "main",
          "target": "postgres@[socket]:5432/[database]",
          "total_applied": 2
        }
      ],
      "dry_run": false,
      "format": 1,
      "outcome": "done"
    }
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("deploy --format json"), @r#"
    $ migrate deploy --format json
    --- stdout
    {
      "command": "deploy",
      "databases": [
        {
          "applied": [],
          "database": "main",
          "target": "postgres@[socket]:5432/[database]",
          "total_applied": 2
        }
      ],
      "dry_run": false,
      "format": 1,
      "outcome": "done"
    }
    --- exit 0
    "#);
}

#[test]
fn one_service_can_be_deployed_alone() {
    let workspace = users_and_posts();
    assert_snapshot!(workspace.run("deploy --service auth"), @"
    $ migrate deploy --service auth
    --- stderr
         main created database [database]
    --- stdout
      applied 20240101000000 users  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status --service auth"), @"
    $ migrate status --service auth
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
         main  1 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
}

#[test]
fn production_asks_and_a_pipe_cannot_answer() {
    let workspace = users_and_posts();
    let url = [("DATABASE_URL", workspace.database().url())];
    workspace.run("db create").success();
    assert_snapshot!(workspace.run_with("deploy:prod", &url), @"
    $ migrate deploy:prod
    --- stderr
      pending 20240101000000 users  auth
      pending 20240202000000 posts  post
    error[confirm]: deploying to production needs a yes, and nobody is there to ask
     |
     = state: nothing was touched
     = next: add `--yes` if that is what you want
    --- exit 2
    ");
    assert_snapshot!(workspace.run_with("deploy:prod --yes", &url), @"
    $ migrate deploy:prod --yes
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run_with("deploy:prod", &url), @"
    $ migrate deploy:prod
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
}

#[test]
fn production_takes_no_variable_from_the_local_file() {
    assert_snapshot!(users_and_posts().run("deploy:prod --yes"), @r#"
    $ migrate deploy:prod --yes
    --- stderr
    error[settings]: variable `DATABASE_URL` is not set
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^ asked for here
      |
      = state: not in the process's variables, and there is no `.env.prod`
      = next: write `DATABASE_URL=...` into `.env.prod`, or export it
    --- exit 2
    "#);
}

#[test]
fn an_older_release_on_a_newer_database_is_a_warning() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.remove_migration("20240202000000_posts");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
      warning main is ahead of these files by 1 migration, up to 20240202000000: an older release?
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status --exit-code"), @"
    $ migrate status --exit-code
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
        ahead  20240202000000  posts  post  [moment] [time]
         main  1 applied, 1 ahead (postgres@[socket]:5432/[database])
    --- exit 0
    ");
}

#[test]
fn a_migration_that_comes_late_is_applied_with_a_warning() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.migration(
        "20240115000000_late",
        "create table late ();",
        "drop table late;",
    );
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      pending  20240115000000  late   auth
               older than the newest applied one
      applied  20240202000000  posts  post  [moment] [time]
         main  2 applied, 1 pending (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
      warning 20240115000000 late came late: newer ones were applied to main before it
    --- stdout
      applied 20240115000000 late  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn extensions_and_schemas_are_created_once() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\
         extensions = [\"citext\"]\nschemas = [\"My Schema\"]\n",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
         main created schema My Schema
         main created extension citext
    --- stdout
         done nothing pending in main; no migration is applied
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
         done nothing pending in main; no migration is applied
    --- exit 0
    ");
}

#[test]
fn outside_a_transaction_every_statement_is_kept_and_a_rerun_goes_on() {
    let workspace = workspace();
    let metadata = "run_in_transaction = false\nservices = [\"auth\"]\n";
    let up = |last: &str| {
        format!(
            "create table a (id int);\ninsert into a values (1);\n\
             create index concurrently a_id on a (id);\nvacuum a;\n{last};\n"
        )
    };
    workspace.migration_with("1_alone", &up("select 1 / 0"), "drop table a;", metadata);
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 1_alone failed
     --> migrations/1_alone/up.sql:5:1
      |
    5 | select 1 / 0;
      | ^^^^^^^^^^^^ division by zero (SQLSTATE 22012)
      |
      = state: 4 of 5 statements are done for good, a rerun goes on after them; no migration is applied
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    ");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
       failed  1  alone  auth  [moment] [time]
               stopped after 4 statements; division by zero (SQLSTATE 22012)
         main  1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");

    workspace.migration_with("1_alone", &up("select 1"), "drop table a;", metadata);
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
      applied 1 alone  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    let rows = workspace.database().value("select count(*) from a");
    assert_eq!(rows.as_deref(), Some("1"), "the insert ran once");
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stdout
     reverted 1 alone  auth [time]
         done 1 migration reverted in main in [time]
    --- exit 0
    ");
}
