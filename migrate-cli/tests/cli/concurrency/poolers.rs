//! PgBouncer in a mode in which sessions are shared: the lock would not hold, and this is said
//! before anything is touched. What only looks works.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use insta::assert_snapshot;
use migrate_postgres::target::Target;
use migrate_postgres::{Session, database_exists};
use testkit::{Pooler, Run, Workspace};

use super::LOCKED;
use crate::workspace;

/// A database in which one migration is applied and one is not.
fn half_applied() -> Workspace {
    let workspace = workspace();
    workspace.migration("1_a", "create table a ();", "drop table a;");
    workspace.run("deploy").success();
    workspace.migration("2_b", "create table b ();", "drop table b;");
    workspace
}

/// Runs a command through a pooler.
fn run(workspace: &Workspace, pooler: &Pooler, line: &str) -> Run {
    let url = pooler.url(workspace.database());
    let run = workspace.run_with(line, &[("DATABASE_URL", &url)]);
    run.hiding(&pooler.folder(), "[pooler]")
}

/// Nothing was changed, and no lock was left in a session of the pooler.
#[track_caller]
fn untouched(workspace: &Workspace) {
    let database = workspace.database();
    assert_eq!(database.value(LOCKED).as_deref(), Some("0"));
    let rows = "select count(*) from __migrate_ledger";
    assert_eq!(database.value(rows).as_deref(), Some("1"));
    let tables = "select to_regclass('a') is not null and to_regclass('b') is null";
    assert_eq!(database.value(tables).as_deref(), Some("t"));
}

#[test]
fn transaction_mode_is_refused() {
    let workspace = half_applied();
    let pooler = Pooler::start("transaction", "");
    assert_snapshot!(run(&workspace, &pooler, "deploy"), @"
    $ migrate deploy
    --- stderr
    error[pooler]: a connection pooler in transaction mode stands before database main: the lock of a deploy would not hold
     |
     = pooler: postgres@[pooler]:6432/[database]
     = state: nothing was touched in main
     = next: let the URL of main name the server itself, past the pooler
             or, in PgBouncer, set `pool_mode = session` for this database or user, and reload
    --- exit 1
    ");
    for command in ["deploy:prod --yes", "up", "revert", "redo", "reset --yes"] {
        let run = run(&workspace, &pooler, command);
        assert_eq!(run.code(), 1, "{run}");
        assert!(run.stderr().contains("pool_mode = session"), "{run}");
        untouched(&workspace);
    }
}

#[test]
fn statement_mode_is_refused() {
    let workspace = half_applied();
    let pooler = Pooler::start("statement", "");
    assert_snapshot!(run(&workspace, &pooler, "deploy"), @"
    $ migrate deploy
    --- stderr
    error[pooler]: a connection pooler in statement mode stands before database main: the lock of a deploy would not hold
     |
     = pooler: postgres@[pooler]:6432/[database]
     = state: nothing was touched in main
     = next: let the URL of main name the server itself, past the pooler
             or, in PgBouncer, set `pool_mode = session` for this database or user, and reload
    --- exit 1
    ");
    untouched(&workspace);
}

#[test]
fn what_only_looks_works() {
    let workspace = half_applied();
    for mode in ["transaction", "statement"] {
        let pooler = Pooler::start(mode, "");
        for command in ["deploy --dry-run", "revert --dry-run", "history", "grants"] {
            run(&workspace, &pooler, command).success();
        }
        assert_eq!(run(&workspace, &pooler, "status --exit-code").code(), 3);
        // Nothing to do, nothing to lock.
        run(&workspace, &pooler, "deploy --to 1").success();
        untouched(&workspace);
    }
}

/// However the pooler chooses among its connections, and whatever others do with them.
#[test]
fn it_is_seen_in_any_pool() {
    let workspace = half_applied();
    for more in [
        "default_pool_size = 1",
        "server_round_robin = 1",
        "server_reset_query_always = 1",
        "application_name_add_host = 1",
    ] {
        let pooler = Pooler::start("transaction", more);
        for _ in 0..3 {
            let run = run(&workspace, &pooler, "deploy");
            assert!(run.stderr().contains("error[pooler]"), "{more}: {run}");
        }
    }
    untouched(&workspace);
}

#[test]
fn it_is_seen_in_the_bustle_of_others() {
    let workspace = half_applied();
    let pooler = Pooler::start("transaction", "default_pool_size = 5");
    let url = pooler.url(workspace.database());
    let target = Target::parse(&url).expect("a URL");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut application = Session::connect(&target).expect("there is room");
                while !over.load(Ordering::Relaxed) {
                    application
                        .execute("begin; select pg_sleep(0.002); commit")
                        .expect("the application works");
                }
            });
        }
        let runs: Vec<Run> = (0..10)
            .map(|_| run(&workspace, &pooler, "deploy"))
            .collect();
        over.store(true, Ordering::Relaxed);
        for run in runs {
            assert!(run.stderr().contains("error[pooler]"), "{run}");
        }
    });
    untouched(&workspace);
}

#[test]
fn a_database_is_not_created_to_be_refused() {
    let workspace = workspace();
    workspace.migration("1_a", "create table a ();", "drop table a;");
    let pooler = Pooler::start("transaction", "");
    let run = run(&workspace, &pooler, "deploy");
    assert!(run.stderr().contains("error[pooler]"), "{run}");
    assert!(!database_exists(workspace.database().target()).expect("the server answers"));
}

#[test]
fn a_parameter_that_it_refuses_is_named() {
    let workspace = half_applied();
    let with_options = |pooler: &Pooler| {
        let url = pooler.url(workspace.database());
        let url = format!("{url}&options=-c%20search_path%3Dpublic");
        let run = workspace.run_with("status", &[("DATABASE_URL", &url)]);
        run.hiding(&pooler.folder(), "[pooler]")
    };
    let pooler = Pooler::start("session", "");
    assert_snapshot!(with_options(&pooler), @r#"
    $ migrate status
    --- stderr
    error[connection]: cannot connect to database main at postgres@[pooler]:6432/[database]
     |
     = server: connection to server on socket "[pooler]/.s.PGSQL.6432" failed: FATAL:  unsupported startup parameter: options
     = state: nothing was touched
     = next: the pooler takes no `options`: remove it from the URL, and set what it sets for the role: `alter role ... set ...`
             or let PgBouncer leave it out: `ignore_startup_parameters = options`
             or let the URL name the server itself, past the pooler
    --- exit 1
    "#);
    let pooler = Pooler::start("session", "ignore_startup_parameters = options");
    with_options(&pooler).success();
}
