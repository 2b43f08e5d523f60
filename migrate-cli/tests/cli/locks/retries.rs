//! What is tried again, and how that ends.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use super::{Deploy, WAITING, reader, until_found, with_table};

#[test]
fn a_deadlock_is_tried_again() {
    let workspace = with_table("");
    let database = workspace.database();
    database.execute("create table z ()");
    workspace.migration(
        "2_c",
        "alter table a add column c int;\nlock table z;\n",
        "",
    );
    let mut application = database.session();
    application
        // Whoever notices first gives up, and that shall be the deploy.
        .execute("set deadlock_timeout = '1min'; begin; lock table z in access share mode")
        .expect("the application begins");
    let deploy = Deploy::start(&workspace);
    until_found(&workspace, WAITING);
    application
        .execute("select * from a; commit")
        .expect("the application is not the one that gives up");
    let told = deploy.succeeds();
    assert!(
        told.contains("2 c was in a deadlock (try 1 of 6)"),
        "{told}"
    );
}

#[test]
fn a_conflict_of_a_strict_isolation_is_tried_again() {
    let workspace = with_table("");
    workspace.migration(
        "2_c",
        "set transaction isolation level repeatable read;\nupdate a set b = b + 10;\n",
        "",
    );
    let database = workspace.database();
    let mut application = database.session();
    application
        .execute("begin; update a set b = b + 1")
        .expect("the application writes");
    let deploy = Deploy::start(&workspace);
    until_found(&workspace, WAITING);
    application.execute("commit").expect("the application ends");
    let told = deploy.succeeds();
    assert!(
        told.contains("2 c met others who changed the same rows (try 1 of 6)"),
        "{told}"
    );
    assert_eq!(database.value("select b from a").as_deref(), Some("12"));
}

#[test]
fn a_signal_ends_the_pause_between_two_tries() {
    let workspace = with_table("lock_timeout = \"50ms\"");
    workspace.migration("2_c", "alter table a add column c int;", "");
    let _application = reader(&workspace);
    let deploy = Deploy::start(&workspace);
    // What follows is a pause of four seconds.
    deploy.says("(try 4 of 6)");
    let asked = Instant::now();
    kill(deploy.pid(), Signal::SIGINT).expect("it runs");
    let (status, told) = deploy.ends();
    assert_eq!(status.code(), Some(130), "{told}");
    assert!(asked.elapsed() < Duration::from_secs(2), "{told}");
    assert!(
        told.contains("interrupted at migration 2_c") && told.contains("state: rolled back"),
        "{told}"
    );
}

/// A pause is no transaction: the application's queries that queued run.
#[test]
fn nothing_is_held_between_two_tries() {
    let workspace = with_table("lock_timeout = \"50ms\"");
    workspace.migration(
        "2_c",
        "create table c ();\nalter table a add column c int;\n",
        "",
    );
    let mut application = reader(&workspace);
    let deploy = Deploy::start(&workspace);
    deploy.says("(try 3 of 6)");
    let held = "select count(*) from pg_locks l join pg_stat_activity s using (pid) \
                where s.datname = current_database() and s.application_name like 'migrate %' \
                and l.locktype <> 'advisory'";
    assert_eq!(workspace.database().value(held).as_deref(), Some("0"));
    application.execute("commit").expect("the application ends");
    deploy.succeeds();
}
