//! Servers that are too old.

use std::path::PathBuf;

use insta::assert_snapshot;
use testkit::OwnServer;

use super::workspace_on;

#[test]
fn a_server_of_version_12_is_refused_before_anything_is_touched() {
    let Some(programs) = std::env::var_os("PG_BIN_12").map(PathBuf::from) else {
        eprintln!("skipped: PG_BIN_12 names no folder with the programs of PostgreSQL 12");
        return;
    };
    let server = OwnServer::of(&programs);
    server.up();
    let mut workspace = workspace_on(&server);
    let version = server.version().expect("it says its version");
    assert!(version.starts_with("12."), "{version}");
    workspace.hide(version, "[12]");
    assert_snapshot!(workspace.run("deploy --wait 60"), @"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[port]/app
     |
     = server: the server is PostgreSQL [12]
     = state: nothing was touched
     = next: `migrate` works with PostgreSQL 13 to 18: upgrade the server first
    --- exit 1
    ");
    server.psql("postgres", "create database app");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[port]/app
     |
     = server: the server is PostgreSQL [12]
     = state: nothing was touched
     = next: `migrate` works with PostgreSQL 13 to 18: upgrade the server first
    --- exit 1
    ");
    assert_eq!(workspace.run("status").code(), 1);
    assert_eq!(workspace.run("db create").code(), 1);
    assert_eq!(
        server.psql("postgres", "select count(*) from pg_database"),
        "4"
    );
    assert_eq!(
        server.psql(
            "app",
            "select count(*) from pg_class where relname like '\\_\\_%'"
        ),
        "0"
    );
}
