//! Files that end the transaction that holds them, where their text does not show it.

use std::fmt::Write as _;

use insta::assert_snapshot;
use testkit::{OwnServer, Workspace};

use super::proxy::Proxy;
use super::workspace_on;

/// Here the server reads what no file may hold. It begins with a byte by which no message ends: a
/// request for TLS ends in `/`.
const COMMENT: &str = " /* leave the transaction here */";
const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

/// A workspace on a server that reads something else where the comment is.
fn through(server: &OwnServer, ends: &'static str) -> Workspace {
    let mut workspace = workspace_on(server);
    workspace.run("deploy").success();
    let ends: &'static str = format!("{ends:width$}", width = COMMENT.len()).leak();
    let port = Proxy::rewriting(server.port(), COMMENT, ends).port();
    workspace.set_url(&format!("postgresql://postgres@127.0.0.1:{port}/app"));
    workspace.hide(port, "[proxy]");
    workspace
}

fn tables(server: &OwnServer) -> String {
    let sql = "select string_agg(tablename, ' ' order by tablename) from pg_tables \
               where schemaname = 'public' and tablename like 'auth%'";
    server.value("app", sql).unwrap_or_default()
}

#[test]
fn a_file_that_got_out_is_told_what_it_committed_and_never_that_it_was_rolled_back() {
    let mut told = String::new();
    for (what, ends, left) in [
        ("and goes on", "; commit;", "auth_a"),
        ("and begins another", "; commit; begin;", "auth_a"),
        ("and takes it back", "; rollback; begin;", ""),
        (
            "and makes a savepoint",
            "; end; begin; savepoint a;",
            "auth_a",
        ),
        ("and fails", "; commit; select 1/0;", "auth_a"),
        (
            "and begins another and fails",
            "; abort; begin; select 1/0;",
            "",
        ),
        ("and goes on in another", "; commit and chain;", "auth_a"),
    ] {
        let server = OwnServer::start();
        let workspace = through(&server, ends);
        let up = format!("create table auth_a () {COMMENT} create table auth_b ();\n");
        workspace.migration("20250101000000_out", &up, "");
        let run = workspace.run("deploy");
        writeln!(told, "== {what}\n{run}\n").expect("a string can be written to");
        assert_eq!(tables(&server), left, "{what}\n{run}");
        let applied = "select count(*) from __diesel_schema_migrations where version like '2025%'";
        assert_eq!(server.value("app", applied).as_deref(), Some("0"), "{what}");
    }
    assert_snapshot!(told);
}

#[test]
fn who_got_out_is_not_run_again_before_somebody_has_looked() {
    let server = OwnServer::start();
    let workspace = through(&server, "; commit;");
    let up = format!("create table auth_a () {COMMENT} create table auth_b ();\n");
    workspace.migration("20250101000000_out", &up, "");
    workspace.migration("20250102000000_after", "create table auth_c ();", "");
    let mut told = String::new();
    for line in [
        "deploy",
        "status",
        "deploy",
        "deploy --dry-run",
        "resolve --retry 20250101000000",
    ] {
        writeln!(told, "{}\n", workspace.run(line)).expect("a string can be written to");
    }
    assert_eq!(tables(&server), "auth_a");
    workspace.migration("20250101000000_out", "create table auth_b ();\n", "");
    for line in ["resolve --rolled-back 20250101000000 --yes", "deploy"] {
        workspace.run(line).success();
    }
    assert_eq!(tables(&server), "auth_a auth_b auth_c");
    assert_snapshot!(told);
}

#[test]
fn who_got_out_among_others_is_the_only_one_that_is_not_recorded() {
    let server = OwnServer::start();
    let workspace = through(&server, "; commit; begin;");
    let up = format!("create table auth_b () {COMMENT} create table auth_c ();\n");
    workspace.migration("20250101000000_before", "create table auth_a ();", "");
    workspace.migration("20250102000000_out", &up, "");
    workspace.migration("20250103000000_after", "create table auth_d ();", "");
    let run = workspace.run("deploy");
    assert_snapshot!(run);
    assert_eq!(tables(&server), "auth_a auth_b");
    let applied = "select string_agg(version, ' ') from __diesel_schema_migrations \
                   where version like '2025%'";
    assert_eq!(
        server.value("app", applied).as_deref(),
        Some("20250101000000")
    );
}

#[test]
fn a_statement_outside_a_transaction_has_one_too() {
    let server = OwnServer::start();
    let workspace = through(&server, "; commit;");
    let up = format!(
        "create table auth_a ();\ncreate table auth_b () {COMMENT} create table auth_c ();\n"
    );
    workspace.migration_with("20250101000000_out", &up, "", OUTSIDE);
    let (first, again) = (workspace.run("deploy"), workspace.run("deploy"));
    assert_snapshot!(format!("{first}\n\n{again}"));
    assert_eq!(tables(&server), "auth_a auth_b");
}

#[test]
fn a_revert_that_got_out_is_told_so() {
    let server = OwnServer::start();
    let workspace = through(&server, "; commit;");
    let down = format!("drop table auth_b {COMMENT} drop table auth_a;\n");
    let up = "create table auth_a (); create table auth_b ();";
    workspace.migration("20250101000000_out", up, &down);
    workspace.run("deploy").success();
    let (first, again) = (workspace.run("revert"), workspace.run("revert"));
    assert_snapshot!(format!("{first}\n\n{again}"));
    assert_eq!(tables(&server), "auth_a");
}

/// What the server refuses in a file that stays in its transaction is rolled back, as ever.
#[test]
fn who_makes_and_leaves_savepoints_did_not_get_out() {
    let server = OwnServer::start();
    let workspace = workspace_on(&server);
    workspace.run("deploy").success();
    for up in [
        "create table auth_a (); savepoint a; release a; release a;",
        "create table auth_a (); savepoint a; rollback to a; select 1/0;",
        "create table auth_a (); release savepoint migrate_guard;",
        "create table auth_a (x int unique deferrable initially deferred);\n\
         insert into auth_a values (1), (1);",
    ] {
        workspace.migration("20250101000000_in", up, "");
        let run = workspace.run("deploy");
        assert!(run.stderr().contains("error[sql]"), "{run}");
        assert!(run.stderr().contains("rolled back"), "{run}");
        assert_eq!(tables(&server), "");
    }
}
