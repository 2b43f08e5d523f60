//! Servers that stop, crash and come up again in the middle of a deploy.

use insta::assert_snapshot;
use testkit::{OwnServer, Running, Workspace};

use super::{until_asleep, workspace_on};

/// Two migrations are applied, the third sleeps, and the fourth comes after it. The third sleeps
/// no more once the table `awake` has a row.
fn sleeping(server: &OwnServer) -> Workspace {
    let workspace = workspace_on(server);
    workspace.run("deploy").success();
    server
        .session("app")
        .execute("create table awake (a int)")
        .expect("it is created");
    workspace.migration(
        "20240303000000_sleeps",
        "create table slow ();\nselect pg_sleep(60) where not exists (select from awake);\n",
        "drop table slow;",
    );
    workspace.migration("20240404000000_last", "create table last ();", "");
    workspace
}

fn asleep(workspace: &Workspace, server: &OwnServer, line: &str) -> Running {
    let deploy = workspace.spawn(line);
    until_asleep(server);
    deploy
}

fn wake(server: &OwnServer) {
    server
        .session("app")
        .execute("insert into awake values (1)")
        .expect("it is inserted");
}

#[test]
fn a_server_that_is_stopped_rolls_back_and_that_is_known() {
    let server = OwnServer::start();
    let workspace = sleeping(&server);
    let deploy = asleep(&workspace, &server, "deploy");
    server.stop("fast");
    assert_snapshot!(workspace.end("deploy", deploy), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20240303000000_sleeps failed
     --> migrations/20240303000000_sleeps/up.sql:2:1
      |
    2 | select pg_sleep(60) where not exists (select from awake);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ terminating connection due to administrator command (SQLSTATE 57P01)
      |
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: see in the server's log, or on the way to it, why the connection broke, then `migrate deploy --wait 60`
    --- exit 1
    ");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: Connection refused
               Is the server running on that host and accepting TCP/IP connections?
     = state: nothing was touched
     = next: check host and port, and that the server runs; `--wait 60` waits for it
    --- exit 1
    "#);
    server.up();
    wake(&server);
    assert_eq!(workspace.run("status --exit-code").code(), 3);
    workspace.run("deploy").success();
}

#[test]
fn a_server_that_crashes_leaves_a_doubt_that_status_and_deploy_settle() {
    let server = OwnServer::start();
    let workspace = sleeping(&server);
    let deploy = asleep(&workspace, &server, "deploy");
    server.stop("immediate");
    assert_snapshot!(workspace.end("deploy", deploy), @"
    $ migrate deploy
    --- stderr
      warning 20240303000000: terminating connection due to immediate shutdown command
    error[sql]: migration 20240303000000_sleeps failed
     --> migrations/20240303000000_sleeps/up.sql:2:1
      |
    2 | select pg_sleep(60) where not exists (select from awake);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ server closed the connection unexpectedly
      |
      = state: the connection broke before the answer came: it is, or will be, rolled back or applied, and nothing between; 2 migrations stay applied, 1 after it perhaps not tried
      = next: see in the server's log, or on the way to it, why the connection broke; then `migrate status --wait 60` tells whether it is applied, and `migrate deploy --wait 60` goes on from there
    --- exit 1
    ");
    server.up();
    wake(&server);
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users   auth  [moment] [time]
      applied  20240202000000  posts   post  [moment] [time]
      pending  20240303000000  sleeps  auth
      pending  20240404000000  last    auth
         main  2 applied, 2 pending (postgres@127.0.0.1:[port]/app)
    --- exit 0
    ");
    workspace.run("deploy").success();
}

/// Outside a transaction too it is told what is certain and what is not.
#[test]
fn a_crash_outside_a_transaction_says_what_is_done() {
    let server = OwnServer::start();
    let workspace = workspace_on(&server);
    workspace.run("deploy").success();
    workspace.migration_with(
        "20240303000000_alone",
        "create table alone (a int);\nselect pg_sleep(60);\n",
        "",
        "run_in_transaction = false\nservices = [\"auth\"]\n",
    );
    let deploy = asleep(&workspace, &server, "deploy");
    server.stop("immediate");
    assert_snapshot!(workspace.end("deploy", deploy), @"
    $ migrate deploy
    --- stderr
      warning 20240303000000: terminating connection due to immediate shutdown command
    error[sql]: migration 20240303000000_alone failed
     --> migrations/20240303000000_alone/up.sql:2:1
      |
    2 | select pg_sleep(60);
      | ^^^^^^^^^^^^^^^^^^^ server closed the connection unexpectedly
      |
      = state: the connection broke; 1 of 2 statements are done for good, perhaps one more; 2 migrations stay applied
      = next: see in the server's log, or on the way to it, why the connection broke; then `migrate status --wait 60` tells whether it is applied, and `migrate deploy --wait 60` goes on from there
    --- exit 1
    ");
    server.up();
}

#[test]
fn who_waits_goes_on_after_a_restart() {
    let server = OwnServer::start();
    let workspace = sleeping(&server);
    let mut deploy = asleep(&workspace, &server, "deploy --wait 60");
    wake(&server);
    server.stop("immediate");
    deploy.until_said("lost the connection");
    server.up();
    assert_snapshot!(workspace.end("deploy --wait 60", deploy), @"
    $ migrate deploy --wait 60
    --- stderr
      warning 20240303000000: terminating connection due to immediate shutdown command
      warning lost the connection to postgres@127.0.0.1:[port]/app: server closed the connection unexpectedly; going on
         main waiting for postgres@127.0.0.1:[port]/app
    --- stdout
      applied 20240303000000 sleeps  auth [time]
      applied 20240404000000 last    auth [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    assert_eq!(workspace.run("status --exit-code").code(), 0);
}

/// A migration that brings the server down each time must not do so for ever.
#[test]
fn what_ends_the_session_twice_is_not_tried_a_third_time() {
    let server = OwnServer::start();
    let workspace = workspace_on(&server);
    workspace.migration(
        "20240303000000_ends",
        "create table ends ();\nselect pg_terminate_backend(pg_backend_pid());\n",
        "",
    );
    assert_snapshot!(workspace.run("deploy --wait 60"), @"
    $ migrate deploy --wait 60
    --- stderr
         main created database app
      warning lost the connection to postgres@127.0.0.1:[port]/app: terminating connection due to administrator command; going on
    error[sql]: migration 20240303000000_ends failed
     --> migrations/20240303000000_ends/up.sql:2:1
      |
    2 | select pg_terminate_backend(pg_backend_pid());
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ terminating connection due to administrator command (SQLSTATE 57P01)
      |
      = state: rolled back; 2 migrations stay applied
      = next: see in the server's log, or on the way to it, why the connection broke, then `migrate deploy --wait 60`
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
    --- exit 1
    ");
}

#[test]
fn a_server_that_is_only_starting_is_told_and_waited_for() {
    let primary = OwnServer::start();
    let mut workspace = workspace_on(&primary);
    workspace.run("deploy --to 20240101000000").success();
    let starting = OwnServer::recovering_from(&primary);
    workspace.set_url(&starting.url("app"));
    workspace.hide(starting.port(), "[port]");
    let run = workspace.run("deploy");
    assert_eq!(run.code(), 1, "{run}");
    let said = run.stderr();
    // The server's words are others in each version.
    assert!(said.contains("FATAL:  the database system is "), "{run}");
    assert!(
        said.contains("the server is starting, stopping or recovering: `--wait 60` waits for it"),
        "{run}"
    );
    let mut deploy = workspace.spawn("deploy --wait 60");
    deploy.until_said("waiting for");
    starting.control(&["promote", "--wait"]);
    workspace.end("deploy --wait 60", deploy).success();
}

#[test]
fn a_deploy_goes_on_where_the_standby_takes_over() {
    let primary = OwnServer::start();
    let mut workspace = sleeping(&primary);
    let standby = OwnServer::standby_of(&primary);
    workspace.hide(standby.port(), "[standby]");
    let (first, second) = (primary.port(), standby.port());
    let both = format!("postgresql://postgres@127.0.0.1:{first},127.0.0.1:{second}/app");
    workspace.set_url(&both);
    let mut deploy = asleep(&workspace, &primary, "deploy --wait 60");
    wake(&primary);
    let mut following = standby.session("app");
    while following
        .query("select from awake", &[])
        .expect("it can be read")
        .is_empty()
    {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    primary.stop("immediate");
    deploy.until_said("to be promoted");
    standby.control(&["promote", "--wait"]);
    let run = workspace.end("deploy --wait 60", deploy);
    // While the primary stops it may let somebody in and hang up, and then it is waited for.
    let hosts = format!("postgres@127.0.0.1:{first},127.0.0.1:{second}/app");
    let run = run.hiding(&format!("     main waiting for {hosts}\n"), "");
    assert_snapshot!(run, @"
    $ migrate deploy --wait 60
    --- stderr
      warning 20240303000000: terminating connection due to immediate shutdown command
      warning lost the connection to postgres@127.0.0.1:[port],127.0.0.1:[standby]/app: server closed the connection unexpectedly; going on
         main waiting for postgres@127.0.0.1:[port],127.0.0.1:[standby]/app, a standby, to be promoted
    --- stdout
      applied 20240303000000 sleeps  auth [time]
      applied 20240404000000 last    auth [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
}
