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

#[test]
fn what_is_done_for_good_is_refused_again() {
    let workspace = tags_out_of_sight();
    let up = "create index concurrently tags_name on tags (name);\nselect 1;\n";
    workspace.migration_with("3_alone", up, "", &outside("[\"auth\"]"));
    assert_eq!(workspace.run("deploy").code(), 4);
    // A migration before it is not run either.
    workspace.migration("22_late", "create table public.logins_22 (id int);", "");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 3_alone of auth changed what other services own
     --> migrations/3_alone/up.sql:1:1
      |
    1 | create index concurrently tags_name on tags (name);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ done, and cannot be rolled back
      |
      = changed: table post.tags of post: index tags_name added
      = state: 1 of 2 statements are done for good; nothing was run now
      = next: name both in metadata.toml: services = ["auth", "post"]; then `migrate deploy` goes on
              or except it: allow = [{ object = "post.tags", reason = "..." }]
    --- exit 4
    "#);
    let tries = "select count(*) from __migrate_ledger where version = '3'";
    assert_eq!(workspace.database().value(tries).as_deref(), Some("1"));
    workspace.migration_with("3_alone", up, "", &outside("[\"auth\", \"post\"]"));
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
      applied 22 late   auth [time]
      applied 3  alone  auth, post [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
}

#[test]
fn an_exception_for_what_is_done_for_good() {
    let workspace = tags_out_of_sight();
    let up = "create index concurrently tags_name on tags (name);\n";
    workspace.migration_with("3_alone", up, "", &outside("[\"auth\"]"));
    assert_eq!(workspace.run("deploy").code(), 4);
    let allow = |object: &str| {
        let services = outside("[\"auth\"]");
        format!("{services}allow = [{{ object = \"{object}\", reason = \"agreed\" }}]\n")
    };
    workspace.migration_with("3_alone", up, "", &allow("post.other"));
    assert_eq!(workspace.run("deploy").code(), 4);
    workspace.migration_with("3_alone", up, "", &allow("post.t*"));
    workspace.run("deploy").success();
}

/// It is not done, so it would be run again; and what it has committed would be old by then.
#[test]
fn a_procedure_that_commits_and_fails() {
    let workspace = two_services();
    workspace.migration(
        "3_procedure",
        "create procedure p() language plpgsql as $$ begin\n\
         execute '' || 'alter table comments add column if not exists x int'; commit;\n\
         raise exception 'too late'; end $$;",
        "",
    );
    workspace.run("deploy").success();
    workspace.migration_with("4_call", "call p();\n", "", &outside("[\"auth\"]"));
    assert_eq!(workspace.run("deploy").code(), 4);
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 4_call of auth changed what other services own
     --> migrations/4_call/up.sql:1:1
      |
    1 | call p();
      | ^^^^^^^^ done, and cannot be rolled back
      |
      = changed: table comments of post: column x added
      = state: what it committed stays; nothing was run now
      = next: name both in metadata.toml: services = ["auth", "post"]; then `migrate deploy` goes on
              or except it: allow = [{ object = "comments", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn the_way_back_is_not_forgotten() {
    let workspace = tags_out_of_sight();
    workspace.migration_with(
        "3_alone",
        "select 1;\n",
        "create index concurrently tags_name on tags (name);\n",
        &outside("[\"auth\"]"),
    );
    workspace.run("deploy").success();
    assert_eq!(workspace.run("revert").code(), 4);
    assert_eq!(workspace.run("revert").code(), 4);
}

/// Its table has no column for what was refused.
#[test]
fn a_ledger_from_before() {
    let workspace = two_services();
    workspace.database().execute(
        "alter table __migrate_ledger drop column breach, drop column begun, \
         drop column by_hand, drop column in_place_of; \
         update __migrate_format set format = 1",
    );
    workspace.run("status").success();
    workspace.migration_with("3_outside", "select 1;\n", "", &outside("[\"auth\"]"));
    workspace.run("deploy").success();
    let format = "select format from __migrate_format";
    assert_eq!(workspace.database().value(format).as_deref(), Some("3"));
}
