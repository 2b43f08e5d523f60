use std::fs;

use insta::assert_snapshot;
use testkit::Workspace;

use crate::users_and_posts;

fn manifest(workspace: &Workspace) -> String {
    fs::read_to_string(workspace.path("migrate.toml")).expect("it is there")
}

#[test]
fn a_table_goes_to_another_service_and_the_history_stays_valid() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let run = workspace.run("transfer posts --from post --to auth");
    assert_snapshot!(run, @"
    $ migrate transfer posts --from post --to auth
    --- stderr
         next `migrate generate` moves it between their schemas, `migrate deploy` the privileges; if post still reads it, add it to `reads` of post
    --- stdout
    handed on posts from post to auth in migrate.toml, for all that comes after 20240202000000
    --- exit 0
    ");
    assert_snapshot!(manifest(&workspace), @r#"
    [databases.main]
    url = "${DATABASE_URL}"
    create = true

    [services.auth]
    owns = ["users", "posts"]

    [services.post]
    owns = []
    reads = ["users"]

    [[transfers]]
    table = "posts"
    from = "post"
    to = "auth"
    after = "20240202000000"
    "#);
    // What post did with it stays right; from now on it is for auth to do.
    workspace.migration(
        "20250101000000_add",
        "alter table posts add title text;",
        "",
    );
    assert_eq!(workspace.run("deploy").code(), 0);
    workspace.migration_with(
        "20250202000000_late",
        "alter table posts add subtitle text;",
        "",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: service post may not alter a table of service auth
     --> migrations/20250202000000_late/up.sql:1:13
      |
    1 | alter table posts add subtitle text;
      |             ^^^^^ posts is owned by auth, created in 20240202000000_posts
      |
      = state: nothing was applied
      = next: move it to a migration of auth, or name both in metadata.toml: services = ["post", "auth"]
              or except it: allow = [{ object = "posts", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn there_and_back_again() {
    let workspace = users_and_posts();
    workspace
        .run("transfer posts --from post --to auth")
        .success();
    workspace.migration("20250101000000_a", "alter table posts add a int;", "");
    workspace
        .run("transfer posts --from auth --to post")
        .success();
    workspace.migration_with(
        "20250202000000_b",
        "alter table posts add b int;",
        "",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    workspace.run("deploy").success();
    assert_snapshot!(manifest(&workspace), @r#"
    [databases.main]
    url = "${DATABASE_URL}"
    create = true

    [services.auth]
    owns = ["users"]

    [services.post]
    owns = ["posts"]
    reads = ["users"]

    [[transfers]]
    table = "posts"
    from = "post"
    to = "auth"
    after = "20240202000000"

    [[transfers]]
    table = "posts"
    from = "auth"
    to = "post"
    after = "20250101000000"
    "#);
}

#[test]
fn only_the_owner_can_give_and_only_to_a_service_of_the_same_database() {
    let workspace = users_and_posts();
    let before = manifest(&workspace);
    let runs = [
        "transfer posts --from auth --to post",
        "transfer pots --from post --to auth",
        "transfer posts --from post --to post",
        "transfer posts --from post --to aut",
    ];
    let shown = runs.map(|line| workspace.run(line).to_string()).join("\n");
    assert_snapshot!(shown, @"
    $ migrate transfer posts --from auth --to post
    --- stderr
    error[settings]: service auth does not own table `posts`
     |
     = next: it is post's: `--from post`
    --- exit 2
    $ migrate transfer pots --from post --to auth
    --- stderr
    error[settings]: the history has no table `pots`
     |
     = hint: did you mean `posts`?
     = next: name a table as the migrations leave it, outside `public` with its schema
    --- exit 2
    $ migrate transfer posts --from post --to post
    --- stderr
    error[settings]: no table can go from service post to service post
     |
     = next: name two different services whose tables are in one database
    --- exit 2
    $ migrate transfer posts --from post --to aut
    --- stderr
    error[settings]: there is no service `aut`
     |
     = hint: did you mean `auth`?
     = known: auth, post
    --- exit 2
    ");
    assert_eq!(manifest(&workspace), before);
}

/// A migration that is written today with a date of yesterday is not yesterday's.
#[test]
fn a_late_migration_is_judged_by_todays_owners() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace
        .run("transfer posts --from post --to auth")
        .success();
    let late = |sql| {
        workspace.migration_with(
            "20240115000000_late",
            sql,
            "select 1;",
            "run_in_transaction = true\nservices = [\"post\"]\n",
        );
    };
    late("create table posts_of_the_week (id int); drop table posts_of_the_week;");
    workspace.run("deploy").success();
    workspace.run("revert").success();
    late(
        "do $$ begin execute 'delete ' || 'from posts'; execute 'alter table ' || 'posts add x int'; end $$;",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 20240115000000_late of post changed what other services own
     |
     = changed: table posts of auth: column x added
     = state: rolled back; 2 migrations stay applied
     = next: move this to a migration of auth, or name both: services = ["post", "auth"]
    --- exit 4
    "#);
}
