//! Servers that let nobody in.

use insta::assert_snapshot;
use testkit::OwnServer;

use super::workspace_on;

#[test]
fn who_is_not_let_in_is_told_why() {
    let server = OwnServer::start();
    server.execute(&[
        // The default since 14, and the only one that `scram-sha-256` below lets in.
        "set password_encryption = 'scram-sha-256'",
        "create role app login password 'right'",
        "create role nobody nologin",
        "create database app owner app",
        "create database closed",
        "revoke connect on database closed from public",
    ]);
    server.let_in(
        "host all postgres 127.0.0.1/32 trust\n\
         host all nobody,missing 127.0.0.1/32 trust\n\
         host app,closed,none app 127.0.0.1/32 scram-sha-256\n",
    );
    server.control(&["reload"]);
    let workspace = workspace_on(&server);
    let port = server.port();
    let url =
        |user: &str, database: &str| format!("postgresql://{user}@127.0.0.1:{port}/{database}");
    let deploy = |url: String| workspace.run_with("deploy --wait 60", &[("DATABASE_URL", &url)]);
    assert_snapshot!(deploy(url("app:wrong", "app")), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  password authentication failed for user "app"
     = state: nothing was touched
     = next: check user and password
    --- exit 1
    "#);
    assert_snapshot!(deploy(url("app", "app")), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: fe_sendauth: no password supplied
     = state: nothing was touched
     = next: check user and password
    --- exit 1
    "#);
    assert_snapshot!(deploy(url("app:right", "postgres")), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/postgres
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "app", database "postgres", no encryption
     = state: nothing was touched
     = next: add a line for this user, database and address to the server's `pg_hba.conf`; where it says `no encryption` or `SSL off`, try `sslmode=require` in the URL
    --- exit 1
    "#);
    assert_snapshot!(deploy(url("missing", "app")), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at missing@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  role "missing" does not exist
     = state: nothing was touched
     = next: check the user: is there such a role, may it log in, is it you, and is a certificate that the server wants made out to it?
    --- exit 1
    "#);
    assert_snapshot!(deploy(url("nobody", "app")), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at nobody@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  role "nobody" is not permitted to log in
     = state: nothing was touched
     = next: check the user: is there such a role, may it log in, is it you, and is a certificate that the server wants made out to it?
    --- exit 1
    "#);
    assert_snapshot!(deploy(url("app:right", "closed")), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/closed
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  permission denied for database "closed"
               DETAIL:  User does not have CONNECT privilege.
     = state: nothing was touched
     = next: the role may not connect to this database: an administrator runs `grant connect on database ... to ...`, or `alter database ... allow_connections true`
    --- exit 1
    "#);
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\n[services.auth]\n[services.post]\nreads = [\"users\"]\n",
    );
    assert_snapshot!(deploy(url("app:right", "none")), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/none
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  database "none" does not exist
     = state: nothing was touched
     = next: `migrate db create --database main` creates it, or set `create = true` in `migrate.toml`
    --- exit 1
    "#);
    deploy(url("app:right", "app")).success();
}

#[test]
fn a_server_that_is_none_is_told() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("it was accepted");
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let mut workspace = crate::users_and_posts();
    workspace.set_url(&format!("postgresql://app@127.0.0.1:{port}/app"));
    workspace.hide(port, "[port]");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: received invalid response to SSL negotiation: H
     = state: nothing was touched
     = next: what answers there is no PostgreSQL: check host and port
    --- exit 1
    "#);
}
