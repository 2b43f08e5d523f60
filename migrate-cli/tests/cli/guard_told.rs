//! How a breach that the guard found is told: by every command, and with something that can be done.

use insta::assert_snapshot;

use crate::guard::{two_services, unseen};

const NO_SERVICE: &str = "run_in_transaction = true\n";

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
