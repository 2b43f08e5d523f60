//! Several databases: all are looked at before anything is applied to any.

use insta::assert_snapshot;
use testkit::{Database, Workspace};

use crate::workspace;

/// Two databases, each with a migration.
fn two(second: &Database) -> Workspace {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [databases.erp]\nurl = \"${ERP_URL}\"\ncreate = true\n\n\
         [services.auth]\ndatabase = \"main\"\n\n[services.post]\ndatabase = \"erp\"\n",
    );
    let local = format!(
        "DATABASE_URL='{}'\nERP_URL='{}'\n",
        workspace.database().url(),
        second.url()
    );
    workspace.write(".env.local", &local);
    for (name, service, database) in [("1_a", "auth", "main"), ("2_b", "post", "erp")] {
        workspace.migration_with(
            name,
            &format!("create table t_{service} ();"),
            &format!("drop table t_{service};"),
            &format!(
                "run_in_transaction = true\nservices = [\"{service}\"]\ndatabase = \"{database}\"\n"
            ),
        );
    }
    workspace
}

#[test]
fn each_gets_its_own_migrations() {
    let second = Database::reserve();
    let workspace = two(&second);
    let run = workspace.run("deploy").success();
    assert_snapshot!(run.stdout_filtered(), @"
    applied 1 a  auth [time]
    applied 2 b  post [time]
       done 1 migration applied to main in [time]
       done 1 migration applied to erp in [time]
    ");
    assert!(second.value("select to_regclass('t_post')").is_some());
    assert_eq!(second.value("select to_regclass('t_auth')"), None);
    assert_snapshot!(workspace.run("status --service post").stdout_filtered().replace(second.name(), "[second]"), @"
    applied  2  b  post  [moment] [time]
        erp  1 applied (postgres@[socket]:5432/[second])
    ");
}

#[test]
fn a_connection_that_fails_stops_all_of_them() {
    let second = Database::reserve();
    let workspace = two(&second);
    let wrong = [("ERP_URL", "postgres://app@127.0.0.1:1/erp")];
    workspace.run("db create").success();
    assert_snapshot!(workspace.run_with("deploy", &wrong), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database erp at app@127.0.0.1:1/erp
     |
     = server: connection to server at "127.0.0.1", port 1 failed: Connection refused
               Is the server running on that host and accepting TCP/IP connections?
     = state: nothing was touched
     = next: check host and port, and that the server runs; `--wait 60` waits for it
    --- exit 1
    "#);
    assert_eq!(
        workspace.database().value("select to_regclass('t_auth')"),
        None
    );
    workspace
        .run_with("deploy --database main", &wrong)
        .success();
}

#[test]
fn every_missing_variable_is_named() {
    let second = Database::reserve();
    let workspace = two(&second);
    workspace.write(".env.local", "");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[settings]: variable `DATABASE_URL` is not set
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `DATABASE_URL=...` into `.env.local`, or export it
    error[settings]: variable `ERP_URL` is not set
     --> migrate.toml:6:7
      |
    6 | url = "${ERP_URL}"
      |       ^^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `ERP_URL=...` into `.env.local`, or export it
    --- exit 2
    "#);
}

#[test]
fn a_migration_has_to_say_for_which() {
    let second = Database::reserve();
    let workspace = two(&second);
    workspace.migration("3_c", "select 1;", "");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[settings]: migration `3_c` does not say for which database it is
     |
     = next: write `database = "..."` into `migrations/3_c/metadata.toml`: main, erp
    --- exit 2
    "#);
    assert_snapshot!(workspace.run("new x"), @"
    $ migrate new x
    --- stderr
    error[settings]: which database? there are several
     |
     = next: add `--database NAME`: main, erp
    --- exit 2
    ");
    workspace.remove_migration("3_c");
    workspace.run("new x --service post").success();
}

#[test]
fn a_failure_in_the_second_tells_what_the_first_has() {
    let second = Database::reserve();
    let workspace = two(&second);
    workspace.migration_with(
        "3_c",
        "select 1 / 0;",
        "",
        "run_in_transaction = true\nservices = [\"post\"]\ndatabase = \"erp\"\n",
    );
    let run = workspace.run("deploy");
    assert_snapshot!(run.stdout_filtered(), @"
    applied 1 a  auth [time]
    applied 2 b  post [time]
    ");
    assert_eq!(run.code(), 1);
    assert!(
        run.stderr()
            .contains("rolled back; 1 migration stays applied"),
        "{run}"
    );
}

#[test]
fn commands_for_one_database_ask_which() {
    let second = Database::reserve();
    let workspace = two(&second);
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[settings]: which database? there are several
     |
     = next: add `--database NAME`: main, erp
    --- exit 2
    ");
    assert_snapshot!(workspace.run("db url"), @"
    $ migrate db url
    --- stderr
    error[settings]: which database? there are several
     |
     = next: add `--database NAME`: main, erp
    --- exit 2
    ");
}

#[test]
fn a_migration_is_resolved_in_its_own() {
    let second = Database::reserve();
    let workspace = two(&second);
    workspace.run("deploy --database main").success();
    workspace.run("db create --database erp").success();
    assert_snapshot!(workspace.run("resolve --applied 2"), @"
    $ migrate resolve --applied 2
    --- stdout
     resolved 2_b counts as applied to erp; nothing of it is run
    --- exit 0
    ");
    let versions = "select string_agg(version, ',') from __diesel_schema_migrations";
    assert_eq!(second.value(versions).as_deref(), Some("2"));
    // Of one whose folder is gone nobody knows.
    workspace.remove_migration("2_b");
    assert_snapshot!(workspace.run("resolve --rolled-back 2"), @"
    $ migrate resolve --rolled-back 2
    --- stderr
    error[settings]: which database? there are several
     |
     = next: add `--database NAME`: main, erp
    --- exit 2
    ");
    let run = workspace.run("resolve --rolled-back 2 --database erp");
    assert_eq!(run.code(), 2, "it is ahead: {run}");
}
