//! `migrate resolve`: what a person says of a migration.
mod states;

use insta::assert_snapshot;
use testkit::{Run, Workspace};

use crate::users_and_posts;

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

/// What the ledger keeps of a version: one line for each row.
fn rows(workspace: &Workspace, version: &str) -> String {
    let sql = format!(
        "select pg_catalog.string_agg(pg_catalog.concat_ws(' ', direction, state, \
           'by_hand=' || by_hand, 'in_place=' || (in_place_of is not null)), E'\\n' order by id) \
         from __migrate_ledger where version = '{version}'"
    );
    let kept = workspace
        .database()
        .value("select to_regclass('__migrate_ledger')::text");
    let rows = kept.and_then(|_| workspace.database().value(&sql));
    rows.unwrap_or_default()
}

/// Whether Diesel's own tool takes a version for applied.
fn in_diesel(workspace: &Workspace, version: &str) -> bool {
    let sql = format!("select 1 from __diesel_schema_migrations where version = '{version}'");
    workspace.database().value(&sql).is_some()
}

/// Two applied migrations and one that stopped after the first of its two statements.
fn half_done() -> (Workspace, Run) {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20240303000000_half",
        "create table half ();\nselect 1 / 0;\n",
        "drop table half;\n",
        OUTSIDE,
    );
    let run = workspace.run("deploy");
    assert_eq!(run.code(), 1, "{run}");
    (workspace, run)
}

#[test]
fn applied_is_recorded_and_nothing_is_run() {
    let workspace = users_and_posts();
    workspace.run("deploy --to 20240101000000").success();
    workspace
        .database()
        .execute("create table posts (id int primary key)");
    assert_snapshot!(workspace.run("resolve --applied 20240202000000 --dry-run"), @"
    $ migrate resolve --applied 20240202000000 --dry-run
    --- stdout
      dry run 20240202000000_posts would count as applied to main; nothing of it would be run; nothing was touched
    --- exit 0
    ");
    assert!(!in_diesel(&workspace, "20240202000000"));
    assert_snapshot!(workspace.run("resolve --applied 20240202000000_posts"), @"
    $ migrate resolve --applied 20240202000000_posts
    --- stdout
     resolved 20240202000000_posts counts as applied to main; nothing of it is run
    --- exit 0
    ");
    assert!(in_diesel(&workspace, "20240202000000"));
    assert_snapshot!(rows(&workspace, "20240202000000"), @"up applied by_hand=applied in_place=false");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      applied  20240202000000  posts  post  [moment]
               applied by hand
         main  2 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("history"), @"
    $ migrate history
    --- stdout
      applied [moment]  20240101000000_users [time]  postgres@[host]  migrate [version]
      applied [moment]  20240202000000_posts  by hand  postgres@[host]  migrate [version]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
    // What was kept of it serves the way back.
    workspace.run("revert").success();
    assert!(!in_diesel(&workspace, "20240202000000"));
}

#[test]
fn rolled_back_lets_it_begin_anew() {
    let (workspace, failed) = half_done();
    assert_snapshot!(failed, @"
    $ migrate deploy
    --- stderr
         main created database [database]
    error[sql]: migration 20240303000000_half failed
     --> migrations/20240303000000_half/up.sql:2:1
      |
    2 | select 1 / 0;
      | ^^^^^^^^^^^^ division by zero (SQLSTATE 22012)
      |
      = state: 1 of 2 statements are done for good, a rerun goes on after them; 2 migrations stay applied
      = next: fix up.sql, then `migrate deploy`
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
    --- exit 1
    ");
    workspace.database().execute("drop table half");
    assert_snapshot!(workspace.run("resolve --rolled-back 20240303000000"), @"
    $ migrate resolve --rolled-back 20240303000000
    --- stdout
     resolved 20240303000000_half counts as not applied to main; the next deploy runs all of it, the 1 statement done before included
    --- exit 0
    ");
    assert_snapshot!(rows(&workspace, "20240303000000"), @"
    up failed in_place=false
    down reverted by_hand=rolled_back in_place=false
    ");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      applied  20240202000000  posts  post  [moment] [time]
      pending  20240303000000  half   auth
         main  2 applied, 1 pending (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.migration_with(
        "20240303000000_half",
        "create table half ();\nselect 1;\n",
        "drop table half;\n",
        OUTSIDE,
    );
    workspace.run("deploy").success();
    assert!(in_diesel(&workspace, "20240303000000"));
    let half = workspace.database().value("select 'half'::regclass");
    assert_eq!(half.as_deref(), Some("half"));
}

#[test]
fn a_half_done_one_may_be_finished_by_hand() {
    let (workspace, _) = half_done();
    assert_snapshot!(workspace.run("resolve --applied 20240303000000"), @"
    $ migrate resolve --applied 20240303000000
    --- stdout
     resolved 20240303000000_half counts as applied to main; nothing of it is run
    --- exit 0
    ");
    assert_snapshot!(rows(&workspace, "20240303000000"), @"
    up failed in_place=false
    up applied by_hand=applied in_place=false
    ");
    assert!(in_diesel(&workspace, "20240303000000"));
    workspace.run("status --exit-code").success();
}

#[test]
fn retry_runs_only_that_one_and_goes_on_where_it_stopped() {
    let (workspace, _) = half_done();
    workspace.migration("20240404000000_after", "create table after ();", "");
    assert_eq!(
        workspace.run("resolve --retry 20240303000000").code(),
        1,
        "the file is as it was"
    );
    workspace.migration_with(
        "20240303000000_half",
        "create table half ();\nselect 1;\n",
        "drop table half;\n",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("resolve --retry 20240303000000 --dry-run"), @"
    $ migrate resolve --retry 20240303000000 --dry-run
    --- stdout
      pending 20240303000000 half  auth  (outside a transaction, 1 statement is done)
      dry run 1 migration would be applied to main; nothing was touched
    --- exit 0
    ");
    assert_snapshot!(workspace.run("resolve --retry 20240303000000"), @"
    $ migrate resolve --retry 20240303000000
    --- stdout
      applied 20240303000000 half  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      applied  20240202000000  posts  post  [moment] [time]
      applied  20240303000000  half   auth  [moment] [time]
      pending  20240404000000  after  auth
         main  3 applied, 1 pending (postgres@[socket]:5432/[database])
    --- exit 0
    ");
}

#[test]
fn an_edit_is_accepted_with_its_text() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let edited = "create table users (id int primary key, name text);\n";
    workspace.migration("20240101000000_users", edited, "drop table users;\n");
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
    assert_snapshot!(workspace.run("resolve --accept-modified 20240101000000 --dry-run"), @"
    $ migrate resolve --accept-modified 20240101000000 --dry-run
    --- stdout
       edited --- applied
              +++ migrations/20240101000000_users/up.sql
              @@ -1 +1 @@
              -create table users (id int primary key, name text not null);
              +create table users (id int primary key, name text);
      dry run 20240101000000_users would count as applied to main with the text that it has now; nothing was touched
    --- exit 0
    ");
    assert_eq!(workspace.run("deploy").code(), 4);
    assert_snapshot!(workspace.run("resolve --accept-modified 20240101000000"), @"
    $ migrate resolve --accept-modified 20240101000000
    --- stdout
     resolved 20240101000000_users counts as applied to main with the text that it has now
    --- exit 0
    ");
    assert_snapshot!(rows(&workspace, "20240101000000"), @"
    up applied in_place=false
    up applied by_hand=accepted in_place=true
    ");
    let kept = "select up_sql from __migrate_ledger where version = '20240101000000' \
                order by id desc limit 1";
    assert_eq!(workspace.database().value(kept).as_deref(), Some(edited));
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment]
               edited and accepted
      applied  20240202000000  posts  post  [moment] [time]
         main  2 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.run("deploy").success();
    // It is still the first that was applied, not the last.
    assert_snapshot!(workspace.run("revert --dry-run"), @"
    $ migrate revert --dry-run
    --- stdout
       revert 20240202000000 posts  post
      dry run 1 migration would be reverted in main; nothing was touched
    --- exit 0
    ");
    // The next edit is one of what was accepted.
    workspace.migration("20240101000000_users", "select 1;\n", "");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[modified]: 20240101000000_users was edited after it was applied to main
     |
     = diff: 
             --- applied
             +++ migrations/20240101000000_users/up.sql
             @@ -1 +1 @@
             -create table users (id int primary key, name text);
             +select 1;
     = state: nothing was applied
     = next: put the file back as it was, and write the change as a new migration: `migrate new NAME`; if the edit shall stay: `migrate resolve --accept-modified 20240101000000`
    --- exit 4
    ");
}

#[test]
fn production_is_shown_what_is_recorded_and_asked() {
    let workspace = users_and_posts();
    let url = format!("DATABASE_URL='{}'\n", workspace.database().url());
    workspace.write(".env.prod", &url);
    workspace.run("deploy").success();
    workspace.migration("20240101000000_users", "create table users ();\n", "");
    let line = "resolve --env prod --accept-modified 20240101000000";
    assert_snapshot!(workspace.run(line), @"
    $ migrate resolve --env prod --accept-modified 20240101000000
    --- stderr
       edited --- applied
              +++ migrations/20240101000000_users/up.sql
              @@ -1 +1 @@
              -create table users (id int primary key, name text not null);
              +create table users ();
      resolve 20240101000000_users would count as applied to main with the text that it has now
    error[confirm]: resolving in production needs a yes, and nobody is there to ask
     |
     = state: nothing was touched
     = next: add `--yes` if that is what you want
    --- exit 2
    ");
    workspace.run(&format!("{line} --yes")).success();
    workspace.run("status --exit-code").success();
}

#[test]
fn json_says_how_it_stood_and_stands() {
    let (workspace, _) = half_done();
    assert_snapshot!(
        workspace.run("resolve --rolled-back 20240303000000 --format json"), @r#"
    $ migrate resolve --rolled-back 20240303000000 --format json
    --- stdout
    {
      "becomes": "pending",
      "command": "resolve",
      "database": "main",
      "dry_run": false,
      "format": 1,
      "name": "half",
      "outcome": "done",
      "resolution": "rolled_back",
      "services": [
        "auth"
      ],
      "statements_done": 1,
      "version": "20240303000000",
      "was": "failed"
    }
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("resolve --applied 20240101000000 --format json"), @r#"
    $ migrate resolve --applied 20240101000000 --format json
    --- stdout
    {
      "command": "resolve",
      "errors": [
        {
          "code": "resolve",
          "message": "20240101000000_users is applied to main already",
          "next": "nothing has to be done; `migrate status` shows how it stands",
          "state": "nothing was touched"
        }
      ],
      "format": 1,
      "outcome": "failed"
    }
    --- exit 2
    "#);
    workspace.run("resolve --applied 20240303000000").success();
    workspace.migration_with("20240303000000_half", "select 2;\n", "", OUTSIDE);
    let line = "resolve --accept-modified 20240303000000 --format json";
    assert_snapshot!(workspace.run(line), @r#"
    $ migrate resolve --accept-modified 20240303000000 --format json
    --- stdout
    {
      "becomes": "applied",
      "command": "resolve",
      "database": "main",
      "dry_run": false,
      "edit": {
        "applied": "create table half ();\nselect 1 / 0;\n",
        "file": "migrations/20240303000000_half/up.sql",
        "present": "select 2;\n"
      },
      "format": 1,
      "name": "half",
      "outcome": "done",
      "resolution": "accept_modified",
      "services": [
        "auth"
      ],
      "statements_done": 0,
      "version": "20240303000000",
      "was": "modified"
    }
    --- exit 0
    "#);
}

#[test]
fn a_stopped_revert_is_settled_either_way() {
    for (option, stands) in [("--applied", true), ("--rolled-back", false)] {
        let workspace = users_and_posts();
        workspace.migration_with(
            "20240303000000_half",
            "create table half ();\n",
            "drop table half;\nselect 1 / 0;\n",
            OUTSIDE,
        );
        workspace.run("deploy").success();
        assert_eq!(workspace.run("revert").code(), 1);
        workspace
            .run(&format!("resolve {option} 20240303000000"))
            .success();
        assert_eq!(in_diesel(&workspace, "20240303000000"), stands);
        let status = workspace.run("status").stdout();
        assert!(!status.contains("revert failed"), "{status}");
        assert!(
            status.contains(if stands { "3 applied" } else { "1 pending" }),
            "{status}"
        );
    }
}

#[test]
fn what_a_folder_that_is_gone_left_is_settled_too() {
    let (workspace, _) = half_done();
    workspace.remove_migration("20240303000000_half");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      applied  20240202000000  posts  post  [moment] [time]
       failed  20240303000000  half   auth  [moment] [time]
               stopped after 1 statement; division by zero (SQLSTATE 22012); its folder is gone
         main  2 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("resolve --retry 20240303000000"), @"
    $ migrate resolve --retry 20240303000000
    --- stderr
    error[resolve]: 20240303000000_half is not applied to main, and its folder is gone
     |
     = state: nothing was touched
     = next: get the folder back from version control; or undo by hand what was done of it, then `migrate resolve --rolled-back 20240303000000`
    --- exit 2
    ");
    assert_snapshot!(workspace.run("resolve --rolled-back 20240303000000"), @"
    $ migrate resolve --rolled-back 20240303000000
    --- stdout
     resolved 20240303000000_half counts as not applied to main; its folder is gone
    --- exit 0
    ");
    workspace.run("status --exit-code").success();
    assert!(!workspace.run("status").stdout().contains("half"));
}

#[test]
fn a_hole_is_closed_when_it_was_undone_by_hand() {
    let workspace = users_and_posts();
    workspace.migration(
        "20240115000000_gone",
        "create table gone ();",
        "drop table gone;",
    );
    workspace.run("deploy").success();
    workspace.remove_migration("20240115000000_gone");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[missing]: 1 migration is applied to main but not on disk, and later ones are
     |
     = missing: 20240115000000_gone
     = state: nothing was applied
     = next: get the folders back from version control: the history is never shortened; if all that it did was undone by hand: `migrate resolve --rolled-back 20240115000000`
    --- exit 4
    ");
    workspace.database().execute("drop table gone");
    assert_snapshot!(workspace.run("resolve --rolled-back 20240115000000"), @"
    $ migrate resolve --rolled-back 20240115000000
    --- stdout
     resolved 20240115000000_gone counts as not applied to main; its folder is gone
    --- exit 0
    ");
    assert!(!in_diesel(&workspace, "20240115000000"));
    workspace.run("status --exit-code").success();
}

#[test]
fn two_at_once_record_it_once() {
    let (workspace, _) = half_done();
    let spawn = || {
        let mut command = workspace.command();
        command.args(["resolve", "--applied", "20240303000000"]);
        command.output().expect("the binary runs")
    };
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(spawn)).collect();
        let all = all.into_iter().map(|one| one.join().expect("no panic"));
        all.map(|output| output.status.code().unwrap_or(-1))
            .collect()
    });
    assert_eq!(
        codes.iter().filter(|code| **code == 0).count(),
        1,
        "{codes:?}"
    );
    let said = "select count(*)::text from __migrate_ledger where by_hand is not null";
    assert_eq!(workspace.database().value(said).as_deref(), Some("1"));
}
