//! `new`, `init`, `completions` and the help.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::{users_and_posts, workspace};

#[test]
fn new_writes_three_files_that_deploy() {
    let workspace = workspace();
    let run = workspace
        .run("new VEXT-123-AddTenantId --service auth")
        .success();
    let shown = regex::Regex::new(r"\d{14}")
        .expect("valid")
        .replace_all(&run.to_string(), "[version]")
        .into_owned();
    assert_snapshot!(shown, @"
    $ migrate new VEXT-123-AddTenantId --service auth
    --- stdout
      created migrations/[version]_VEXT-123-AddTenantId/up.sql
      created migrations/[version]_VEXT-123-AddTenantId/down.sql
      created migrations/[version]_VEXT-123-AddTenantId/metadata.toml
    --- exit 0
    ");
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("new ..."), @"
    $ migrate new ...
    --- stderr
    error[settings]: `NAME` must be a name with letters or digits in it
    --- exit 2
    ");
}

#[test]
fn new_needs_no_database() {
    let workspace = workspace();
    workspace.write(".env.local", "");
    workspace.run("new add_titles").success();
}

#[test]
fn init_makes_a_workspace_that_deploys() {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    let run = workspace.run("init shop --first-service cart").success();
    let shown = regex::Regex::new(r"\d{14}")
        .expect("valid")
        .replace_all(&run.to_string(), "[version]")
        .into_owned();
    assert_snapshot!(shown, @"
    $ migrate init shop --first-service cart
    --- stderr
         next `cd shop && migrate up`
    --- stdout
      created migrate.toml
      created diesel.toml
      created .env.local
      created .env.docker
      created .gitignore
      created Cargo.toml
      created README.md
      created schema.rs
      created services/cart/Cargo.toml
      created services/cart/src/lib.rs
      created services/cart/src/schema.rs
      created migrations/[version]_initial/up.sql
      created migrations/[version]_initial/down.sql
      created migrations/[version]_initial/metadata.toml
    --- exit 0
    ");
    let url = [("DATABASE_URL", workspace.database().url())];
    let up = workspace.run_with("-C shop up", &url).success();
    assert!(!up.stderr().contains("warning"), "{up}");
    workspace
        .run_with("-C shop generate --check", &url)
        .success();
    assert!(
        workspace
            .database()
            .value("select to_regclass('accounts')")
            .is_some()
    );
    assert_eq!(
        workspace
            .run_with("-C shop status --exit-code", &url)
            .code(),
        0
    );
}

#[test]
fn init_completes_a_diesel_project_and_keeps_its_files() {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    workspace.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    workspace.write("Cargo.toml", "[package]\nname = \"shop\"\n");
    workspace.write(
        "migrations/2018-04-09-151922_users/up.sql",
        "create table users (id int primary key);",
    );
    assert_snapshot!(workspace.run("init"), @"
    $ migrate init
    --- stderr
         next `migrate up`
    --- stdout
      created migrate.toml
      created .env.docker
      created .gitignore
         kept diesel.toml
         kept .env.local
    --- exit 0
    ");
    workspace.run("up").success();
}

#[test]
fn init_refuses_a_name_that_is_no_crate() {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    assert_snapshot!(workspace.run("init shop --first-service ../x"), @"
    $ migrate init shop --first-service ../x
    --- stderr
    error: invalid value '../x' for '--first-service <NAME>': a crate's name has letters, digits, `-` and `_`, and begins with a letter

    For more information, try '--help'.
    --- exit 2
    ");
}

#[test]
fn help_of_every_command() {
    let workspace = workspace();
    for command in [
        "",
        "up",
        "deploy",
        "deploy:prod",
        "status",
        "history",
        "new",
        "revert",
        "redo",
        "resolve",
        "reset",
        "grants",
        "db",
        "db create",
        "db drop",
        "db wait",
        "db start",
        "db stop",
        "db url",
        "db shell",
        "check",
        "transfer",
        "exec",
        "init",
        "completions",
        "man",
    ] {
        let name = if command.is_empty() {
            "migrate"
        } else {
            command
        };
        let name = name.replace([' ', ':'], "_");
        assert_snapshot!(
            format!("help_{name}"),
            workspace.run(&format!("{command} -h"))
        );
    }
}

/// What a shell is answered where the cursor stands at the end of a line.
fn completed(workspace: &Workspace, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let output = workspace
        .command()
        .arg("--")
        .args(&words)
        .env("MIGRATE_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string())
        .env("_CLAP_IFS", "\n")
        .output()
        .expect("the binary runs");
    let answers = String::from_utf8(output.stdout).expect("names are text");
    answers.lines().map(str::to_owned).collect()
}

#[test]
fn commands_and_the_names_of_the_workspace_are_completed() {
    let workspace = users_and_posts();
    workspace.write(".env.docker", "");
    for (line, expected) in [
        ("migrate dep", vec!["deploy", "deploy:prod"]),
        ("migrate deploy:", vec!["deploy:prod"]),
        (
            "migrate help re",
            vec!["revert", "redo", "resolve", "reset"],
        ),
        ("migrate --service ", vec!["auth", "post"]),
        ("migrate status --database m", vec!["main"]),
        ("migrate deploy --env ", vec!["docker", "local"]),
        (
            "migrate deploy --to ",
            vec!["20240202000000", "20240101000000"],
        ),
        ("migrate resolve --applied 20240101", vec!["20240101000000"]),
        ("migrate transfer posts --from p", vec!["post"]),
        ("migrate transfer p", vec!["posts"]),
    ] {
        let mut answers = completed(&workspace, line);
        if line.ends_with("--env ") {
            answers.sort();
        }
        assert_eq!(answers, expected, "{line}");
    }
    let folder = workspace.path("");
    let elsewhere = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    let line = format!("migrate -C {} --service ", folder.display());
    assert_eq!(completed(&elsewhere, &line), ["auth", "post"]);
    // Where there is no workspace there are no names, and no error.
    assert_eq!(completed(&elsewhere, "migrate --service "), [""; 0]);
}

#[test]
fn bash_completes_past_a_colon() {
    let workspace = users_and_posts();
    let script = workspace.run("completions bash").success().stdout();
    let program = workspace.path("bin");
    std::fs::create_dir(&program).expect("the folder can be created");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_migrate"), program.join("migrate"))
        .expect("the link can be made");
    for (line, expected) in [
        ("migrate deploy:", "prod"),
        ("migrate deploy:p", "prod"),
        ("migrate deploy", "deploy deploy:prod"),
        ("migrate deploy:prod --dry", "--dry-run"),
        ("migrate   --service p", "post"),
    ] {
        // Words as Bash splits them, which the script may not rely on.
        let asked = format!(
            "{script}\nCOMP_LINE='{line}' COMP_POINT=${{#COMP_LINE}}\nCOMP_POINT={}\n\
             COMP_WORDS=(migrate x) COMP_CWORD=1\n_clap_complete_migrate migrate x migrate\n\
             echo \"${{COMPREPLY[*]}}\"",
            line.len()
        );
        let path = std::env::var("PATH").unwrap_or_default();
        let output = std::process::Command::new("bash")
            .args(["--norc", "-c", &asked])
            .current_dir(workspace.path(""))
            .env("PATH", format!("{}:{path}", program.display()))
            .output()
            .expect("there is a bash");
        let answers = String::from_utf8_lossy(&output.stdout);
        assert_eq!(answers.trim(), expected, "{line}: {output:?}");
    }
}

#[test]
fn every_shell_has_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = workspace().run(&format!("completions {shell}")).success();
        assert!(run.stdout().contains("MIGRATE_COMPLETE"), "{shell}");
    }
}

#[test]
fn there_is_a_page_of_the_manual_for_every_command() {
    let workspace = workspace();
    assert_snapshot!(workspace.run("man pages"), @"
    $ migrate man pages
    --- stderr
         next `man pages/migrate.1`
    --- stdout
      created pages/migrate.1
    --- exit 0
    ");
    for page in ["migrate.1", "migrate-deploy:prod.1", "migrate-db-shell.1"] {
        assert!(workspace.path("pages").join(page).exists(), "{page}");
    }
    let deploy = std::fs::read_to_string(workspace.path("pages/migrate-deploy.1")).unwrap();
    assert!(
        deploy.contains("migrate deploy \\-\\-dry\\-run"),
        "{deploy}"
    );
}

#[test]
fn a_wrong_word_is_corrected() {
    assert_snapshot!(workspace().run("deplyo"), @"
    $ migrate deplyo
    --- stderr
    error: unrecognized subcommand 'deplyo'

      tip: some similar subcommands exist: 'deploy:prod', 'deploy'

    Usage: migrate [OPTIONS] <COMMAND>

    For more information, try '--help'.
    --- exit 2
    ");
    assert_snapshot!(workspace().run("deploy --dryrun"), @"
    $ migrate deploy --dryrun
    --- stderr
    error: unexpected argument '--dryrun' found

      tip: a similar argument exists: '--dry-run'

    Usage: migrate deploy --dry-run

    For more information, try '--help'.
    --- exit 2
    ");
}
