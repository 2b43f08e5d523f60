//! How a breach that the guard found is told: by every command, and with something that can be done.

use insta::assert_snapshot;

use crate::guard::{two_services, unseen};

const NO_SERVICE: &str = "run_in_transaction = true\n";

#[test]
fn by_check_and_generate() {
    let workspace = two_services();
    workspace.migration(
        "3_attack",
        &unseen("alter table posts drop column mood;"),
        "",
    );
    assert_snapshot!(workspace.run("check"), @r#"
    $ migrate check
    --- stderr
    error[ownership]: migration 3_attack of auth changed what other services own
     |
     = changed: table posts of post: column mood dropped
     = state: the shadow database is gone again; nothing else was touched
     = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
             or except it: allow = [{ object = "posts", reason = "..." }]
    --- exit 4
    "#);
    assert_snapshot!(workspace.run("generate"), @r#"
    $ migrate generate
    --- stderr
    error[ownership]: migration 3_attack of auth changed what other services own
     |
     = changed: table posts of post: column mood dropped
     = state: the shadow database is gone again; nothing else was touched
     = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
             or except it: allow = [{ object = "posts", reason = "..." }]
    --- exit 4
    "#);
    assert_snapshot!(workspace.run("check --format json"), @r#"
    $ migrate check --format json
    --- stdout
    {
      "command": "check",
      "errors": [
        {
          "changed": "table posts of post: column mood dropped",
          "code": "ownership",
          "message": "migration 3_attack of auth changed what other services own",
          "next": "move it to a migration of post, or name both in metadata.toml: services = [\"auth\", \"post\"]\nor except it: allow = [{ object = \"posts\", reason = \"...\" }]",
          "state": "the shadow database is gone again; nothing else was touched"
        }
      ],
      "format": 1,
      "outcome": "failed"
    }
    --- exit 4
    "#);
    workspace.migration_with(
        "3_attack",
        "do $$ begin execute 'update ' || 'users set name = name'; end $$;\n\
         do $$ begin execute 'drop table ' || 'comments'; end $$;\n",
        "",
        "run_in_transaction = false\nservices = [\"auth\"]\n",
    );
    assert_snapshot!(workspace.run("check"), @r#"
    $ migrate check
    --- stderr
    error[ownership]: migration 3_attack of auth changed what other services own
     --> migrations/3_attack/up.sql:2:1
      |
    2 | do $$ begin execute 'drop table ' || 'comments'; end $$;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ here
      |
      = changed: table comments of post: dropped
      = state: the shadow database is gone again; nothing else was touched
      = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
              or except it: allow = [{ object = "comments", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn of_a_migration_without_services() {
    let workspace = two_services();
    workspace.migration_with("3_attack", &unseen("drop table comments;"), "", NO_SERVICE);
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 3_attack changed what other services own
     |
     = changed: table comments of post: dropped
     = state: rolled back; 2 migrations stay applied
     = next: say so in metadata.toml: services = ["post"]
             or except it: allow = [{ object = "comments", reason = "..." }]
    --- exit 4
    "#);
    let both = "drop table comments; drop table logins;";
    workspace.migration_with("3_attack", &unseen(both), "", NO_SERVICE);
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 3_attack changed what other services own
     |
     = changed: table comments of post: dropped
                table logins of auth: dropped
     = state: rolled back; 2 migrations stay applied
     = next: write one migration for each, or name both in metadata.toml: services = ["auth", "post"]
             or except them: allow = [{ object = "comments", reason = "..." }, { object = "logins", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn of_several_owners() {
    let workspace = two_services();
    let settings = std::fs::read_to_string(workspace.path("migrate.toml")).unwrap();
    workspace.write(
        "migrate.toml",
        &format!("{settings}\n[services.billing]\nowns = [\"in\\\"voices\", \"bills\"]\n"),
    );
    workspace.migration_with(
        "3_billing",
        "create table \"in\"\"voices\" (id int); create table bills (id int);",
        "",
        "run_in_transaction = true\nservices = [\"billing\"]\n",
    );
    workspace.run("deploy").success();
    workspace.migration(
        "4_attack",
        &unseen("drop table \"in\"\"voices\", comments;"),
        "",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 4_attack of auth changed what other services own
     |
     = changed: table comments of post: dropped
                table in"voices of billing: dropped
     = state: rolled back; 3 migrations stay applied
     = next: write one migration for each, or name all in metadata.toml: services = ["auth", "billing", "post"]
             or except them: allow = [{ object = "comments", reason = "..." }, { object = "in\"voices", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn of_a_migration_whose_folder_is_gone() {
    let workspace = two_services();
    workspace.migration("3_gone", "select 1;", &unseen("delete from comments;"));
    workspace.run("deploy").success();
    workspace.remove_migration("3_gone");
    assert_snapshot!(workspace.run("revert"), @r#"
    $ migrate revert
    --- stderr
    error[ownership]: migration 3_gone of auth changed what other services own
     |
     = changed: table comments of post: 1 row written
     = state: rolled back; it stays applied
     = next: get the folder back from version control; then name both in metadata.toml: services = ["auth", "post"]
             or except it: allow = [{ object = "comments", reason = "..." }]
    --- exit 4
    "#);
}
