//! A reader that goes away: `migrate deploy | head -1`.

use std::process::{ExitStatus, Output, Stdio};

use testkit::Workspace;

use crate::{users_and_posts, workspace};

/// Runs a command line whose standard output, and error if told, nobody reads any more.
fn run_unread(workspace: &Workspace, line: &str, stderr_too: bool) -> Output {
    let unread = || {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        writer
    };
    let mut command = workspace.command();
    command.args(line.split_whitespace()).stdout(unread());
    if stderr_too {
        command.stderr(unread());
    } else {
        command.stderr(Stdio::piped());
    }
    let child = command.spawn().expect("the binary runs");
    child.wait_with_output().expect("the binary ends")
}

#[track_caller]
fn assert_success(status: ExitStatus, line: &str) {
    assert_eq!(status.code(), Some(0), "{line}");
}

#[test]
fn a_deploy_goes_on_when_its_reader_goes_away() {
    for line in ["deploy", "deploy -v", "deploy --format json"] {
        for stderr_too in [false, true] {
            let workspace = users_and_posts();
            let output = run_unread(&workspace, line, stderr_too);
            assert_success(output.status, line);
            let applied = workspace
                .database()
                .value("select count(*) from __migrate_ledger where state = 'applied'");
            assert_eq!(applied.as_deref(), Some("2"), "{line}");
        }
    }
}

#[test]
fn no_command_minds_that_its_reader_went_away() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    for line in [
        "status",
        "status --format json",
        "history",
        "db url",
        "completions bash",
        "--help",
        "revert",
        "new later",
    ] {
        let output = run_unread(&workspace, line, false);
        assert_success(output.status, line);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{line}: {stderr}");
    }
}

#[test]
fn an_error_keeps_its_exit_code() {
    let workspace = workspace();
    workspace.write("migrate.toml", "[databases.main]\nurl = 1\n");
    for line in ["status", "status --format json"] {
        let output = run_unread(&workspace, line, true);
        assert_eq!(output.status.code(), Some(2), "{line}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_a_failure() {
    let workspace = users_and_posts();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = workspace
        .command()
        .arg("deploy")
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
        .wait_with_output()
        .expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    let (_, error) = said.split_once("error").expect("there is one");
    insta::assert_snapshot!(error, @"
    [output]: what was printed is lost: No space left on device (os error 28)
     |
     = state: the command has done its work; only what it printed is lost
     = next: make room where it is written to; `migrate status` shows how things stand
    ");
    let users = workspace.database().value("select count(*) from users");
    assert_eq!(users.as_deref(), Some("0"), "the deploy itself went on");
}
