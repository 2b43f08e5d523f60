//! Servers that are not there, or hang up.

use std::net::TcpListener;

use insta::assert_snapshot;
use testkit::OwnServer;

use super::workspace_on;
use crate::users_and_posts;

#[test]
fn a_host_without_an_address_is_told() {
    let workspace = users_and_posts();
    workspace.set_url("postgresql://app@no-such-host.invalid/app");
    let run = workspace.run("deploy");
    assert_eq!(run.code(), 1, "{run}");
    // The resolver's own words differ from system to system.
    let said = run.stderr();
    assert!(
        said.contains("could not translate host name \"no-such-host.invalid\""),
        "{run}"
    );
    assert!(
        said.contains("check the host's name; where it is only coming up, `--wait 60`"),
        "{run}"
    );
}

/// What a container's published port does while nothing in the container listens yet.
#[test]
fn a_port_that_accepts_and_hangs_up_is_told_and_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    // Until the process ends.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let mut workspace = users_and_posts();
    workspace.set_url(&format!("postgresql://app@127.0.0.1:{port}/app"));
    workspace.hide(port, "[port]");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: server closed the connection unexpectedly
               This probably means the server terminated abnormally
               before or while processing the request.
     = state: nothing was touched
     = next: something listens there and hangs up: a proxy or container whose server is not up yet, or a server that has just crashed; `--wait 60` tries again
    --- exit 1
    "#);
    assert_snapshot!(workspace.run("deploy --wait 2"), @r#"
    $ migrate deploy --wait 2
    --- stderr
         main waiting for app@127.0.0.1:[port]/app
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: server closed the connection unexpectedly
               This probably means the server terminated abnormally
               before or while processing the request.
     = state: nothing was touched; tried for 2 s
     = next: something listens there and hangs up: a proxy or container whose server is not up yet, or a server that has just crashed; `--wait 60` tries again
    --- exit 1
    "#);
}

#[test]
fn a_server_that_comes_up_meanwhile_is_waited_for() {
    let server = OwnServer::stopped();
    let workspace = workspace_on(&server);
    let mut deploy = workspace.spawn("deploy --wait 30");
    deploy.until_said("waiting for");
    server.up();
    assert_snapshot!(workspace.end("deploy --wait 30", deploy), @"
    $ migrate deploy --wait 30
    --- stderr
         main waiting for postgres@127.0.0.1:[port]/app
         main created database app
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
}
