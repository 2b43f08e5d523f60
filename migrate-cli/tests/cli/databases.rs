//! `db` and `exec`.

use insta::assert_snapshot;

use crate::{users_and_posts, workspace};

#[test]
fn create_and_drop() {
    let workspace = workspace();
    assert_snapshot!(workspace.run("db create"), @"
    $ migrate db create
    --- stderr
         main created database [database]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("db create"), @"
    $ migrate db create
    --- stdout
         done nothing to create
    --- exit 0
    ");
    assert_snapshot!(workspace.run("db drop"), @"
    $ migrate db drop
    --- stderr
    error[confirm]: dropping a database needs a yes, and nobody is there to ask
     |
     = state: nothing was touched
     = next: add `--yes` if that is what you want
    --- exit 2
    ");
    assert_snapshot!(workspace.run("db drop --yes"), @"
    $ migrate db drop --yes
    --- stdout
      dropped main
    --- exit 0
    ");
    assert_snapshot!(workspace.run("db drop --yes"), @"
    $ migrate db drop --yes
    --- stdout
         done nothing to drop
    --- exit 0
    ");
}

#[test]
fn wait_is_over_when_the_server_answers() {
    assert_snapshot!(workspace().run("db wait"), @"
    $ migrate db wait
    --- stdout
        ready main
    --- exit 0
    ");
    let nowhere = [("DATABASE_URL", "postgres://app@127.0.0.1:1/app")];
    assert_snapshot!(workspace().run_with("db wait 1", &nowhere), @"
    $ migrate db wait 1
    --- stderr
         main waiting for app@127.0.0.1:1/app
    error[connection]: the server of database main did not answer within 1 s
     |
     = server: app@127.0.0.1:1/app: nothing answers there
     = state: nothing was touched
     = next: check host and port, and that the server runs
    --- exit 1
    ");
}

#[test]
fn exec_passes_the_url_and_the_exit_code() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let psql = "exec -- sh -c";
    let output = workspace
        .command()
        .args(psql.split(' '))
        .arg("psql \"$DATABASE_URL\" -XAtc 'select count(*) from users'; echo $DATABASE_POOL_SIZE; exit 7")
        .output()
        .expect("the binary runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\n10\n");
    assert_eq!(output.status.code(), Some(7));
    assert_snapshot!(workspace.run("exec -- no-such-command"), @"
    $ migrate exec -- no-such-command
    --- stderr
    error[failed]: cannot run `no-such-command`
     |
     = cause: No such file or directory (os error 2)
    --- exit 1
    ");
}

#[test]
fn the_shell_gets_its_password_by_a_variable() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let output = workspace
        .command()
        .args(["db", "shell", "--", "-XAtc", "select count(*) from posts"])
        .output()
        .expect("the binary runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\n");
}

#[test]
fn no_secret_of_a_url_is_printed_or_becomes_an_argument() {
    let workspace = users_and_posts();
    let url = (
        "DATABASE_URL",
        "postgres://app:hunter2@h/db?sslkey=k&sslpassword=hunter3",
    );
    assert_snapshot!(workspace.run_with("db url", &[url]), @"
    $ migrate db url
    --- stderr
         note the password is left out; `migrate exec -- COMMAND` passes it on
    --- stdout
    postgresql://app@h/db?sslkey=k
    --- exit 0
    ");
    // In place of `psql`: tells what anyone can see of it, and what only its owner can.
    workspace.write("bin/psql", "#!/bin/sh\necho \"$@\"; echo \"$PGPASSWORD\"\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(workspace.path("bin/psql"), mode).expect("it was written");
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", workspace.path("bin").display());
    assert_snapshot!(workspace.run_with("db shell", &[url, ("PATH", &path)]), @"
    $ migrate db shell
    --- stderr
      warning `sslpassword` is left out: `psql` takes it only where anyone can see it
    --- stdout
    postgresql://app@h/db?application_name=psql&sslkey=k
    hunter2
    --- exit 0
    ");
}

#[test]
fn what_the_server_says_when_connected_to_is_a_warning_of_ours() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let warning = workspace.database().warns_who_connects();
    let run = workspace.run("status");
    assert!(
        run.stderr()
            .starts_with(&format!("  warning main: {warning}")),
        "{run}"
    );
    assert_eq!(
        run.stderr().lines().count(),
        1,
        "and of no one else's: {run}"
    );
    let quiet = workspace.run("status -q");
    assert_eq!(quiet.stderr(), "");
}

#[test]
fn a_name_with_quotes_and_spaces_is_a_name() {
    let workspace = users_and_posts();
    let name = format!("Odd \"{}\" größer", workspace.database().name());
    let url = workspace.database().target().with_database(&name).url();
    let url = [("DATABASE_URL", url.reveal())];
    workspace.run_with("db create", &url).success();
    workspace.run_with("deploy", &url).success();
    workspace.run_with("status --exit-code", &url).success();
    workspace.run_with("db drop --yes", &url).success();
}
