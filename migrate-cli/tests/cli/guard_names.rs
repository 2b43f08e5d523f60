//! Whose a name is: what takes a name of another service, what is nobody's, and what no glob means.

use insta::assert_snapshot;

use crate::guard::{attacks, everything, two_services, unseen};
use crate::workspace;

#[test]
fn new_objects_under_names_of_others() {
    let said = attacks(&[
        "create table post.sneak (id serial primary key);",
        "create view post.sneak as select 1 as one;",
        "create materialized view post.sneak as select 1 as one;",
        "create sequence post.sneak;",
        "create table post.sneak as select * from users;",
        "create table post.sneak partition of events for values from ('2020-01-01') to ('2021-01-01');",
        "alter table logins set schema post;",
        "create table sneak (id int); alter table sneak set schema post;",
        "create schema near; create table near.sneak (id int); alter table near.sneak set schema post;",
    ]);
    assert_snapshot!(said);
}

#[test]
fn names_that_fit_a_glob() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [services.auth]\nowns = [\"users\"]\n\n[services.post]\nowns = [\"events*\"]\n",
    );
    workspace.migration("1_auth", "create table users (id int primary key);", "");
    workspace.run("deploy").success();
    for text in [
        "alter table users rename to events_old;",
        "create table events_mine (id int);",
    ] {
        workspace.migration("2_attack", &unseen(text), "");
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 4, "{text}\n{run}");
    }
    // Old histories name no services.
    for (version, services) in [("2", "services = [\"post\"]\n"), ("3", "")] {
        workspace.migration_with(
            &format!("{version}_attack"),
            &unseen(&format!("create table events_{version} (id int);")),
            "",
            &format!("run_in_transaction = true\n{services}"),
        );
    }
    workspace.run("deploy").success();
}

#[test]
fn new_objects_under_names_of_nobody() {
    let workspace = two_services();
    for (index, text) in [
        "create table elsewhere partition of events for values from ('2020-01-01') to ('2021-01-01');",
        "create table posted (id serial primary key); create sequence poster; alter table posted rename to posters;",
        "create temp table posts (id int); create temp table comments (id serial); alter table pg_temp.comments rename to drafts;",
        "create schema near; create table near.posts (id int); alter table near.posts rename to tags;",
        "create extension pg_stat_statements schema post;",
    ]
    .iter()
    .enumerate()
    {
        workspace.migration(&format!("{}_fine", index + 3), &unseen(text), "");
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 0, "{text}\n{run}");
    }
}

const NO_SERVICE: &str = "run_in_transaction = true\n";

#[test]
#[ignore = "the owners of a moment do not tell yet what is nobody's"]
fn what_is_nobodys() {
    let workspace = two_services();
    workspace.migration_with(
        "3_shared",
        "create extension citext;\n\
         create schema util;\n\
         create function util.slug(t text) returns text language sql as 'select t';\n\
         create function util.shown(t text) returns text language sql immutable as 'select t';\n\
         create table settings (id int primary key);",
        "",
        NO_SERVICE,
    );
    workspace.migration(
        "4_use",
        "create table logins_4 (name text check (util.shown(name) <> ''), setting int references settings);",
        "",
    );
    workspace.run("deploy").success();
    let before = everything(&workspace);
    let slug = "create or replace function util.slug(t text) returns text language sql as 'select upper(t)';";
    let mut said = String::new();
    for text in [
        slug,
        "drop extension citext;",
        "insert into settings values (1);",
        "alter schema util rename to tools;",
    ] {
        workspace.migration("5_attack", &unseen(text), "");
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 4, "{text}\n{run}");
        assert_eq!(everything(&workspace), before, "{text}");
        said.push_str(&format!("{run}\n"));
    }
    assert_snapshot!(said);
    // Only a table of `auth` needs this one.
    let shown = "create or replace function util.shown(t text) returns text language sql immutable as 'select upper(t)';";
    workspace.migration("5_attack", &unseen(shown), "");
    workspace.migration_with("6_shared", &unseen(slug), "", NO_SERVICE);
    workspace.run("deploy").success();
}

#[test]
fn foreign_keys_asleep() {
    let workspace = two_services();
    let asleep = "do $$ begin perform set_config('session_' || 'replication_role', 'replica', true); end $$;";
    for (version, services) in [("3", "services = [\"auth\", \"post\"]\n"), ("4", "")] {
        let metadata = format!("run_in_transaction = true\n{services}");
        workspace.migration_with(&format!("{version}_asleep"), asleep, "", &metadata);
    }
    workspace.run("deploy").success();
    workspace.migration("5_attack", asleep, "");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 5_attack of auth set session_replication_role, by which foreign keys of others do not look
     |
     = state: rolled back; 4 migrations stay applied
     = next: put it into a migration that names no services, or name all services in metadata.toml
    --- exit 4
    ");
}

#[test]
fn a_glob_means_no_tables_of_the_server() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [services.auth]\nowns = [\"users\"]\n\n[services.post]\nowns = [\"*.*\"]\n",
    );
    workspace.migration(
        "1_auth",
        "create table users (id int primary key, name text);",
        "",
    );
    workspace.migration(
        "2_more",
        "create temp table scratch (id serial); insert into scratch values (1);\n\
         alter table users add column mail text; create index on users (mail);\n\
         comment on table users is 'who'; grant select on users to public;\n\
         create type mood as enum ('sad'); comment on type mood is 'how';\n\
         create function f() returns int language sql as 'select 1'; alter function f() stable;",
        "",
    );
    workspace.run("deploy").success();
}
