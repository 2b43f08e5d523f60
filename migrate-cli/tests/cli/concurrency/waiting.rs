//! Who waits says for whom, and no longer than it was told to.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use migrate_postgres::target::Target;
use testkit::Workspace;

use super::{LOCKED, Said, spawn, until, until_waiting};
use crate::workspace;

/// The key of the lock of a ledger in `public`.
const TAKE: &str = "select pg_advisory_lock(116544403990097310)";

/// A database in which something is pending.
fn pending() -> Workspace {
    let workspace = workspace();
    workspace.migration("1_a", "create table a ();", "drop table a;");
    workspace.run("db create").success();
    workspace
}

#[test]
fn whoever_waits_says_for_whom() {
    let workspace = workspace();
    let wait = until_waiting(1);
    workspace.migration("1_slow", &format!("do $$ begin {wait} end $$;"), "");
    workspace.run("db create").success();
    let first = spawn(&workspace, "deploy");
    until(&workspace, LOCKED);
    let told = workspace.run("deploy");
    assert_eq!(Said::of(first).applied(), 1);
    assert_snapshot!(told, @"
    $ migrate deploy
    --- stderr
         main waiting for migrate [pid]@[host] as postgres (server process [pid]), connected since [moment]
    --- stdout
         done nothing pending in main; 1 migration is applied
    --- exit 0
    ");
}

#[test]
fn no_wait_means_none() {
    let workspace = pending();
    let mut holder = workspace.database().session();
    holder.execute(TAKE).expect("nobody has it");
    let before = Instant::now();
    assert_snapshot!(workspace.run("deploy --lock-wait 0"), @"
    $ migrate deploy --lock-wait 0
    --- stderr
    error[locked]: another deploy holds the lock of database main
     |
     = holder: migrate as postgres on the server's machine (server process [pid]), connected since [moment]
     = state: nothing was touched in main; did not wait
     = next: run it again when the other is done; `--lock-wait` waits longer
             if the other will never be done: `select pg_terminate_backend([pid])` ends it
    --- exit 1
    ");
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(workspace.database().value("select to_regclass('a')"), None);
}

#[test]
fn a_wait_has_an_end() {
    let workspace = pending();
    let mut holder = workspace.database().session();
    holder
        .execute(&format!("set application_name = ''; {TAKE}"))
        .expect("nobody has it");
    let before = Instant::now();
    assert_snapshot!(workspace.run("deploy --lock-wait 1s"), @"
    $ migrate deploy --lock-wait 1s
    --- stderr
         main waiting for an unnamed program as postgres on the server's machine (server process [pid]), connected since [moment]
    error[locked]: another deploy holds the lock of database main
     |
     = holder: an unnamed program as postgres on the server's machine (server process [pid]), connected since [moment]
     = state: nothing was touched in main; waited [time]
     = next: run it again when the other is done; `--lock-wait` waits longer
             if the other will never be done: `select pg_terminate_backend([pid])` ends it
    --- exit 1
    ");
    assert!(before.elapsed() >= Duration::from_secs(1));
    drop(holder);
    workspace.run("deploy --lock-wait 1s").success();
    let mut holder = workspace.database().session();
    holder.execute(TAKE).expect("nobody has it");
    assert_snapshot!(workspace.run("revert --lock-wait 0"), @"
    $ migrate revert --lock-wait 0
    --- stderr
    error[locked]: another deploy holds the lock of database main
     |
     = holder: migrate as postgres on the server's machine (server process [pid]), connected since [moment]
     = state: nothing was touched in main; did not wait
     = next: run it again when the other is done; `--lock-wait` waits longer
             if the other will never be done: `select pg_terminate_backend([pid])` ends it
    --- exit 1
    ");
}

/// Of other roles' sessions the server tells an ordinary role no more than these.
#[test]
fn an_ordinary_role_is_told_what_it_may_know() {
    let workspace = pending();
    let database = workspace.database();
    let role = format!("{}_deployer", database.name());
    database.execute(&format!(
        "create role {role} login; grant create on schema public to {role}"
    ));
    let mut holder = database.session();
    holder
        .execute(&format!("set application_name = 'psql'; {TAKE}"))
        .expect("nobody has it");
    let url = Target::parse(database.url())
        .expect("a URL")
        .with("user", &role);
    let url = url.url().reveal().to_owned();
    let told = workspace.run_with("deploy --lock-wait 0", &[("DATABASE_URL", &url)]);
    database.execute(&format!("drop owned by {role}; drop role {role}"));
    assert_snapshot!(told, @"
    $ migrate deploy --lock-wait 0
    --- stderr
    error[locked]: another deploy holds the lock of database main
     |
     = holder: psql as postgres (server process [pid])
     = state: nothing was touched in main; did not wait
     = next: run it again when the other is done; `--lock-wait` waits longer
             if the other will never be done: `select pg_terminate_backend([pid])` ends it
    --- exit 1
    ");
}
