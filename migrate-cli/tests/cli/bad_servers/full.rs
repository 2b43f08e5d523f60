//! Servers without a free connection.

use insta::assert_snapshot;
use testkit::OwnServer;

use super::workspace_on;

#[test]
fn a_server_without_a_free_connection_is_told_and_waited_for() {
    let server = OwnServer::stopped();
    server.configure("max_connections = 4\nsuperuser_reserved_connections = 1\nmax_wal_senders = 0\nautovacuum = off");
    server.up();
    server.execute(&["create role app login", "create database app owner app"]);
    let workspace = workspace_on(&server);
    let url = server.url("app").replace("postgres@", "app@");
    let app = [("DATABASE_URL", url.as_str())];
    let mut others: Vec<_> = (0..3).map(|_| server.session("app")).collect();
    // Others in each version.
    let words = (r"reserved for .*", "reserved for [superusers]");
    insta::with_settings!({ filters => vec![words] }, {
    assert_snapshot!(workspace.run_with("deploy", &app), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  remaining connection slots are reserved for [superusers]
     = state: nothing was touched
     = next: end connections that nobody needs, or raise `max_connections` of the server; `--wait 60` waits for a free one
    --- exit 1
    "#);
    });
    others.push(server.session("app"));
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  sorry, too many clients already
     = state: nothing was touched
     = next: end connections that nobody needs, or raise `max_connections` of the server; `--wait 60` waits for a free one
    --- exit 1
    "#);
    assert_snapshot!(workspace.run("deploy --wait 2"), @r#"
    $ migrate deploy --wait 2
    --- stderr
         main waiting for postgres@127.0.0.1:[port]/app
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  sorry, too many clients already
     = state: nothing was touched; tried for 2 s
     = next: end connections that nobody needs, or raise `max_connections` of the server; `--wait 60` waits for a free one
    --- exit 1
    "#);
    // Somebody leaves.
    let mut deploy = workspace.spawn_with("deploy --wait 30", &app);
    deploy.until_said("waiting for");
    others.clear();
    workspace.end("deploy --wait 30", deploy).success();
}
