//! Ctrl-C, `kill`, and a terminal that goes away: what was running is rolled back, and what is
//! said fits what is in the database.

use std::os::unix::process::CommandExt;
use std::process::Stdio;

use insta::assert_snapshot;
use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;
use testkit::{Run, Running, Workspace};

use crate::robust::until;
use crate::users_and_posts;

const SLOW: &str = "20250101000000_slow";
const SLEEPS: &str = "create table slow ();\nselect pg_sleep(60);\n";
const ASLEEP: &str = "select count(*) from pg_stat_activity \
    where datname = current_database() and wait_event = 'PgSleep'";
const BOTH: &str = "select 1 from pg_stat_activity where datname = current_database() \
    and application_name like 'migrate %' having count(*) = 2";

/// Two migrations, one that sleeps, and one after it.
fn slow() -> Workspace {
    let workspace = users_and_posts();
    workspace.migration(SLOW, SLEEPS, "drop table slow;\n");
    workspace.migration("20250202000000_next", "select 1;", "select 1;");
    workspace
}

fn send(running: &Running, signal: Signal) {
    let pid = i32::try_from(running.pid()).expect("a pid");
    kill(Pid::from_raw(pid), signal).expect("it runs");
}

/// Sends a signal to a command while its migration sleeps.
fn interrupted(workspace: &Workspace, line: &str, signal: Signal) -> Run {
    let running = workspace.spawn(line);
    until(workspace, ASLEEP);
    send(&running, signal);
    let run = workspace.end(line, running);
    let asleep = workspace.database().value(ASLEEP);
    assert_eq!(asleep.as_deref(), Some("0"), "nothing goes on behind us");
    run
}

/// What is said from the error on.
fn error_of(run: &Run) -> String {
    let said = run.stderr();
    let at = said.find("error[").expect("there is one");
    said[at..].to_owned()
}

#[test]
fn a_signal_cancels_the_migration_and_says_how_things_stand() {
    for (signal, code) in [
        (Signal::SIGINT, 130),
        (Signal::SIGTERM, 143),
        (Signal::SIGHUP, 129),
    ] {
        let workspace = slow();
        let run = interrupted(&workspace, "deploy", signal);
        assert_eq!(run.code(), code, "{run}");
        insta::allow_duplicates! {
            assert_snapshot!(error_of(&run), @"
            error[interrupted]: interrupted at migration 20250101000000_slow
             |
             = state: rolled back; 2 migrations stay applied, 1 after it not tried
             = next: `migrate deploy` goes on where this stopped
            ");
        }
        let database = workspace.database();
        assert_eq!(database.value("select to_regclass('slow')"), None);
        workspace.migration(SLOW, "select 1;", "");
        workspace.run("deploy").success();
    }
}

#[test]
fn who_has_started_it_without_a_terminal_hears_of_none_that_goes_away() {
    let workspace = slow();
    let mut command = workspace.command();
    command
        .arg("deploy")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // SAFETY: between fork and exec, and `signal` may be called there.
    unsafe {
        command.pre_exec(|| {
            signal(Signal::SIGHUP, SigHandler::SigIgn)?;
            Ok(())
        });
    }
    let mut deploy = command.spawn().expect("the binary runs");
    until(&workspace, ASLEEP);
    let pid = Pid::from_raw(i32::try_from(deploy.id()).expect("a pid"));
    kill(pid, Signal::SIGHUP).expect("it runs");
    kill(pid, Signal::SIGTERM).expect("it runs");
    let code = deploy.wait().expect("it was started by us").code();
    assert_eq!(code, Some(143));
}

#[test]
fn what_a_redo_has_reverted_and_not_applied_again_is_told() {
    let workspace = slow();
    workspace.migration(SLOW, "create table slow ();", "drop table slow;");
    workspace.run("deploy").success();
    workspace.migration(SLOW, SLEEPS, "drop table slow;");
    assert_snapshot!(interrupted(&workspace, "redo --steps 2", Signal::SIGINT), @"
    $ migrate redo --steps 2
    --- stderr
    error[interrupted]: interrupted at migration 20250101000000_slow
     |
     = before: 2 migrations reverted in main
     = state: rolled back; 2 migrations stay applied, 1 after it not tried
     = next: `migrate deploy` goes on where this stopped
    --- stdout
     reverted 20250202000000 next  auth [time]
     reverted 20250101000000 slow  auth [time]
    --- exit 130
    ");
    workspace.migration(SLOW, "select slow;", "drop table slow;");
    workspace.run("deploy").code();
    workspace.migration(SLOW, "create table slow ();", "drop table slow;");
    workspace.run("deploy").success();
    workspace.migration(SLOW, "select slow;", "drop table slow;");
    assert_snapshot!(workspace.run("redo --steps 2"), @r#"
    $ migrate redo --steps 2
    --- stderr
    error[sql]: migration 20250101000000_slow failed
     --> migrations/20250101000000_slow/up.sql:1:8
      |
    1 | select slow;
      |        ^^^^ column "slow" does not exist (SQLSTATE 42703)
      |
      = before: 2 migrations reverted in main
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- stdout
     reverted 20250202000000 next  auth [time]
     reverted 20250101000000 slow  auth [time]
    --- exit 1
    "#);
}

#[test]
fn a_redo_that_is_interrupted_on_its_way_back_says_how_to_come_forward_again() {
    let workspace = slow();
    let down = "drop table slow;\nselect pg_sleep(60);\n";
    workspace.migration(SLOW, "create table slow ();", down);
    workspace.run("deploy").success();
    assert_snapshot!(interrupted(&workspace, "redo --steps 2", Signal::SIGINT), @"
    $ migrate redo --steps 2
    --- stderr
    error[interrupted]: interrupted at migration 20250101000000_slow
     |
     = before: 1 migration reverted in main
     = state: rolled back; it stays applied
     = next: `migrate deploy` applies again what was reverted
    --- stdout
     reverted 20250202000000 next  auth [time]
    --- exit 130
    ");
    workspace.run("deploy").success();
    assert_eq!(workspace.run("status --exit-code").code(), 0);
}

#[test]
fn who_waits_for_another_deploy_says_that_nothing_was_running() {
    let workspace = slow();
    let first = workspace.spawn("deploy");
    until(&workspace, ASLEEP);
    for line in ["status", "deploy --dry-run"] {
        let run = workspace.run(line).success();
        let said = format!("{}{}", run.stdout(), run.stderr());
        assert!(said.contains("a deploy is at work now: migrate "), "{run}");
    }
    let mut second = workspace.spawn("deploy");
    second.until_said("waiting for");
    send(&second, Signal::SIGINT);
    let run = workspace.end("deploy", second);
    assert_eq!(run.code(), 130);
    assert_snapshot!(error_of(&run), @"
    error[interrupted]: stopped by SIGINT
     |
     = state: no migration was running
     = next: `migrate status` shows how every migration stands
    ");

    let third = workspace.spawn("deploy --format json");
    until(&workspace, BOTH);
    send(&third, Signal::SIGTERM);
    let run = workspace.end("deploy --format json", third);
    assert_eq!(run.code(), 143);
    assert_snapshot!(run.stdout(), @r#"
    {
      "command": "deploy",
      "errors": [
        {
          "code": "interrupted",
          "message": "stopped by SIGTERM",
          "next": "`migrate status` shows how every migration stands",
          "state": "no migration was running"
        }
      ],
      "format": 1,
      "outcome": "failed"
    }
    "#);
    send(&first, Signal::SIGINT);
}
