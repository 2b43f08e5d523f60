//! What `owns` and `reads` may name, and what needs an owner.

use insta::assert_snapshot;

use super::Private;

/// What a migration is for.
const OF_BOTH: &str = "run_in_transaction = true\nservices = [\"auth\", \"post\"]\n";

#[test]
fn every_table_has_one_owner() {
    let private = Private::new();
    private.workspace.migration(
        "20250101000000_orphan",
        "-- create table orphans\ncreate table orphans (id int primary key);",
        "",
    );
    private.workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\n\n\
         [services.auth]\nowns = [\"users\", \"usres\"]\n\n\
         [services.post]\nowns = [\"posts\", \"u*\"]\nreads = [\"users\", \"nothing_*\"]\n",
    );
    assert_snapshot!(private.run("generate"), @r#"
    $ migrate generate
    --- stderr
         main replayed 3 migrations into a shadow database
    error[settings]: the history has no table `usres`
     --> migrate.toml:5:18
      |
    5 | owns = ["users", "usres"]
      |                  ^^^^^^^ did you mean `users`?
      |
      = next: write the name of a table or view as the migrations leave it, or take this one out
    error[settings]: services auth and post both own `users`
     --> migrate.toml:8:18
      |
    8 | owns = ["posts", "u*"]
      |                  ^^^^
      |
      = next: one service owns `users`; others may have it in `reads`
    error[settings]: the history has no table `nothing_*`
     --> migrate.toml:9:19
      |
    9 | reads = ["users", "nothing_*"]
      |                   ^^^^^^^^^^^
      |
      = next: write the name of a table or view as the migrations leave it, or take this one out
    error[settings]: no service owns table `orphans`
     --> migrations/20250101000000_orphan/up.sql:2:14
      |
    2 | create table orphans (id int primary key);
      |              ^^^^^^^
      |
      = next: add `orphans`, or a pattern that means it, to `owns` of a service in migrate.toml
    --- exit 2
    "#);
}

/// A view is in no file, but it is somebody's.
#[test]
fn views_and_sequences_can_be_named() {
    let private = Private::new();
    private.workspace.migration_with(
        "20250101000000_views",
        "create view feed as select id from posts;
         create materialized view feed_totals as select count(*) as n from posts;
         create sequence feed_numbers;
         create table __kept (id int primary key);",
        "",
        OF_BOTH,
    );
    private.workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\n\n\
         [services.auth]\nowns = [\"users\", \"__kept\"]\nreads = [\"feed\", \"feed_*\"]\n\n\
         [services.post]\nowns = [\"posts\", \"feed\", \"feed_totals\", \"feed_n*\"]\n\
         reads = [\"users\"]\n",
    );
    private.run("generate").success();
    for service in ["auth", "post"] {
        let file = private.read(&format!("services/{service}/src/schema.rs"));
        assert!(!file.contains("feed"), "{file}");
    }
}

#[test]
fn a_view_has_one_owner_too() {
    let private = Private::new();
    private.workspace.migration_with(
        "20250101000000_view",
        "create view feed as select 1;",
        "",
        OF_BOTH,
    );
    private.workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\n\n\
         [services.auth]\nowns = [\"users\", \"feed\"]\n\n\
         [services.post]\nowns = [\"posts\", \"feed\"]\nreads = [\"users\", \"fed\"]\n",
    );
    assert_snapshot!(private.run("generate"), @r#"
    $ migrate generate
    --- stderr
         main replayed 3 migrations into a shadow database
    error[settings]: services auth and post both own `feed`
     --> migrate.toml:8:18
      |
    8 | owns = ["posts", "feed"]
      |                  ^^^^^^
      |
      = next: one service owns `feed`; others may have it in `reads`
    error[settings]: the history has no table `fed`
     --> migrate.toml:9:19
      |
    9 | reads = ["users", "fed"]
      |                   ^^^^^ did you mean `feed`?
      |
      = next: write the name of a table or view as the migrations leave it, or take this one out
    --- exit 2
    "#);
}

/// A partition or heir that no pattern means is its parent's.
#[test]
fn parts_are_their_tables() {
    let private = Private::new();
    private.workspace.migration_with(
        "20250101000000_events",
        "create table events (id int primary key) partition by range (id);
         create table events_2025 partition of events for values from (1) to (2)
             partition by range (id);
         create table events_2025_01 partition of events_2025 for values from (1) to (2);
         create table people (primary key (id)) inherits (users);
         create table nobodys (id int primary key) partition by range (id);
         create table nobodys_1 partition of nobodys for values from (1) to (2);",
        "",
        OF_BOTH,
    );
    let settings = |of_post: &str| {
        private.workspace.write(
            "migrate.toml",
            &format!(
                "[databases.main]\nurl = \"${{DATABASE_URL}}\"\n\n\
                 [services.auth]\nowns = [\"users\"]\n\n\
                 [services.post]\nowns = [\"posts\", \"events\"{of_post}]\n\
                 reads = [\"users\"]\n"
            ),
        );
    };
    settings("");
    assert_snapshot!(private.run("generate"), @"
    $ migrate generate
    --- stderr
         main replayed 3 migrations into a shadow database
    error[settings]: no service owns table `nobodys`
     --> migrations/20250101000000_events/up.sql:6:23
      |
    6 |          create table nobodys (id int primary key) partition by range (id);
      |                       ^^^^^^^
      |
      = next: add `nobodys`, or a pattern that means it, to `owns` of a service in migrate.toml
    --- exit 2
    ");
    settings(", \"nobodys\"");
    private.run("generate").success();
    let post = private.read("services/post/src/schema.rs");
    assert!(post.contains("events_2025_01 (id)"), "{post}");
    assert!(!post.contains("people"), "{post}");
    let auth = private.read("services/auth/src/schema.rs");
    assert!(auth.contains("people (id)"), "{auth}");
}
