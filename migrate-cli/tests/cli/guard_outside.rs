//! Outside a transaction: what is no breach there, and that what is done for good is not forgotten.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::guard::two_services;

fn outside(services: &str) -> String {
    format!("run_in_transaction = false\nservices = {services}\n")
}

/// Only the database knows that `tags` is the other service's.
fn tags_out_of_sight() -> Workspace {
    let workspace = two_services();
    workspace.migration("21_tags", "create table tags (name text);", "");
    workspace.run("deploy").success();
    workspace.database().execute(&format!(
        "alter database {} set search_path = post, public",
        workspace.database().name()
    ));
    workspace
}

#[test]
fn functions_are_called_the_same_before_and_after() {
    let workspace = two_services();
    workspace.migration(
        "3_mail",
        "create extension citext; create domain mail as citext check (value ~ '@');\n\
         alter table users add column mail mail;",
        "",
    );
    workspace.migration_with(
        "4_index",
        "create index concurrently posts_author on posts (author);\nvacuum posts;\n",
        "",
        &outside("[\"post\"]"),
    );
    workspace.run("deploy").success();
}

#[test]
fn foreign_keys_of_others_follow_the_index() {
    let workspace = two_services();
    workspace.migration_with(
        "3_index",
        "reindex table concurrently users;\nreindex index concurrently users_pkey;\n\
         vacuum full users;\ncluster users using users_pkey;\nvacuum analyze;\n",
        "",
        &outside("[\"auth\"]"),
    );
    workspace.run("deploy").success();
}
