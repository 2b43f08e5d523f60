//! What looks like a breach to a coarse guard and is none, and what there is to guard besides
//! `up.sql` in a transaction.

use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use testkit::{Workspace, server_version};

use crate::guard::{everything, meanwhile, two_services, unseen};

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

/// Deploys each text as one more migration of `auth`, one after the other.
fn all_apply(texts: &[&str]) {
    all_apply_as(texts, str::to_owned);
}

fn all_apply_as(texts: &[&str], written: fn(&str) -> String) {
    let workspace = two_services();
    for (index, text) in texts.iter().enumerate() {
        workspace.migration(&format!("{}_fine", index + 3), &written(text), "");
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 0, "{text}\n{run}");
    }
}

#[test]
fn foreign_keys_to_tables_that_the_service_reads() {
    all_apply(&[
        "create table logins_posts (post int references posts); insert into logins_posts values (1);",
        "alter table logins add column post int references posts;",
        "alter table logins drop column post;",
        "alter table logins_posts drop constraint logins_posts_post_fkey;",
        "alter table logins_posts add foreign key (post) references posts on delete cascade;",
        "drop table logins_posts;",
        "alter table events add column post int references posts;",
    ]);
}

#[test]
fn what_is_new_or_its_own() {
    all_apply(&[
        "create table events_1 partition of events for values from ('2020-01-01') to ('2021-01-01');\n\
         insert into events values (1, '2020-05-05'); create index on events (id);",
        "create temp table scratch as select * from posts; truncate scratch; insert into scratch select * from posts;",
        "create function logins_f() returns trigger language plpgsql as $$ begin update users set name = 'x'; return null; end $$;\n\
         create constraint trigger t after insert on logins deferrable initially deferred for each row execute function logins_f();\n\
         insert into logins values (5, 1); update logins set id = 6 where id = 5;",
        "alter table logins rename to logins_old; create table logins (id int); drop table logins_old;",
        "create type anew as enum ('a'); alter type anew add value 'b'; create domain d as int; comment on type anew is 'x';\n\
         create function f() returns int language sql as 'select 1'; comment on function f() is 'x';\n\
         create schema more; create table more.t (a anew); create view more.v as select * from more.t; alter table more.t add b d;",
        "drop schema more cascade; drop type anew; drop function f();",
        "alter table users add column mail text; truncate logins; cluster users using users_pkey; reindex table users;",
    ]);
}

/// Others' foreign keys are made anew, and follow the parts of a table.
#[test]
fn own_tables_that_others_refer_to() {
    let workspace = two_services();
    let settings = std::fs::read_to_string(workspace.path("migrate.toml")).expect("it was written");
    let settings = settings.replace("[\"users\"]", "[\"users\", \"logins_p\"]");
    workspace.write("migrate.toml", &settings);
    workspace.migration(
        "3_parted",
        "create table logins_p (id int primary key) partition by list (id);\n\
         create table logins_p0 partition of logins_p for values in (0);",
        "",
    );
    workspace.migration_with(
        "4_post",
        "create table post.logged (login int references logins_p);\n\
         create table post.parted (login int references logins_p, author int references users) partition by list (login);\n\
         create table post.parted_0 partition of post.parted for values in (0);\n\
         comment on constraint posts_author_fkey on posts is 'who wrote it';",
        "",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    for (index, text) in [
        "alter table users alter id type bigint;",
        "alter table users rename id to number; alter index users_pkey rename to users_key;",
        "alter table users rename constraint users_key to users_pkey; alter table users rename to users_2;",
        "alter table users_2 rename to users; alter table users set schema shared; alter table shared.users set schema public;",
        "create table logins_p1 partition of logins_p for values in (1);",
        "create table logins_p2 (id int primary key); alter table logins_p attach partition logins_p2 for values in (2);",
        "alter table logins_p detach partition logins_p2; drop table logins_p2;",
        "create table logins_p3 partition of logins_p for values in (3) partition by list (id);\n\
         create table logins_p31 partition of logins_p3 for values in (3);",
        "alter table logins_p detach partition logins_p3;",
        "insert into logins_p values (1); delete from logins_p where id = 1; update users set name = 'b';",
    ]
    .iter()
    .enumerate()
    {
        workspace.migration(&format!("{}_fine", index + 50), text, "");
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 0, "{text}\n{run}");
    }
    // Before 14 a partition is only detached at once.
    let how = match server_version() {
        14.. => " concurrently",
        _ => "",
    };
    let outside = format!(
        "alter table logins_p detach partition logins_p1{how};\nreindex table concurrently logins_p;\n"
    );
    workspace.migration_with("70_outside", &outside, "", OUTSIDE);
    workspace.run("deploy").success();
}

#[test]
fn looking_at_what_others_own() {
    all_apply_as(
        &[
            "analyze posts; analyze; ",
            "select * from posts for share; select * from comments for key share; lock table comments in row exclusive mode;",
            "lock table comments in access exclusive mode;",
            "insert into users select 100 + id, title from posts; create view logins_v as select * from posts;",
            "update comments set id = id where false; delete from drafts where false;",
            "do $$ begin begin delete from comments; raise exception 'no'; exception when others then null; end; end $$;",
            "do $$ begin begin drop table comments; raise exception 'no'; exception when others then null; end; end $$;",
        ],
        unseen,
    );
}

#[test]
fn the_same_again_is_no_change() {
    all_apply_as(
        &[
            "create or replace function stamp() returns trigger language plpgsql as $$ begin return new; end $$;",
            "create or replace view post_titles as select id, title from posts;",
            "comment on column posts.title is 'what it says';",
            "alter table posts enable row level security;",
            "create table if not exists posts (id int); create index if not exists posts_title on posts (title);",
        ],
        unseen,
    );
}

#[test]
fn a_session_that_does_much() {
    all_apply(&[
        "reset all; set role pg_monitor; reset role; set search_path = pg_temp; create table public.logins_a (id int);",
        "do $$ begin for i in 1..200 loop begin insert into logins values (1000 + i, 1); exception when others then null; end; end loop; end $$;",
        "do $$ begin for i in 1..200 loop begin insert into logins values (1000, 1); exception when others then null; end; end loop; end $$;",
        "set transaction isolation level serializable;\nset transaction deferrable;\ninsert into users values (50);",
        "select pg_stat_reset(); discard plans; deallocate all;",
        "-- nothing",
    ]);
}

/// Both migrations are sent within a second, in which the server has not yet counted the rows.
#[test]
fn rows_of_the_migration_before() {
    let workspace = two_services();
    let post = "run_in_transaction = true\nservices = [\"post\"]\n";
    workspace.migration_with(
        "3_post",
        "update posts set mood = 'ok'; delete from comments;",
        "",
        post,
    );
    workspace.migration("4_auth", "insert into users values (7);", "");
    workspace.run("deploy").success();
}

#[test]
fn what_others_commit_meanwhile() {
    let workspace = two_services();
    workspace.migration(
        "3_slow",
        "insert into users values (8); create table logins_8 (post int references posts);\n\
         select pg_sleep(2);\n\
         do $$ begin for i in 1..10 loop begin insert into users values (100 + i); exception when others then null; end; end loop; end $$;",
        "",
    );
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(700));
            let mut session = workspace.database().session();
            for sql in [
                "insert into comments values (50, 1)",
                "alter table comments add column note text",
                "create index on comments (note)",
                "comment on table posts is 'from another session'",
                "grant select on comments to public",
                "drop table post.tags",
                "create or replace function stamp() returns trigger language plpgsql as $$ begin return null; end $$",
            ] {
                session.execute(sql).expect("the other session goes on");
            }
            session
                .execute("begin; drop table drafts; select pg_sleep(3); commit")
                .expect("the other session goes on");
        });
        workspace.run("deploy").success();
    });
    let there = "select count(*) from comments where id = 50";
    assert_eq!(workspace.database().value(there).as_deref(), Some("1"));
}

/// The row of a column that another session is about to change, of a table whose own row we change:
/// it gets its first trigger.
#[test]
fn what_others_have_not_committed_yet() {
    let workspace = two_services();
    workspace.database().execute(
        "drop table comments; drop trigger stamped on posts;\n\
         alter table posts drop constraint posts_author_fkey",
    );
    workspace.database().execute("vacuum posts");
    let slow = "alter table users alter name set not null;\n\
                create table logins_9 (post int references posts); select pg_sleep(3);";
    let other = "begin; grant select (title) on posts to pg_monitor; select pg_sleep(4); commit";
    meanwhile(&workspace, slow, &[other]).success();
}

#[test]
fn a_default_that_json_cannot_say() {
    all_apply(&[r#"alter table users add column j json default '"\u0000"';"#]);
}

/// PostgreSQL makes the other service's foreign key again, under another oid.
#[test]
fn the_type_of_a_column_that_others_refer_to() {
    let workspace = two_services();
    let database = workspace.database();
    database.execute("comment on constraint posts_author_fkey on posts is 'who wrote it'");
    workspace.migration(
        "3_type",
        "alter table users alter column id type bigint;",
        "",
    );
    workspace.run("deploy").success();
}

#[test]
fn a_type_that_another_service_only_shows() {
    let workspace = two_services();
    let post = "run_in_transaction = true\nservices = [\"post\"]\n";
    workspace.migration(
        "3_auth",
        "create type role_t as enum ('x'); alter table users add column role role_t;",
        "",
    );
    workspace.migration_with(
        "4_post",
        "create view post.roles as select role from users;",
        "",
        post,
    );
    workspace.migration("5_auth", "alter type role_t add value 'y';", "");
    workspace.run("deploy").success();
}

/// The role that connects acts as another: it has no rights of its own.
#[test]
fn a_configured_role_stays_outside_a_transaction() {
    let workspace = two_services();
    let database = workspace.database();
    let owner = format!("owner_{}", database.name());
    let login = format!("login_{}", database.name());
    database.execute(&format!(
        "create role {owner} nologin; create role {login} login noinherit; grant {owner} to {login};\n\
         alter role {login} set role = {owner};\n\
         alter database {} owner to {owner}; alter schema public owner to {owner};\n\
         do $$ declare t regclass; begin\n\
           for t in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') loop\n\
             execute format('alter table %s owner to {owner}', t);\n\
           end loop; end $$",
        database.name()
    ));
    // Both are dropped at the end, the login first.
    let _owner = PlainRole {
        workspace: &workspace,
        name: owner,
    };
    let role = PlainRole {
        workspace: &workspace,
        name: login,
    };
    workspace.migration_with(
        "3_outside",
        "set role none; set role to default;\ncreate table logins_o (id int);\nvacuum users;\n",
        "",
        OUTSIDE,
    );
    workspace.migration(
        "4_inside",
        "set role none; set role to default; create table logins_i (id int);",
        "",
    );
    role.run("deploy").success();
}

#[test]
fn invalid_indexes_that_a_statement_did_not_leave() {
    let workspace = two_services();
    workspace.database().execute(
        "update pg_index set indisvalid = false where indexrelid = 'posts_title'::regclass",
    );
    workspace.migration_with("3_vacuum", "vacuum no_such_table;\n", "", OUTSIDE);
    let run = workspace.run("deploy");
    assert_eq!(run.code(), 1, "{run}");
    assert!(!run.stderr().contains("invalid index"), "{run}");
}

#[test]
fn each_statement_outside_a_transaction() {
    let workspace = two_services();
    workspace.migration_with(
        "3_outside",
        "insert into users values (9);\ndo $$ begin execute '' || 'delete from comments'; end $$;\nselect 1;\n",
        "",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 3_outside of auth changed what other services own
     --> migrations/3_outside/up.sql:2:1
      |
    2 | do $$ begin execute '' || 'delete from comments'; end $$;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rolled back
      |
      = changed: table comments of post: 1 row written
      = state: 1 of 3 statements are done for good, a rerun goes on after them; 2 migrations stay applied
      = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
              or except it: allow = [{ object = "comments", reason = "..." }]
    --- exit 4
    "#);
    let left = |sql| workspace.database().value(sql);
    assert_eq!(left("select count(*) from comments").as_deref(), Some("1"));
    assert_eq!(
        left("select count(*) from users where id = 9").as_deref(),
        Some("1")
    );
}

#[test]
fn a_statement_that_has_to_be_alone() {
    let workspace = two_services();
    // Only the database knows that `tags` is the other service's.
    let path = format!(
        "alter database {} set search_path = post, public",
        workspace.database().name()
    );
    workspace.migration("21_tags", "create table tags (name text);", "");
    workspace.run("deploy").success();
    workspace.database().execute(&path);
    workspace.migration_with(
        "3_alone",
        "create index concurrently logins_id on logins (id);\n\
         vacuum full comments;\n\
         vacuum;\n\
         create index concurrently tags_name on tags (name);\nselect 1;\n",
        "",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 3_alone of auth changed what other services own
     --> migrations/3_alone/up.sql:4:1
      |
    4 | create index concurrently tags_name on tags (name);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ done, and cannot be rolled back
      |
      = changed: table post.tags of post: index tags_name added
      = state: 4 of 5 statements are done for good; 3 migrations stay applied
      = next: name both in metadata.toml: services = ["auth", "post"]; then `migrate deploy` goes on
              or except it: allow = [{ object = "post.tags", reason = "..." }]
    --- exit 4
    "#);
    let done = "select statements_done from __migrate_ledger order by id desc limit 1";
    assert_eq!(workspace.database().value(done).as_deref(), Some("4"));
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 3_alone of auth changed what other services own
     --> migrations/3_alone/up.sql:4:1
      |
    4 | create index concurrently tags_name on tags (name);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ done, and cannot be rolled back
      |
      = changed: table post.tags of post: index tags_name added
      = state: 4 of 5 statements are done for good; nothing was run now
      = next: name both in metadata.toml: services = ["auth", "post"]; then `migrate deploy` goes on
              or except it: allow = [{ object = "post.tags", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn a_procedure_that_commits() {
    let workspace = two_services();
    workspace.migration(
        "3_procedure",
        "create procedure p() language plpgsql as $$ begin execute '' || 'alter table comments add x int'; commit; end $$;",
        "",
    );
    workspace.run("deploy").success();
    workspace.migration_with("4_call", "call p();\n", "", OUTSIDE);
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
      = state: 1 of 1 statements are done for good; 3 migrations stay applied
      = next: name both in metadata.toml: services = ["auth", "post"]; then `migrate deploy` goes on
              or except it: allow = [{ object = "comments", reason = "..." }]
    --- exit 4
    "#);
}

#[test]
fn the_way_back_is_guarded_too() {
    let workspace = two_services();
    workspace.migration(
        "3_both",
        "select 1;",
        "do $$ begin execute '' || 'delete from comments'; end $$;",
    );
    workspace.run("deploy").success();
    let before = everything(&workspace);
    assert_snapshot!(workspace.run("revert"), @r#"
    $ migrate revert
    --- stderr
    error[ownership]: migration 3_both of auth changed what other services own
     |
     = changed: table comments of post: 1 row written
     = state: rolled back; it stays applied
     = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
             or except it: allow = [{ object = "comments", reason = "..." }]
    --- exit 4
    "#);
    assert_eq!(everything(&workspace), before);
}

/// A role that owns its database and its tables, and nothing more.
struct PlainRole<'w> {
    workspace: &'w Workspace,
    name: String,
}

impl PlainRole<'_> {
    fn run(&self, line: &str) -> testkit::Run {
        let url = self.workspace.database().url();
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
        let url = format!("{scheme}://{}@{rest}", self.name);
        self.workspace.run_with(line, &[("DATABASE_URL", &url)])
    }
}

impl Drop for PlainRole<'_> {
    fn drop(&mut self) {
        let name = &self.name;
        let mut session = self.workspace.database().session();
        // A test that failed for another reason shall not be told of this one.
        let _ = session.execute(&format!("reassign owned by {name} to postgres"));
        let _ = session.execute(&format!("drop owned by {name}"));
        let _ = session.execute(&format!("drop role {name}"));
    }
}

#[test]
fn a_plain_role_is_guarded() {
    let workspace = two_services();
    let database = workspace.database();
    let name = format!("plain_{}", database.name());
    database.execute(&format!(
        "create role {name} login nosuperuser nocreaterole;\n\
         alter database {} owner to {name}; alter schema public owner to {name};\n\
         alter schema post owner to {name};\n\
         do $$ declare t regclass; begin\n\
           for t in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') loop\n\
             execute format('alter table %s owner to {name}', t);\n\
           end loop; end $$",
        database.name()
    ));
    let role = PlainRole {
        workspace: &workspace,
        name,
    };
    workspace.migration(
        "3_fine",
        "create table logins_1 (post int references posts); insert into users values (20);",
        "",
    );
    role.run("deploy").success();
    let before = everything(&workspace);
    let mut said = String::new();
    for text in [
        "do $$ begin execute 'alter table posts drop column author'; end $$;",
        "delete from comments;",
        "drop schema post cascade;",
    ] {
        workspace.migration("4_attack", &unseen(text), "");
        let run = role.run("deploy");
        assert_eq!(run.code(), 4, "{run}");
        assert_eq!(everything(&workspace), before, "{text}");
        said.push_str(&format!("{run}\n"));
    }
    assert_snapshot!(said);
}
