//! `new`, `init`, `completions` and the help.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::workspace;

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

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let run = workspace().run(&format!("completions {shell}")).success();
        assert!(run.stdout().contains("deploy:prod"), "{shell}");
    }
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
