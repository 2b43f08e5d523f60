//! Servers that only follow another one.

use insta::assert_snapshot;
use testkit::OwnServer;

use super::workspace_on;

#[test]
fn a_standby_is_told_before_anything_is_written_and_its_promotion_waited_for() {
    let primary = OwnServer::start();
    let workspace = workspace_on(&primary);
    workspace.run("deploy --to 20240101000000").success();
    let standby = OwnServer::standby_of(&primary);
    let mut workspace = workspace;
    workspace.hide(standby.port(), "[standby]");
    workspace.set_url(&standby.url("app"));

    // Who only looks, and who has nothing to do, needs no primary.
    workspace.run("status").success();
    workspace.run("deploy --dry-run").success();
    workspace.run("deploy --to 20240101000000").success();
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[standby]: database main at postgres@127.0.0.1:[standby]/app is a standby: it can only be read
     |
     = state: nothing was touched
     = next: name the primary in the URL, or all hosts: `postgresql://user@host1,host2/name?target_session_attrs=read-write`;
             while it fails over: `--wait 60` waits until one can be written to
    --- exit 1
    ");
    assert_snapshot!(workspace.run("deploy --wait 1"), @"
    $ migrate deploy --wait 1
    --- stderr
         main waiting for postgres@127.0.0.1:[standby]/app, a standby, to be promoted
    error[standby]: database main at postgres@127.0.0.1:[standby]/app is a standby: it can only be read
     |
     = state: nothing was touched; tried for 1 s
     = next: name the primary in the URL, or all hosts: `postgresql://user@host1,host2/name?target_session_attrs=read-write`;
             while it fails over: `--wait 60` waits until one can be written to
    --- exit 1
    ");
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[standby]: database main at postgres@127.0.0.1:[standby]/app is a standby: it can only be read
     |
     = state: nothing was touched
     = next: name the primary in the URL, or all hosts: `postgresql://user@host1,host2/name?target_session_attrs=read-write`;
             while it fails over: `--wait 60` waits until one can be written to
    --- exit 1
    ");
    assert_snapshot!(workspace.run_with("db create", &[("DATABASE_URL", &standby.url("new"))]), @"
    $ migrate db create
    --- stderr
    error[connection]: cannot create database main: cannot execute CREATE DATABASE in a read-only transaction
     |
     = state: nothing else was done
     = next: the server can only be read: a standby, or one that has just become that; name the primary in the URL, then `migrate db create`
    --- exit 1
    ");

    // Both hosts, the standby first.
    let (first, second) = (standby.port(), primary.port());
    let both = format!("postgresql://postgres@127.0.0.1:{first},127.0.0.1:{second}/app");
    assert_snapshot!(workspace.run_with("deploy", &[("DATABASE_URL", &both)]), @"
    $ migrate deploy
    --- stderr
    error[standby]: database main at postgres@127.0.0.1:[standby],127.0.0.1:[port]/app is a standby: it can only be read
     |
     = state: nothing was touched
     = next: name the primary in the URL, or all hosts: `postgresql://user@host1,host2/name?target_session_attrs=read-write`;
             while it fails over: `--wait 60` waits until one can be written to
    --- exit 1
    ");
    let writable = format!("{both}?target_session_attrs=read-write");
    let run = workspace.run_with("deploy --to 20240101000000", &[("DATABASE_URL", &writable)]);
    run.success();

    // The primary fails, and the standby has not taken over yet.
    primary.stop("immediate");
    let writable = [("DATABASE_URL", writable.as_str())];
    assert_snapshot!(workspace.run_with("deploy", &writable), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[standby],127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [standby] failed: session is read-only
               connection to server at "127.0.0.1", port [port] failed: Connection refused
               Is the server running on that host and accepting TCP/IP connections?
     = state: nothing was touched
     = next: no host is what `target_session_attrs` in the URL asks for; while the servers fail over, `--wait 60` waits for one
    --- exit 1
    "#);
    let mut by_name = workspace.spawn_with("deploy --to 20240101000000 --wait 60", &writable);
    by_name.until_said("waiting for");
    let mut deploy = workspace.spawn("deploy --wait 60");
    deploy.until_said("to be promoted");
    let mut revert = workspace.spawn("revert --wait 60");
    revert.until_said("to be promoted");
    standby.control(&["promote", "--wait"]);
    // Which of them comes first when it is promoted is chance.
    let run = workspace.end("deploy --wait 60", deploy).success();
    let applied = "applied 20240202000000 posts";
    assert!(run.stdout().contains(applied), "{run}");
    workspace.end("deploy --wait 60", by_name).success();
    workspace.end("revert --wait 60", revert).success();
}
