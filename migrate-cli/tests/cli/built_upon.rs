//! Reverts that would take back what those build on that stay, or what is of others too.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::{users_and_posts, workspace};

const OF_POST: &str = "run_in_transaction = true\nservices = [\"post\"]\n";
const OF_BOTH: &str = "run_in_transaction = true\nservices = [\"auth\", \"post\"]\n";

/// The tables that there are, and what is applied: what a refused revert leaves as it was.
fn picture(workspace: &Workspace) -> String {
    let tables = "select string_agg(attrelid::regclass || '.' || attname, ' ' order by 1) \
                  from pg_attribute where attnum > 0 and not attisdropped \
                  and attrelid::regclass::text !~ '^__' and attrelid in \
                  (select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace)";
    let applied =
        "select string_agg(version, ' ' order by version) from __diesel_schema_migrations";
    let of = |sql| workspace.database().value(sql).unwrap_or_default();
    format!("{} | {}", of(tables), of(applied))
}

#[track_caller]
fn is_refused(workspace: &Workspace, line: &str) {
    let before = picture(workspace);
    for line in [line.to_owned(), format!("{line} --format json")] {
        let run = workspace.run(&line);
        assert_eq!(run.code(), 1, "{run}");
        let told = format!("{}{}", run.stdout(), run.stderr());
        assert!(told.contains("nothing was reverted"), "{run}");
        assert_eq!(picture(workspace), before, "{run}");
    }
}

#[test]
fn what_is_of_others_too_is_not_reverted_for_one() {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20240303000000_both",
        "create table users_extra (id int); create table posts_extra (id int);",
        "drop table users_extra; drop table posts_extra;",
        OF_BOTH,
    );
    workspace.migration(
        "20240404000000_more",
        "alter table users_extra add column note text; insert into users_extra values (1, 'a');",
        "alter table users_extra drop column note;",
    );
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [services.auth]\nowns = [\"users*\"]\n\n\
         [services.post]\nowns = [\"posts*\"]\nreads = [\"users\"]\n",
    );
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert --service post"), @"
    $ migrate revert --service post
    --- stderr
    error[revert]: 20240303000000_both is of auth too, and only post was chosen
     |
     = state: nothing was reverted
     = next: `migrate revert --database main --steps 2` takes back 20240303000000_both and what came after it; or write a new migration that undoes what has to go
    --- exit 1
    ");
    is_refused(&workspace, "revert --service post");
    is_refused(&workspace, "redo --service post");
    is_refused(&workspace, "revert --service post --to 20240202000000");
    assert_eq!(workspace.run("revert --service post --dry-run").code(), 1);
    let notes = workspace.database().value("select note from users_extra");
    assert_eq!(notes.as_deref(), Some("a"));
    // Where it is the last one, what it says to do next does it.
    workspace.run("revert --service auth").success();
    assert_snapshot!(workspace.run("revert --service auth"), @"
    $ migrate revert --service auth
    --- stderr
    error[revert]: 20240303000000_both is of post too, and only auth was chosen
     |
     = state: nothing was reverted
     = next: `migrate revert --database main` takes it back for all of them
    --- exit 1
    ");
    workspace.run("revert --database main").success();
    workspace.run("revert --service post").success();
}

#[test]
fn what_a_later_one_touched_that_stays_is_not_reverted() {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20240303000000_authors",
        "create view posts_authors as select name from users;\n",
        "drop view posts_authors;\n",
        OF_POST,
    );
    workspace.migration(
        "20240404000000_emails",
        "alter table users add column email text;\n",
        "alter table users drop column email cascade;\n",
    );
    workspace.migration_with(
        "20240505000000_mails",
        "create view posts_emails as select email from users;\n",
        "drop view posts_emails;\n",
        OF_POST,
    );
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert --service auth"), @"
    $ migrate revert --service auth
    --- stderr
    error[revert]: 20240404000000_emails is built upon: 20240505000000_mails was applied to main after it and would stay, and both touch table users
     --> migrations/20240404000000_emails/down.sql:1:13
      |
    1 | alter table users drop column email cascade;
      |             ^^^^^ would be reverted, to alter it
      |
      = applied: migrations/20240505000000_mails/up.sql:1:47, to read it
      = state: nothing was reverted
      = next: `migrate revert --database main --steps 2` takes back 20240404000000_emails and what came after it; or write a new migration that undoes what has to go
    --- exit 1
    ");
    is_refused(&workspace, "revert --service auth");
    is_refused(&workspace, "redo --service auth");
    is_refused(&workspace, "revert --service auth --steps 2");
    // What it says to do next does it; and where what stays is no part of it, one service is enough.
    workspace.run("revert --database main --steps 2").success();
    workspace.run("revert --service post").success();
    workspace.run("revert --service post").success();
    workspace.run("revert --service auth").success();
    assert_eq!(picture(&workspace), " | ");
}

#[test]
fn what_touches_something_else_stays() {
    let workspace = users_and_posts();
    workspace.migration(
        "20240303000000_tags",
        "create table users_tags (id int); create index on users (name);",
        "drop table users_tags; drop index users_name_idx;",
    );
    workspace.migration_with(
        "20240404000000_titles",
        "alter table posts add column title text; insert into posts values (1, 1);",
        "alter table posts drop column title;",
        OF_POST,
    );
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [services.auth]\nowns = [\"users*\"]\n\n\
         [services.post]\nowns = [\"posts*\"]\nreads = [\"users\"]\n",
    );
    workspace.run("deploy --to 20240303000000").success();
    workspace
        .database()
        .execute("insert into users values (1, 'a')");
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert --service auth"), @"
    $ migrate revert --service auth
    --- stdout
     reverted 20240303000000 tags  auth [time]
         done 1 migration reverted in main in [time]
    --- exit 0
    ");
    let run = workspace.run("revert --service auth");
    assert!(run.stderr().contains("is built upon"), "{run}");
}

#[test]
fn what_is_gone_or_was_edited_counts_as_it_was_applied() {
    let workspace = workspace();
    workspace.migration(
        "20240101000000_users",
        "create table users (id int, name text);",
        "drop table users cascade;",
    );
    let later = "20240303000000_authors";
    let view = "create view posts_authors as select name from users;\n";
    workspace.migration_with(later, view, "drop view posts_authors;\n", OF_POST);
    workspace.run("deploy").success();
    // What is on the disk by now touches nothing of `users`.
    let up = format!("migrations/{later}/up.sql");
    workspace.write(&up, "create view posts_authors as select 1;\n");
    is_refused(&workspace, "revert --service auth");
    workspace.remove_migration(later);
    is_refused(&workspace, "revert --service auth");
    let run = workspace.run("revert --service auth");
    let kept = "20240303000000_authors/up.sql (kept in the ledger):1:47, to read it";
    assert!(run.stderr().contains(kept), "{run}");
    // What it was itself when it was applied counts too.
    workspace.migration_with(later, view, "drop view posts_authors;\n", OF_POST);
    workspace.write("migrations/20240101000000_users/up.sql", "select 1;");
    workspace.write("migrations/20240101000000_users/down.sql", "select 1;");
    is_refused(&workspace, "revert --service auth");
}

#[test]
fn what_cannot_be_seen_is_said() {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20240303000000_unseen",
        "do $$ begin execute 'create table ' || 'posts_x (id int)'; end $$;\n",
        "drop table posts_x;\n",
        OF_POST,
    );
    workspace.migration(
        "20240404000000_tags",
        "create table users_tags ();",
        "drop table users_tags;",
    );
    workspace.migration_with(
        "20240505000000_more",
        "do $$ begin execute 'select ' || '1'; end $$;\n",
        "select 1;",
        OF_POST,
    );
    workspace.run("deploy").success();
    assert_snapshot!(workspace.run("revert --service auth --dry-run --format json"), @r#"
    $ migrate revert --service auth --dry-run --format json
    --- stdout
    {
      "command": "revert",
      "database": "main",
      "dry_run": true,
      "format": 1,
      "outcome": "done",
      "reverted": [],
      "total_applied": 5,
      "uncertain": [
        {
          "name": "tags",
          "services": [
            "auth"
          ],
          "unseen": [
            {
              "column": 13,
              "file": "migrations/20240505000000_more/up.sql",
              "line": 1,
              "what": "dynamic_sql"
            }
          ],
          "version": "20240404000000"
        }
      ],
      "would_revert": [
        {
          "name": "tags",
          "run_in_transaction": true,
          "services": [
            "auth"
          ],
          "sql": "drop table users_tags;",
          "version": "20240404000000"
        }
      ]
    }
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("revert --service auth"), @"
    $ migrate revert --service auth
    --- stderr
      warning 20240404000000 tags is reverted, and others stay that were applied to main after it; whether they build on it cannot be seen, because of migrations/20240505000000_more/up.sql:1:13: SQL that is put together when it runs
    --- stdout
     reverted 20240404000000 tags  auth [time]
         done 1 migration reverted in main in [time]
    --- exit 0
    ");
    workspace.run("deploy").success();
    // It comes late again.
    workspace.run("revert").success();
}

#[test]
fn what_is_half_done_stays_too() {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20240303000000_half",
        "alter table posts add column title text;\nalter table posts add column title text;\n",
        "select 1;",
        "run_in_transaction = false\nservices = [\"post\"]\n",
    );
    assert_eq!(workspace.run("deploy").code(), 1);
    assert_snapshot!(workspace.run("revert"), @"
    $ migrate revert
    --- stderr
    error[revert]: 20240202000000_posts is built upon: 20240303000000_half was applied to main after it and would stay, and both touch table posts
     --> migrations/20240202000000_posts/down.sql:1:12
      |
    1 | drop table posts;
      |            ^^^^^ would be reverted, to drop it
      |
      = applied: migrations/20240303000000_half/up.sql:1:13, to alter it
      = state: nothing was reverted
      = next: finish 20240303000000_half first: `migrate deploy`; or undo by hand what is done of it, then `migrate resolve --rolled-back 20240303000000_half`
    --- exit 1
    ");
    is_refused(&workspace, "revert");
    is_refused(&workspace, "revert --service post");
    is_refused(&workspace, "redo");
    workspace
        .database()
        .execute("alter table posts drop column title");
    workspace
        .run("resolve --rolled-back 20240303000000_half")
        .success();
    workspace.run("revert").success();
}

#[test]
fn a_redo_looks_at_the_new_up_sql_before_it_reverts() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace
        .database()
        .execute("insert into users values (1, 'a'); insert into posts values (1, 1)");
    let up = "migrations/20240202000000_posts/up.sql";
    let table = "create table posts (id int primary key, author int not null references users);\n";
    let rows = || workspace.database().value("select count(*) from posts");
    for (more, code) in [
        ("alter table users add column posts int;", 4),
        ("drop table users cascade;", 4),
        ("insert into users values (2, 'b');", 4),
        ("delete from __diesel_schema_migrations;", 4),
        ("commit;", 1),
        ("select 'a", 1),
        ("copy posts from stdin;", 1),
    ] {
        workspace.write(up, &format!("{table}{more}\n"));
        for line in ["redo", "redo --service post", "redo --steps 2"] {
            let run = workspace.run(line);
            assert_eq!(run.code(), code, "{more}: {run}");
            assert_eq!(rows().as_deref(), Some("1"), "{more}: {run}");
        }
    }
    workspace.write(
        up,
        &format!("{table}alter table users add column posts int;\n"),
    );
    assert_snapshot!(workspace.run("redo"), @r#"
    $ migrate redo
    --- stderr
    error[ownership]: service post may not alter a table of service auth
     --> migrations/20240202000000_posts/up.sql:2:13
      |
    2 | alter table users add column posts int;
      |             ^^^^^ users is owned by auth, created in 20240101000000_users
      |
      = state: nothing was applied
      = next: move it to a migration of auth, or name both in metadata.toml: services = ["post", "auth"]
              or except it: allow = [{ object = "users", reason = "..." }]
    --- exit 4
    "#);
    workspace.write(up, table);
    workspace.run("redo").success();
    assert_eq!(rows().as_deref(), Some("0"));
}

#[test]
fn a_redo_of_what_comes_late_touches_nothing_that_stays() {
    let workspace = workspace();
    workspace.migration(
        "20240101000000_users",
        "create table users (id int);",
        "drop table users;",
    );
    workspace.migration(
        "20240303000000_later",
        "alter table users add column a int;",
        "alter table users drop column a;",
    );
    workspace.run("deploy").success();
    let late = "migrations/20240202000000_late/up.sql";
    workspace.migration(
        "20240202000000_late",
        "create table users_x ();",
        "drop table users_x;",
    );
    workspace.run("deploy").success();
    workspace.run("redo").success();
    workspace.write(
        late,
        "create table users_x (); alter table users add column b int;",
    );
    let run = workspace.run("redo");
    assert!(run.stderr().contains("error[late]"), "{run}");
    assert_eq!(run.code(), 4);
    assert!(
        workspace
            .database()
            .value("select to_regclass('users_x')")
            .is_some()
    );
    // Done again in the order of the history, it does not come late.
    workspace.run("redo --steps 2").success();
    let columns = "select string_agg(attname, ' ' order by attnum) from pg_attribute \
                   where attrelid = 'users'::regclass and attnum > 0 and not attisdropped";
    assert_eq!(
        workspace.database().value(columns).as_deref(),
        Some("id b a")
    );
}
