//! What a migration says of itself, and what `migrate.toml` says of tables.

use insta::assert_snapshot;
use testkit::Workspace;

use super::attack::{Attack, attack, fingerprint, refused};
use super::victim::victim;

const SETTINGS: &[Attack] = &[
    attack(
        "several owners and no service",
        "update users set name = name;\nupdate posts set title = title;",
    )
    .by(&[]),
    attack(
        "several owners in one statement and no service",
        "drop table sessions, comments;",
    )
    .by(&[]),
    attack(
        "two services, neither the owner",
        "delete from billing.invoices;",
    )
    .by(&["auth", "post"]),
    attack("an exception for something else", "drop table posts;")
        .metadata("allow = [{ object = \"comments\", reason = \"agreed\" }]"),
    attack("an exception in another schema", "drop table posts;")
        .metadata("allow = [{ object = \"billing.posts\", reason = \"agreed\" }]"),
    attack(
        "an exception that covers half of it",
        "drop table posts, comments cascade;",
    )
    .metadata("allow = [{ object = \"posts\", reason = \"agreed\" }]"),
];

const METADATA: &[Attack] = &[
    attack("an exception without a reason", "drop table posts;")
        .metadata("allow = [{ object = \"posts\" }]"),
    attack("an exception with an empty reason", "drop table posts;")
        .metadata("allow = [{ object = \"posts\", reason = \" \" }]"),
    attack("an unknown service", "drop table posts;").by(&["psot"]),
];

#[test]
fn settings() {
    assert_snapshot!(refused(SETTINGS, 4));
}

#[test]
fn metadata() {
    assert_snapshot!(refused(METADATA, 2));
}

/// Refused by a command, with the database as before.
#[track_caller]
fn refuses(workspace: &Workspace, line: &str) -> String {
    let before = fingerprint(workspace.database());
    let run = workspace.run(line);
    assert_eq!(run.code(), 4, "{run}");
    assert_eq!(fingerprint(workspace.database()), before);
    format!("{run}\n\n")
}

#[test]
fn the_way_back() {
    let workspace = victim();
    workspace.migration(
        "20240901000000_notes",
        "create table auth_notes (id int primary key);\n",
        "drop table auth_notes;\ndrop table comments;\n",
    );
    workspace.run("deploy").success();
    assert_snapshot!(refuses(&workspace, "revert"));
}

#[test]
fn a_table_that_was_handed_on() {
    let workspace = victim();
    let settings = std::fs::read_to_string(workspace.path("migrate.toml")).expect("it is there");
    let settings = settings
        .replace("\"posts\", \"comments\"", "\"posts\"")
        .replace("\"sessions\", ", "\"sessions\", \"comments\", ");
    let transfer = "\n[[transfers]]\ntable = \"comments\"\nfrom = \"post\"\nto = \"auth\"\n\
                    after = \"20240103000000\"\n";
    workspace.write("migrate.toml", &format!("{settings}{transfer}"));
    workspace.run("deploy").success();
    workspace.migration_with(
        "20240901000000_attack",
        "alter table comments add column seen int;\n",
        "",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    assert_snapshot!(refuses(&workspace, "deploy"));
}

#[test]
fn an_attack_among_others_stops_them_all() {
    let workspace = victim();
    workspace.run("deploy").success();
    workspace.migration(
        "20240901000000_fine",
        "create table auth_fine (id int);\n",
        "",
    );
    workspace.migration("20240902000000_attack", "drop table posts;\n", "");
    workspace.migration("20240903000000_worse", "drop table comments, events;\n", "");
    assert_snapshot!(refuses(&workspace, "deploy"));
    assert_snapshot!("for_machines", refuses(&workspace, "deploy --format json"));
}
