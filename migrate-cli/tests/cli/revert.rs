use insta::assert_snapshot;

use crate::{users_and_posts, workspace};

#[test]
fn the_last_applied_is_reverted_not_the_highest_version() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.migration(
        "20240115000000_late",
        "create table late ();",
        "drop table late;",
    );
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert --dry-run"), @"
    $ migrate revert --dry-run
    --- stdout
       revert 20240115000000 late  auth
      dry run 1 migration would be reverted in main; nothing was touched
    --- exit 0
    ");
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stdout
     reverted 20240115000000 late  auth [time]
         done 1 migration reverted in main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("revert --steps 5"), @"
    $ migrate revert --steps 5
    --- stdout
     reverted 20240202000000 posts  post [time]
     reverted 20240101000000 users  auth [time]
         done 2 migrations reverted in main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[revert]: nothing is applied to database main
     |
     = state: nothing was reverted
     = next: `migrate status` shows what is applied
    --- exit 1
    ");
}

#[test]
fn to_keeps_the_version_it_names() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert --to 20240101000000"), @"
    $ migrate revert --to 20240101000000
    --- stdout
     reverted 20240202000000 posts  post [time]
         done 1 migration reverted in main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("revert --to 20240101000000"), @"
    $ migrate revert --to 20240101000000
    --- stdout
         done nothing to revert in main
    --- exit 0
    ");
    assert_snapshot!(workspace.run("revert --to 20990101000000"), @"
    $ migrate revert --to 20990101000000
    --- stderr
    error[version]: version 20990101000000 is not applied
     |
     = hint: did you mean 20240101000000?
     = state: nothing was touched
     = next: `migrate status` lists the versions
    --- exit 2
    ");
}

#[test]
fn one_services_last_migration_is_reverted() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert --service auth"), @"
    $ migrate revert --service auth
    --- stderr
    error[revert]: 20240101000000_users is built upon: 20240202000000_posts was applied to main after it and would stay, and both touch table users
     --> migrations/20240101000000_users/down.sql:1:12
      |
    1 | drop table users;
      |            ^^^^^ would be reverted, to drop it
      |
      = applied: migrations/20240202000000_posts/up.sql:1:72, to refer to it
      = state: nothing was reverted
      = next: `migrate revert --database main --steps 2` takes back 20240101000000_users and what came after it; or write a new migration that undoes what has to go
    --- exit 1
    ");
    workspace.run("revert --service post").success();
    assert_snapshot!(workspace.run("revert --service auth"), @"
    $ migrate revert --service auth
    --- stdout
     reverted 20240101000000 users  auth [time]
         done 1 migration reverted in main in [time]
    --- exit 0
    ");
}

#[test]
fn what_is_gone_from_disk_is_reverted_from_the_ledger() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.remove_migration("20240202000000_posts");
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stdout
     reverted 20240202000000 posts  post [time]
         done 1 migration reverted in main in [time]
    --- exit 0
    ");
    assert_eq!(
        workspace.database().value("select to_regclass('posts')"),
        None
    );
}

#[test]
fn what_is_gone_from_disk_is_reverted_outside_a_transaction_if_it_was_applied_so() {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20240303000000_index",
        "create index concurrently by_name on users (name);\n",
        "drop index concurrently by_name;\n",
        "run_in_transaction = false\nservices = [\"auth\"]\n",
    );
    workspace.run("deploy").success();
    workspace.remove_migration("20240303000000_index");
    assert_snapshot!(workspace.run("revert --dry-run"), @"
    $ migrate revert --dry-run
    --- stdout
       revert 20240303000000 index  auth  (outside a transaction)
      dry run 1 migration would be reverted in main; nothing was touched
    --- exit 0
    ");
    workspace.run("revert").success();
    let index = workspace.database().value("select to_regclass('by_name')");
    assert_eq!(index, None);
    workspace.run("status --exit-code").success();
}

/// An older release rolled back to: first its warning, then the way back without the new files.
#[test]
fn an_older_release_can_take_a_newer_one_back() {
    let workspace = users_and_posts();
    workspace.migration(
        "20240303000000_tags",
        "create table tags (owner int references users);\n",
        "drop table tags;\n",
    );
    workspace.run("deploy").success();
    workspace.remove_migration("20240303000000_tags");
    workspace.remove_migration("20240202000000_posts");
    let ahead = workspace.run("deploy").success();
    assert!(
        ahead.stderr().contains("ahead of these files by 2"),
        "{ahead}"
    );
    assert_snapshot!(workspace.run("revert --to 20240101000000"), @"
    $ migrate revert --to 20240101000000
    --- stdout
     reverted 20240303000000 tags   auth [time]
     reverted 20240202000000 posts  post [time]
         done 2 migrations reverted in main in [time]
    --- exit 0
    ");
    let run = workspace.run("deploy").success();
    assert!(!run.stderr().contains("warning"), "{run}");
}

#[test]
fn a_down_sql_whose_password_was_not_kept_is_not_run() {
    let workspace = users_and_posts();
    workspace.migration(
        "20250101000000_role",
        "select 1;",
        "do $$ begin execute 'alter role nobody password ''hunter2'' '; end $$;",
    );
    workspace.run("deploy").success();
    workspace.remove_migration("20250101000000_role");
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[revert]: migration 20250101000000_role of database main cannot be reverted from the ledger: its `down.sql` held a password, and passwords are not kept
     |
     = state: nothing was reverted
     = next: get `migrations/20250101000000_role` back from version control, then `migrate revert`
    --- exit 1
    ");
    assert_eq!(workspace.run("revert --dry-run").code(), 1);
}

#[test]
fn no_step_at_all_is_a_mistake() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    for line in ["revert --steps 0", "redo --steps 0"] {
        let run = workspace.run(line);
        assert_eq!(run.code(), 2, "{run}");
        assert!(run.stderr().contains("--steps"), "{run}");
    }
}

#[test]
fn without_down_sql_nothing_is_reverted() {
    let workspace = users_and_posts();
    std::fs::remove_file(workspace.path("migrations/20240202000000_posts/down.sql"))
        .expect("it was there");
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[revert]: migration 20240202000000_posts of database main cannot be reverted: it has no `down.sql`
     |
     = state: nothing was reverted
     = next: write `migrations/20240202000000_posts/down.sql`
    --- exit 1
    ");
}

#[test]
fn redo_applies_it_again() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("redo --steps 2"), @"
    $ migrate redo --steps 2
    --- stdout
     reverted 20240202000000 posts  post [time]
     reverted 20240101000000 users  auth [time]
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
         done 2 migrations redone in main in [time]
    --- exit 0
    ");
}

#[test]
fn reset_builds_the_database_again() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace
        .database()
        .execute("insert into users values (1, 'a')");
    assert_snapshot!(workspace.run("reset"), @"
    $ migrate reset
    --- stderr
    error[confirm]: resetting a database needs a yes, and nobody is there to ask
     |
     = state: nothing was touched
     = next: add `--yes` if that is what you want
    --- exit 2
    ");
    assert_snapshot!(workspace.run("reset --yes"), @"
    $ migrate reset --yes
    --- stderr
         main created database [database]
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    let users = workspace.database().value("select count(*) from users");
    assert_eq!(users.as_deref(), Some("0"));
}

#[test]
fn reset_and_drop_refuse_production_whatever_is_passed() {
    let workspace = users_and_posts();
    let url = [("DATABASE_URL", workspace.database().url())];
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run_with("reset --yes --env prod", &url), @"
    $ migrate reset --yes --env prod
    --- stderr
    error[refused]: `reset` does not run with `--env prod`
     |
     = state: nothing was touched
     = next: to undo a migration: `migrate revert --env prod`; to go back to a dump: restore it
    --- exit 2
    ");
    assert_snapshot!(workspace.run_with("db drop --yes --env prod", &url), @"
    $ migrate db drop --yes --env prod
    --- stderr
    error[refused]: `db drop` does not run with `--env prod`
     |
     = state: nothing was touched
     = next: if a production database has to go, drop it by hand, knowingly
    --- exit 2
    ");
    assert_snapshot!(workspace.run_with("revert --env prod", &url), @"
    $ migrate revert --env prod
    --- stderr
    error[confirm]: reverting in production needs a yes, and nobody is there to ask
     |
     = state: nothing was touched
     = next: add `--yes` if that is what you want
    --- exit 2
    ");
    assert!(
        workspace
            .database()
            .value("select to_regclass('users')")
            .is_some()
    );
}

#[test]
fn reset_keeps_the_data_when_the_history_cannot_be_read() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.write("migrations/20260101000000_broken/notes.txt", "");
    assert_eq!(workspace.run("reset --yes").code(), 2);
    assert!(
        workspace
            .database()
            .value("select to_regclass('users')")
            .is_some()
    );
}

#[test]
fn a_failing_down_is_rolled_back() {
    let workspace = workspace();
    workspace.migration(
        "1_a",
        "create table a ();",
        "drop table a;\ndrop table b;\n",
    );
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert"), @r#"
    $ migrate revert
    --- stderr
    error[sql]: migration 1_a could not be reverted
     --> migrations/1_a/down.sql:2:1
      |
    2 | drop table b;
      | ^^^^^^^^^^^^ table "b" does not exist (SQLSTATE 42P01)
      |
      = state: rolled back; it stays applied
      = next: fix down.sql, then `migrate revert`
    --- exit 1
    "#);
    assert!(
        workspace
            .database()
            .value("select to_regclass('a')")
            .is_some()
    );
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
               the last revert failed: table "b" does not exist (SQLSTATE 42P01)
         main  1 applied (postgres@[socket]:5432/[database])
    --- exit 0
    "#);
}
