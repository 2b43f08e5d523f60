//! Servers that are there and say nothing.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use testkit::{OwnServer, Workspace};

use super::proxy::Proxy;
use super::{until_asleep, workspace_on};
use crate::users_and_posts;

#[test]
fn a_server_that_accepts_and_says_nothing_is_not_waited_for() {
    // The system accepts for it.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let mut workspace = users_and_posts();
    workspace.set_url(&format!(
        "postgresql://app@127.0.0.1:{port}/app?connect_timeout=1"
    ));
    workspace.hide(port, "[port]");
    let started = Instant::now();
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: no answer within 1 s
     = state: nothing was touched
     = next: check host and port, and firewalls on the way; `--wait 60` tries again, `connect_timeout` in the URL gives it more time
    --- exit 1
    ");
    assert_snapshot!(workspace.run("deploy --wait 3"), @"
    $ migrate deploy --wait 3
    --- stderr
         main waiting for app@127.0.0.1:[port]/app
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: no answer within 1 s
     = state: nothing was touched; tried for 3 s
     = next: check host and port, and firewalls on the way; `--wait 60` tries again, `connect_timeout` in the URL gives it more time
    --- exit 1
    ");
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
}

/// A workspace that comes through a proxy, with a migration that takes so long.
fn through(proxy: &Proxy, server: &OwnServer, seconds: &str) -> Workspace {
    let mut workspace = workspace_on(server);
    workspace.run("deploy").success();
    workspace.migration(
        "20240303000000_long",
        &format!("create table long ();\nselect pg_sleep({seconds});\n"),
        "",
    );
    let port = proxy.port();
    // A server that is asked after 2 seconds already.
    workspace.set_url(&format!(
        "postgresql://postgres@127.0.0.1:{port}/app?connect_timeout=1"
    ));
    workspace.hide(port, "[proxy]");
    workspace
}

/// Many times longer than it takes until the server is asked whether it is still there.
#[test]
fn a_long_migration_is_not_cut_off() {
    let server = OwnServer::start();
    let proxy = Proxy::to(server.port());
    let workspace = through(&proxy, &server, "12");
    workspace.run("deploy").success();
    // It was asked.
    assert!(proxy.connections() >= 4, "{}", proxy.connections());
}

/// The same when there is no connection left to ask on.
#[test]
fn a_long_migration_is_not_cut_off_when_nobody_else_gets_in() {
    let server = OwnServer::stopped();
    server.configure("max_connections = 4\nsuperuser_reserved_connections = 0\nmax_wal_senders = 0\nautovacuum = off");
    server.up();
    let proxy = Proxy::to(server.port());
    let workspace = through(&proxy, &server, "12");
    let deploy = workspace.spawn("deploy");
    until_asleep(&server);
    let url = server.url("app");
    let others: Vec<_> = (0..3).map(|_| psql_asleep(&url)).collect();
    workspace.end("deploy", deploy).success();
    for mut other in others {
        // It may have been one too many.
        let _ = other.kill();
        let _ = other.wait();
    }
}

fn psql_asleep(url: &str) -> std::process::Child {
    std::process::Command::new("psql")
        .args(["-Xqc", "select pg_sleep(60)", url])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("`psql` is installed")
}

#[test]
fn a_proxy_that_stops_forwarding_is_found_out() {
    let server = OwnServer::start();
    let proxy = Proxy::to(server.port());
    let workspace = through(&proxy, &server, "60");
    let deploy = workspace.spawn("deploy");
    until_asleep(&server);
    proxy.stop_forwarding();
    let started = Instant::now();
    assert_snapshot!(workspace.end("deploy", deploy), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20240303000000_long failed: the server does not answer any more, on new connections neither
     |
     = state: the connection broke before the answer came: it is, or will be, rolled back or applied, and nothing between; 2 migrations stay applied
     = next: see in the server's log, or on the way to it, why the connection broke; then `migrate status --wait 60` tells whether it is applied, and `migrate deploy --wait 60` goes on from there
    --- exit 1
    ");
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_secs(40), "{elapsed:?}");
}

/// What a firewall does that has forgotten a connection on which nothing came for long: the
/// server has committed, and nobody hears of it.
#[test]
fn an_answer_that_is_lost_is_found_out() {
    let server = OwnServer::start();
    let proxy = Proxy::to(server.port());
    let workspace = through(&proxy, &server, "2");
    let deploy = workspace.spawn("deploy");
    until_asleep(&server);
    proxy.forget_connections();
    assert_snapshot!(workspace.end("deploy", deploy), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20240303000000_long failed: the server has answered, and the answer was lost on the way
     |
     = state: the connection broke before the answer came: it is, or will be, rolled back or applied, and nothing between; 2 migrations stay applied
     = next: see in the server's log, or on the way to it, why the connection broke; then `migrate status --wait 60` tells whether it is applied, and `migrate deploy --wait 60` goes on from there
    --- exit 1
    ");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      applied  20240202000000  posts  post  [moment] [time]
      applied  20240303000000  long   auth  [moment] [time]
         main  3 applied (postgres@127.0.0.1:[proxy]/app)
    --- exit 0
    ");
}

/// The same, by somebody who goes on: the lock of the lost session must not stand in the way.
#[test]
fn who_waits_goes_on_after_a_lost_answer() {
    let server = OwnServer::start();
    let proxy = Proxy::to(server.port());
    let workspace = through(&proxy, &server, "2");
    workspace.migration("20240404000000_last", "create table last ();", "");
    let deploy = workspace.spawn("deploy --wait 60");
    until_asleep(&server);
    proxy.forget_connections();
    assert_snapshot!(workspace.end("deploy --wait 60", deploy), @"
    $ migrate deploy --wait 60
    --- stderr
      warning lost the connection to postgres@127.0.0.1:[proxy]/app: the server has answered, and the answer was lost on the way; going on
    --- stdout
         done nothing pending in main; 4 migrations are applied
    --- exit 0
    ");
    assert_eq!(workspace.run("status --exit-code").code(), 0);
}

/// A message that does not fit into the buffers of a connection on which nobody reads.
#[test]
fn a_server_that_reads_no_more_is_found_out() {
    let server = OwnServer::start();
    let proxy = Proxy::to(server.port());
    let workspace = through(&proxy, &server, "0");
    let text = "x".repeat(20_000_000);
    workspace.migration(
        "20240404000000_big",
        &format!("select length('{text}'), pg_sleep(60);"),
        "",
    );
    proxy.stop_forwarding_after(1_000_000);
    let deploy = workspace.spawn("deploy");
    let run = workspace.end("deploy", deploy);
    assert_eq!(run.code(), 1, "{run}");
    assert!(run.stderr().contains("does not answer any more"), "{run}");
}

/// A host that is gone confirms nothing, and that is noticed by its system's silence: the
/// keepalives are the system's own, and it says when the next is due.
#[cfg(target_os = "linux")]
#[test]
fn a_host_that_is_gone_is_noticed_by_keepalives() {
    let server = OwnServer::start();
    let workspace = workspace_on(&server);
    workspace.migration("20240303000000_long", "select pg_sleep(5);", "");
    let deploy = workspace.spawn("deploy");
    until_asleep(&server);
    let peer = format!(" 0100007F:{:04X} ", server.port());
    // While what was sent is not confirmed yet, another timer runs.
    let until = Instant::now() + Duration::from_secs(4);
    loop {
        let sockets = std::fs::read_to_string(format!("/proc/{}/net/tcp", deploy.pid()))
            .expect("it is our child");
        let mut timers = sockets
            .lines()
            .filter(|line| line.contains(&peer))
            .filter_map(|line| {
                let (timer, left) = line.split_whitespace().nth(5)?.split_once(':')?;
                Some((timer, u64::from_str_radix(left, 16).ok()?))
            });
        // `02` is a keepalive; hundredths of a second.
        if timers.any(|(timer, left)| timer == "02" && left <= 1500) {
            break;
        }
        assert!(Instant::now() < until, "no keepalive is due\n{sockets}");
        std::thread::sleep(Duration::from_millis(50));
    }
    workspace.end("deploy", deploy).success();
}
