//! On a terminal: colour, questions, a progress bar. `script` is the terminal.

use std::io::Write;
use std::process::{Command, Stdio};

use testkit::Workspace;

use crate::users_and_posts;

/// What a person at a terminal saw, and the exit code. `answer` is typed in.
fn at_a_terminal(workspace: &Workspace, line: &str, answer: &str) -> (String, Option<i32>) {
    at_a_terminal_with(workspace, line, answer, &[])
}

fn at_a_terminal_with(
    workspace: &Workspace,
    line: &str,
    answer: &str,
    variables: &[(&str, &str)],
) -> (String, Option<i32>) {
    let program = workspace.command();
    let program = program.get_program().to_string_lossy();
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command"])
        .arg(format!("{program} {line}"))
        .arg("/dev/null")
        .current_dir(workspace.path("."))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`script` is part of every Debian");
    let mut stdin = script.stdin.take().expect("it is piped");
    stdin.write_all(answer.as_bytes()).expect("it reads");
    let output = script.wait_with_output().expect("it ends");
    drop(stdin);
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        output.status.code(),
    )
}

#[test]
fn colour_is_for_terminals_and_for_those_who_want_it() {
    let workspace = users_and_posts();
    let (seen, _) = at_a_terminal(&workspace, "deploy", "");
    assert!(seen.contains("\u{1b}[32m  applied\u{1b}[0m"), "{seen:?}");
    let (seen, _) = at_a_terminal_with(&workspace, "status", "", &[("NO_COLOR", "1")]);
    assert!(
        !seen.contains('\u{1b}') && seen.contains("  applied"),
        "{seen:?}"
    );
    assert!(!workspace.run("status").stdout().contains('\u{1b}'));
}

#[test]
fn a_long_migration_shows_a_bar_and_a_short_one_does_not() {
    let workspace = users_and_posts();
    let (seen, _) = at_a_terminal(&workspace, "deploy", "");
    assert!(!seen.contains("applying"), "{seen:?}");
    workspace.migration("20250101000000_slow", "select pg_sleep(1.2);", "");
    let (seen, code) = at_a_terminal(&workspace, "deploy", "");
    assert!(seen.contains("applying 0/1"), "{seen:?}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_destroys_asks_and_says_what_it_would_hit() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace
        .database()
        .execute("insert into users values (1, 'a')");
    let users = "select count(*) from users";
    let (seen, code) = at_a_terminal(&workspace, "reset", "n");
    assert!(seen.contains(workspace.database().name()), "{seen:?}");
    assert_eq!(code, Some(2));
    assert_eq!(workspace.database().value(users).as_deref(), Some("1"));
    let (_, code) = at_a_terminal(&workspace, "reset", "y");
    assert_eq!(code, Some(0));
    assert_eq!(workspace.database().value(users).as_deref(), Some("0"));
}

#[test]
fn production_is_shown_its_plan_before_the_question() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    let url = [("DATABASE_URL", workspace.database().url())];
    let (seen, code) = at_a_terminal_with(&workspace, "deploy:prod", "n", &url);
    assert!(seen.contains("20240101000000 users"), "{seen:?}");
    assert!(seen.contains("Apply this to production"), "{seen:?}");
    assert_eq!(code, Some(2));
    let (_, code) = at_a_terminal_with(&workspace, "deploy:prod", "y", &url);
    assert_eq!(code, Some(0));
    assert_eq!(workspace.run("status --exit-code").code(), 0);
}
