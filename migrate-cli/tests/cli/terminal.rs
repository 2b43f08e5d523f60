//! On a terminal: colour, questions, a progress bar. `script` is the terminal.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use testkit::Workspace;

use crate::users_and_posts;

/// What a person at a terminal saw, and the exit code. While the question stands there, something
/// else happens; then the answer is yes.
fn asked_meanwhile(
    workspace: &Workspace,
    line: &str,
    question: &str,
    meanwhile: impl FnOnce(),
) -> (String, Option<i32>) {
    let mut script = script(workspace, line)
        .env("DATABASE_URL", workspace.database().url())
        .spawn()
        .expect("`script` is part of every Debian");
    let mut stdin = script.stdin.take().expect("it is piped");
    let mut stdout = script.stdout.take().expect("it is piped");
    let mut seen = Vec::new();
    let mut part = [0; 4096];
    let text = |seen: &[u8]| String::from_utf8_lossy(seen).into_owned();
    while !text(&seen).contains(question) {
        let read = stdout.read(&mut part).expect("it can be read");
        assert!(read > 0, "{question:?} was not asked: {}", text(&seen));
        seen.extend(&part[..read]);
    }
    meanwhile();
    stdin.write_all(b"y").expect("it reads");
    stdout.read_to_end(&mut seen).expect("it can be read");
    let status = script.wait().expect("it ends");
    (text(&seen), status.code())
}

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
    let mut script = script(workspace, line)
        .envs(variables.iter().copied())
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

/// Our program at a terminal.
fn script(workspace: &Workspace, line: &str) -> Command {
    let program = workspace.command();
    let program = program.get_program().to_string_lossy();
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command"])
        .arg(format!("{program} {line}"))
        .arg("/dev/null")
        .current_dir(workspace.path("."))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    script
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
    // On a machine that is busy it may not have been short.
    let milliseconds = seen
        .split("applied to main in ")
        .nth(1)
        .and_then(|rest| rest.split_once(" ms"))
        .and_then(|(number, _)| number.parse::<u32>().ok());
    let was_short = milliseconds.is_some_and(|milliseconds| milliseconds < 400);
    assert!(!was_short || !seen.contains("applying"), "{seen:?}");
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

/// The error of a plan that is another by now: what it says of it.
fn assert_changed((seen, code): &(String, Option<i32>)) {
    assert_eq!(*code, Some(1), "{seen}");
    assert!(seen.contains("error[changed]"), "{seen}");
    assert!(seen.contains("is not what was approved"), "{seen}");
    assert!(seen.contains("no migration was run in main"), "{seen}");
}

#[test]
fn production_that_somebody_else_deploys_to_meanwhile_is_not_what_was_approved() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    let asked = asked_meanwhile(&workspace, "deploy:prod", "Apply this to", || {
        workspace.run("deploy --to 20240101000000").success();
    });
    assert_changed(&asked);
    assert_eq!(workspace.run("status --exit-code").code(), 3);
}

#[test]
fn a_file_that_is_edited_meanwhile_is_not_what_was_approved() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    let asked = asked_meanwhile(&workspace, "deploy:prod", "Apply this to", || {
        workspace.write(
            "migrations/20240101000000_users/up.sql",
            "create table users (id int primary key, name text, age int);",
        );
    });
    assert_changed(&asked);
    assert_eq!(workspace.run("status --exit-code").code(), 3);
}

#[test]
fn what_nobody_was_asked_about_is_not_applied_when_it_comes_meanwhile() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    let asked = asked_meanwhile(&workspace, "deploy:prod", "Apply this to", || {
        workspace.migration("20250101000000_more", "create table more ();", "");
    });
    assert_changed(&asked);
}

#[test]
fn another_migration_than_the_last_one_that_was_seen_is_not_reverted() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    for (line, question) in [
        ("revert --env prod", "Revert in production"),
        ("redo --env prod", "Revert and apply again in production"),
    ] {
        let asked = asked_meanwhile(&workspace, line, question, || {
            workspace.run("revert").success();
        });
        assert_changed(&asked);
        assert_eq!(workspace.run("status --exit-code").code(), 3);
        workspace.run("deploy").success();
    }
}

#[test]
fn what_is_recorded_by_hand_is_what_was_seen() {
    let workspace = users_and_posts();
    workspace.run("deploy --to 20240101000000").success();
    let line = "resolve --applied 20240202000000 --env prod";
    let asked = asked_meanwhile(&workspace, line, "Do this in production", || {
        workspace.write(
            "migrations/20240202000000_posts/up.sql",
            "create table posts ();",
        );
    });
    assert_changed(&asked);
    assert_eq!(workspace.run("status --exit-code").code(), 3);
}

#[test]
fn a_reset_builds_only_what_was_there_when_it_was_asked_for() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let users = "select count(*) from users";
    let asked = asked_meanwhile(&workspace, "reset", "Drop", || {
        workspace.migration("20250101000000_more", "create table more ();", "");
    });
    assert_changed(&asked);
    assert_eq!(workspace.database().value(users).as_deref(), Some("0"));
}
