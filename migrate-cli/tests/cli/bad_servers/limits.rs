//! Servers that limit sessions, transactions and statements.

use std::time::Duration;

use testkit::OwnServer;

use super::workspace_on;

/// Whatever an administrator has set for the role and the database, in milliseconds.
const LIMITS: [(&str, i32); 5] = [
    ("statement_timeout", 0),
    ("lock_timeout", 0),
    ("idle_in_transaction_session_timeout", 0),
    ("idle_session_timeout", 140_000),
    ("transaction_timeout", 170_000),
];

/// Sets each limit for the database, and again for the role.
fn limit(server: &OwnServer, milliseconds: u32) {
    let version = server.session("postgres").server_version();
    for (limit, since) in LIMITS {
        if version >= since {
            server.execute(&[
                &format!("alter database app set {limit} = {milliseconds}"),
                &format!("alter role app set {limit} = {milliseconds}"),
            ]);
        }
    }
}

fn limited() -> OwnServer {
    let server = OwnServer::start();
    server.execute(&["create role app login", "create database app owner app"]);
    server
}

#[test]
fn limits_of_role_and_database_do_not_end_a_deploy() {
    let server = limited();
    let workspace = workspace_on(&server);
    workspace.set_url(&server.url("app").replace("postgres@", "app@"));
    workspace.migration(
        "20240303000000_slow",
        "create table slow (); select pg_sleep(0.5);",
        "drop table slow; select pg_sleep(0.5);",
    );
    workspace.migration_with(
        "20240404000000_alone",
        "create table alone (a int);\nselect pg_sleep(0.5);\n\
         create index concurrently on alone (a);\nselect pg_sleep(0.5);\n",
        "drop table alone;\nselect pg_sleep(0.5);\n",
        "run_in_transaction = false\nservices = [\"auth\"]\n",
    );
    limit(&server, 200);
    workspace.run("deploy").success();
    workspace.run("revert --steps 2").success();
    workspace.run("deploy").success();
}

/// Who waits for the lock of another deploy is idle between two tries; so is who waits for a lock
/// of the application.
#[test]
fn who_waits_is_not_ended_for_being_idle() {
    let server = limited();
    let workspace = workspace_on(&server);
    workspace.set_url(&server.url("app").replace("postgres@", "app@"));
    workspace.run("deploy").success();
    workspace.migration("20240303000000_more", "alter table users add a int;", "");
    let mut other = server.session("app");
    other
        .execute("begin; select pg_advisory_lock(116544403990097310); lock table users")
        .expect("nobody holds it");
    limit(&server, 100);
    let mut deploy = workspace.spawn("deploy");
    deploy.until_said("waiting for");
    // Longer than any pause between two tries would have to be.
    std::thread::sleep(Duration::from_secs(3));
    other
        .execute("select pg_advisory_unlock(116544403990097310)")
        .expect("we hold it");
    deploy.until_said("got no lock in time");
    other.execute("commit").expect("it ends");
    workspace.end("deploy", deploy).success();
}

/// While one database has its turn, the sessions on the others are idle.
#[test]
fn who_comes_later_is_not_ended_for_being_idle() {
    let server = limited();
    server.execute(&["create database other owner app"]);
    let workspace = workspace_on(&server);
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\n[databases.other]\nurl = \"${OTHER_URL}\"\n",
    );
    for (version, database, sql) in [
        ("1_main", "main", "select pg_sleep(1);"),
        ("2_other", "other", "select 1;"),
    ] {
        workspace.migration_with(
            version,
            sql,
            "",
            &format!("run_in_transaction = true\ndatabase = \"{database}\"\n"),
        );
    }
    for gone in ["20240101000000_users", "20240202000000_posts"] {
        workspace.remove_migration(gone);
    }
    limit(&server, 200);
    let url = |database| server.url(database).replace("postgres@", "app@");
    let urls = [("DATABASE_URL", url("app")), ("OTHER_URL", url("other"))];
    let urls = urls.each_ref().map(|(name, url)| (*name, url.as_str()));
    workspace.run_with("deploy", &urls).success();
}
