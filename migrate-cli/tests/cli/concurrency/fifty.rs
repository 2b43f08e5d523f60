//! Each migration once, however many ask.

use std::process::Child;

use migrate_postgres::target::Target;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use regex::Regex;
use testkit::{Pooler, Workspace};

use super::{
    LOCKED, OUTSIDE, Said, WAITERS, applied_once, spawn, spawn_with, until, until_waiting,
};
use crate::{users_and_posts, workspace};

/// A migration that leaves a row each time it runs.
fn leaves_a_row(workspace: &Workspace, number: usize, more: &str) {
    workspace.migration(
        &format!("{number}_step"),
        &format!("insert into runs values ({number});{more}"),
        "",
    );
}

#[test]
fn fifty_deploys_apply_each_migration_once_and_say_for_whom_they_waited() {
    let workspace = workspace();
    let wait = until_waiting(49);
    workspace.migration(
        "1_runs",
        &format!("create table runs (step int); do $$ begin {wait} end $$;"),
        "",
    );
    for number in 2..30 {
        leaves_a_row(&workspace, number, "");
    }
    workspace.migration_with(
        "30_outside",
        "insert into runs values (30);\nvacuum runs;\ninsert into runs values (31);\n",
        "",
        OUTSIDE,
    );
    workspace.run("db create").success();
    let deploys: Vec<Child> = (0..50).map(|_| spawn(&workspace, "deploy")).collect();
    let processes: Vec<u32> = deploys.iter().map(Child::id).collect();
    let said: Vec<Said> = deploys.into_iter().map(Said::of).collect();

    let worked = |said: &&Said| said.applied() > 0;
    assert_eq!(said.iter().filter(worked).count(), 1, "one does it all");
    assert_eq!(said.iter().map(Said::applied).sum::<usize>(), 30);
    applied_once(&workspace, 30);
    let steps = "select count(*) || ' ' || count(distinct step) from runs";
    assert_eq!(workspace.database().value(steps).as_deref(), Some("30 30"));

    let worker = said.iter().position(|said| said.applied() > 0);
    let process = processes[worker.expect("one worked")];
    let host = nix::unistd::gethostname().expect("the machine has a name");
    let host: String = host.to_string_lossy().chars().take(40).collect();
    let for_whom = Regex::new(&format!(
        r"main waiting for migrate {process}@{} as postgres \(server process \d+\), connected since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ\n",
        regex::escape(&host)
    ))
    .expect("the pattern is valid");
    for said in said.iter().filter(|said| said.applied() == 0) {
        assert!(for_whom.is_match(&said.stderr), "{}", said.stderr);
        assert!(said.stdout.contains("nothing pending"), "{}", said.stdout);
    }
}

#[test]
fn many_deploys_at_once_create_the_database_once() {
    let workspace = users_and_posts();
    for number in 0..20 {
        let name = format!("2025010100{number:04}_step_{number}");
        let up = format!("create table step_{number} (); select pg_sleep(0.01);");
        workspace.migration(&name, &up, "");
    }
    let deploys: Vec<Child> = (0..20).map(|_| spawn(&workspace, "deploy")).collect();
    let said: Vec<Said> = deploys.into_iter().map(Said::of).collect();
    assert_eq!(said.iter().map(Said::applied).sum::<usize>(), 22);
    applied_once(&workspace, 22);
}

/// The index waits for every snapshot that is older than it. The function keeps the build from
/// ending before all wait, and those that wait must not have one.
#[test]
fn a_concurrent_index_and_ten_that_wait_do_not_block_each_other() {
    let workspace = workspace();
    let wait = until_waiting(9);
    workspace.migration(
        "1_users",
        &format!(
            "create table users (id int);\ninsert into users values (1);\n\
             create function waits(a int) returns int language plpgsql immutable as \
             $$ begin {wait} return a; end $$;\n"
        ),
        "",
    );
    workspace.migration_with(
        "2_index",
        "create index concurrently by_waiting on users (waits(id));\n",
        "",
        OUTSIDE,
    );
    workspace.migration("3_more", "alter table users add column name text;", "");
    workspace.run("db create").success();
    let deploys: Vec<Child> = (0..10).map(|_| spawn(&workspace, "deploy")).collect();
    let said: Vec<Said> = deploys.into_iter().map(Said::of).collect();
    assert_eq!(said.iter().map(Said::applied).sum::<usize>(), 3);
    let waited = said.iter().filter(|said| said.stderr.contains("waiting"));
    assert_eq!(waited.count(), 9);
    applied_once(&workspace, 3);
    let valid = "select indisvalid from pg_index where indexrelid = 'by_waiting'::regclass";
    assert_eq!(workspace.database().value(valid).as_deref(), Some("t"));
}

/// Where the ledger will be is not where it would have been before: a schema that comes first in
/// the search path is created by the very deploy.
#[test]
fn who_creates_the_ledgers_schema_excludes_who_finds_it() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\nschemas = [\"app\"]\n\n[services.auth]\n",
    );
    let wait = until_waiting(1);
    workspace.migration(
        "1_runs",
        &format!("create table app.runs (); do $$ begin {wait} end $$;"),
        "",
    );
    workspace.run("db create").success();
    let database = workspace.database();
    database.execute(&format!(
        "alter database {} set search_path = app, public",
        database.name()
    ));
    let first = spawn(&workspace, "deploy");
    until(
        &workspace,
        "select count(*) from pg_stat_activity where datname = current_database() \
         and state = 'active' and query like '%app.runs%' and pid <> pg_backend_pid()",
    );
    let second = Said::of(spawn(&workspace, "deploy"));
    assert_eq!(Said::of(first).applied(), 1);
    assert!(second.stderr.contains("waiting for"), "{}", second.stderr);
    applied_once(&workspace, 1);
    let schema = "select relnamespace::regnamespace::text from pg_class \
                  where relname = '__migrate_ledger'";
    assert_eq!(database.value(schema).as_deref(), Some("app"));
}

#[test]
fn two_ways_to_one_database_exclude_each_other() {
    let workspace = workspace();
    let wait = until_waiting(2);
    workspace.migration("1_slow", &format!("do $$ begin {wait} end $$;"), "");
    workspace.run("db create").success();
    let database = workspace.database();
    // Another name for the same folder of the socket, and a pooler.
    let socket = database.target().get("host").expect("a socket");
    std::os::unix::fs::symlink(socket, workspace.path("socket")).expect("the link can be made");
    let link = workspace.path("socket").display().to_string();
    let linked = Target::parse(database.url())
        .expect("a URL")
        .with("host", link);
    let pooler = Pooler::start("session", "");
    let urls = [linked.url().reveal().to_owned(), pooler.url(database)];
    let first = spawn(&workspace, "deploy");
    until(&workspace, LOCKED);
    let others = urls
        .each_ref()
        .map(|url| spawn_with(&workspace, "deploy", &[("DATABASE_URL", url)]));
    assert_eq!(Said::of(first).applied(), 1);
    for other in others {
        let said = Said::of(other);
        assert!(
            said.stderr.contains("waiting for migrate"),
            "{}",
            said.stderr
        );
    }
    applied_once(&workspace, 1);
}

/// What the killed one had sent, the server ends. Then its session ends, and with it the lock.
#[test]
fn when_the_holder_is_killed_the_next_goes_on() {
    let workspace = workspace();
    workspace.migration("1_runs", "create table runs (step int);", "");
    // Killed right after the next has begun to wait.
    let wait = until_waiting(1);
    leaves_a_row(&workspace, 2, &format!("do $$ begin {wait} end $$;"));
    leaves_a_row(&workspace, 3, " select pg_sleep(1);");
    // Not in the same message as those before it.
    workspace.migration_with("4_outside", "insert into runs values (4);", "", OUTSIDE);
    leaves_a_row(&workspace, 5, "");
    workspace.run("db create").success();
    let mut first = spawn(&workspace, "deploy");
    until(
        &workspace,
        "select count(*) from pg_stat_activity \
         where datname = current_database() and wait_event = 'PgSleep'",
    );
    let second = spawn(&workspace, "deploy");
    until(&workspace, WAITERS);
    let process = Pid::from_raw(i32::try_from(first.id()).expect("a pid"));
    kill(process, Signal::SIGKILL).expect("it runs");
    first.wait().expect("it ends");
    let said = Said::of(second);
    assert!(said.stderr.contains("waiting for"), "{}", said.stderr);
    assert!(said.applied() >= 2, "{}", said.stdout);
    applied_once(&workspace, 5);
    let steps = "select count(*) || ' ' || count(distinct step) from runs";
    assert_eq!(workspace.database().value(steps).as_deref(), Some("4 4"));
}
