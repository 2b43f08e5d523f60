//! Wall 2: what a migration does to what other services own, by whatever way, is found inside its
//! own transaction and rolled back.

use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use migrate_catalog::introspect::{self, Scope};
use testkit::{Run, Workspace, server_version};

use crate::workspace;

const AUTH: &str = "
create table users (id int primary key, name text);
create table logins (id int primary key, user_id int references users);
create table events (id int, at date) partition by range (at);
create type mood as enum ('sad', 'ok');
create schema shared;
insert into users values (1, 'a'), (2, 'b');
insert into logins values (1, 1);
";

const POST: &str = "
create function stamp() returns trigger language plpgsql as $$ begin return new; end $$;
create function twice(n int) returns int language sql immutable as 'select n * 2';
create domain short as text check (length(value) < 100);
create table posts (
    id int generated always as identity primary key,
    title short default 'none',
    mood mood,
    author int references users on delete cascade,
    constraint titled check (title <> '')
);
comment on column posts.title is 'what it says';
create index posts_title on posts (title);
create trigger stamped before update on posts for each row execute function stamp();
alter table posts enable row level security;
create policy readers on posts for select using (twice(1) = 2);
create rule silent as on delete to posts where old.id < 0 do instead nothing;
create statistics posts_both on title, author from posts;
create view post_titles as select id, title from posts;
create table comments (id int primary key, post int references posts);
create table drafts (id int, at date) partition by range (at);
create table drafts_1 partition of drafts for values from ('2020-01-01') to ('2021-01-01');
create schema post;
create table post.tags (name text not null);
insert into posts (author) values (1), (2);
insert into comments values (1, 1);
insert into drafts values (1, '2020-02-02');
";

/// A workspace of two services that both have tables and rows.
pub(crate) fn two_services() -> Workspace {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [services.auth]\nowns = [\"users\", \"logins*\", \"events*\", \"tags\"]\nreads = [\"posts\"]\n\n\
         [services.post]\n\
         owns = [\"posts\", \"post_titles\", \"comments\", \"drafts\", \"post.*\"]\n\
         reads = [\"users\"]\n",
    );
    workspace.migration("1_auth", AUTH, "");
    workspace.migration_with(
        "2_post",
        POST,
        "",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    workspace.run("deploy").success();
    workspace
}

/// Everything that a migration could have changed: the catalog, and the rows.
pub(crate) fn everything(workspace: &Workspace) -> String {
    let mut session = workspace.database().session();
    let catalog =
        introspect::read(&mut session, Scope::Everything).expect("the catalog can be read");
    let rows = "select jsonb_build_array(\
        (select jsonb_agg(p) from posts p), (select jsonb_agg(c) from comments c), \
        (select jsonb_agg(d) from drafts d), (select jsonb_agg(u) from users u), \
        (select jsonb_agg(version) from __diesel_schema_migrations), \
        (select jsonb_agg(version) from __migrate_ledger where state <> 'failed'))";
    let rows = workspace.database().value(rows);
    format!("{catalog:?} {rows:?}")
}

/// The same statements, run in such a way that only the server sees them: the first wall would
/// refuse most of them. What sets the modes of the transaction has to come first.
pub(crate) fn unseen(text: &str) -> String {
    let (modes, rest) = match text.starts_with("set transaction") {
        true => text.split_once("; ").unwrap_or((text, "")),
        false => ("", text),
    };
    format!("{modes};\ndo $unseen$ begin execute '' || $text$ {rest} $text$; end $unseen$;")
}

/// Deploys each text as a migration of `auth`; what is said about it. None may leave a trace.
pub(crate) fn attacks(texts: &[&str]) -> String {
    let workspace = two_services();
    let before = everything(&workspace);
    let mut said = String::new();
    for text in texts {
        workspace.migration("3_attack", &unseen(text), "");
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 4, "{text}\n{run}");
        assert_eq!(everything(&workspace), before, "{text}");
        said.push_str(&format!("{text}\n{}\n", changed(&run.stderr())));
    }
    said
}

/// What was changed, without what is the same for every breach.
pub(crate) fn changed(stderr: &str) -> String {
    let lines = stderr
        .lines()
        .skip_while(|line| !line.starts_with("error["))
        .take_while(|line| !line.contains("= state:"))
        .filter(|line| line.trim() != "|" && !line.ends_with("changed what other services own"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_whole_message() {
    let workspace = two_services();
    workspace.migration(
        "3_cleanup",
        "do $$ begin execute '' || 'alter table posts drop column title cascade'; end $$;",
        "",
    );
    workspace.migration("4_more", "select 1;", "");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ownership]: migration 3_cleanup of auth changed what other services own
     |
     = changed: view post_titles of post: dropped
                table posts of post: column title dropped; constraint titled dropped; index posts_title dropped; statistics posts_both dropped
     = state: rolled back; 2 migrations stay applied, 1 after it not tried
     = next: move it to a migration of post, or name both in metadata.toml: services = ["auth", "post"]
             or except them: allow = [{ object = "post_titles", reason = "..." }, { object = "posts", reason = "..." }]
    --- exit 4
    "#);
    let recorded = "select error from __migrate_ledger where state = 'failed'";
    assert_snapshot!(workspace.database().value(recorded).unwrap_or_default(), @"changed what other services own: view post_titles of post: dropped; table posts of post: column title dropped, constraint titled dropped, index posts_title dropped, statistics posts_both dropped (SQLSTATE MG001)");
}

#[test]
fn columns_constraints_and_what_hangs_on_a_table() {
    let said = attacks(&[
        "do $$ begin execute 'alter table comments drop column post'; end $$;",
        "do $$ begin execute 'alter table posts add column extra int'; end $$;",
        "do $$ begin execute 'alter table comments alter id type bigint'; end $$;",
        "do $$ begin execute 'alter table comments rename post to article'; end $$;",
        "do $$ begin execute 'alter table posts alter title drop default, alter author set not null'; end $$;",
        "do $$ begin execute 'alter table post.tags alter name drop not null'; end $$;",
        "do $$ begin execute 'alter table posts drop constraint titled'; end $$;",
        "do $$ begin execute 'drop trigger stamped on posts'; end $$;",
        "do $$ begin execute 'alter table posts disable trigger stamped'; end $$;",
        "do $$ begin execute 'drop policy readers on posts'; end $$;",
        "do $$ begin execute 'alter table posts disable row level security'; end $$;",
        "do $$ begin execute 'drop index posts_title'; end $$;",
        "do $$ begin execute 'create index on posts (author)'; end $$;",
        "do $$ begin execute 'comment on column posts.title is null'; end $$;",
        "do $$ begin execute 'drop rule silent on posts'; end $$;",
        "do $$ begin execute 'drop statistics posts_both'; end $$;",
        "do $$ begin execute 'create or replace view post_titles as select id, title, 1 as one from posts'; end $$;",
        "do $$ begin execute 'grant select on posts to public'; end $$;",
        "do $$ begin execute 'grant update (title) on posts to public'; end $$;",
        "create function f() returns trigger language plpgsql as $$ begin return null; end $$;\n\
         do $$ begin execute 'create trigger mine after insert on posts execute function f()'; end $$;",
        "do $$ begin execute 'alter table comments disable trigger all'; end $$;",
        "do $$ begin execute 'alter table comments drop constraint comments_pkey'; end $$;",
    ]);
    assert_snapshot!(said);
}

/// Since PostgreSQL 18 NOT NULL is a constraint, of which a column does not tell everything.
#[test]
fn what_no_column_tells_of_its_not_null() {
    if server_version() < 18 {
        eprintln!("skipped: before PostgreSQL 18 NOT NULL of a column is no constraint");
        return;
    }
    let said = attacks(&[
        "alter table post.tags rename constraint tags_name_not_null to named;",
        "alter table post.tags alter constraint tags_name_not_null no inherit;",
        "alter table post.tags drop constraint tags_name_not_null, add constraint named not null name not valid;",
        "comment on constraint tags_name_not_null on post.tags is 'no tag without';",
        // Of these it does.
        "alter table post.tags drop constraint tags_name_not_null;",
        "alter table posts add constraint authored not null author;",
        "alter table post.tags drop column name;",
    ]);
    assert_snapshot!(said, @r#"
    alter table post.tags rename constraint tags_name_not_null to named;
     = changed: table post.tags of post: constraint tags_name_not_null renamed to named

    alter table post.tags alter constraint tags_name_not_null no inherit;
     = changed: table post.tags of post: constraint tags_name_not_null changed

    alter table post.tags drop constraint tags_name_not_null, add constraint named not null name not valid;
     = changed: table post.tags of post: constraint named added; constraint tags_name_not_null dropped

    comment on constraint tags_name_not_null on post.tags is 'no tag without';
     = changed: table post.tags of post: comment changed

    alter table post.tags drop constraint tags_name_not_null;
     = changed: table post.tags of post: column name: not null dropped

    alter table posts add constraint authored not null author;
     = changed: table posts of post: column author: not null set

    alter table post.tags drop column name;
     = changed: table post.tags of post: column name dropped
    "#);
}

#[test]
fn whole_objects() {
    let said = attacks(&[
        "do $$ begin execute 'drop table comments'; end $$;",
        "do $$ begin execute 'drop table posts cascade'; end $$;",
        "drop table users cascade;",
        "do $$ begin execute 'alter table posts rename to articles'; end $$;",
        "do $$ begin execute 'alter table comments set schema shared'; end $$;",
        "do $$ begin execute 'alter table comments owner to pg_monitor'; end $$;",
        "do $$ begin execute 'alter schema post rename to blog'; end $$;",
        "do $$ begin execute 'drop schema post cascade'; end $$;",
        "do $$ begin execute 'drop view post_titles'; end $$;",
        "create or replace function stamp() returns trigger language plpgsql as $$ begin return null; end $$;",
        "alter function twice(int) owner to pg_monitor;",
        "alter type mood rename value 'ok' to 'fine';",
        "alter type mood add value 'glad';",
        "alter domain short add constraint filled check (value <> '');",
        "alter domain short set not null;",
        "do $$ begin execute 'alter sequence posts_id_seq restart with 100'; end $$;",
        "do $$ begin perform nextval('posts_id_seq'); end $$;",
        "create table events_2 (id int, at date);\n\
         do $$ begin execute 'alter table drafts attach partition events_2 for values from (''2021-01-01'') to (''2022-01-01'')'; end $$;",
        "do $$ begin execute 'alter table drafts detach partition drafts_1'; end $$;",
        "do $$ begin execute 'drop table drafts_1'; end $$;",
        "create table logins_2 () inherits (comments);",
        "create table logins_2 (comment int references comments);",
        "do $$ begin execute 'alter table comments set unlogged'; end $$;",
        "do $$ begin execute 'create publication p for table comments'; end $$;",
    ]);
    assert_snapshot!(said);
}

#[test]
fn rows() {
    let said = attacks(&[
        "do $$ begin execute 'truncate comments'; end $$;",
        "truncate users cascade;",
        "do $$ begin execute 'update posts set mood = ''sad'''; end $$;",
        "delete from users where id = 2;",
        "create view logins_view as select * from comments; insert into logins_view values (7);",
        "create function logins_f() returns trigger language plpgsql as $$ begin delete from comments; return null; end $$;\n\
         create trigger t after insert on logins execute function logins_f(); insert into logins values (2, 1);",
        "create function logins_f() returns trigger language plpgsql as $$ begin delete from comments; return null; end $$;\n\
         create constraint trigger t after insert on logins deferrable initially deferred for each row execute function logins_f();\n\
         insert into logins values (2, 1);",
        "create rule r as on insert to logins do also delete from comments; insert into logins values (2, 1);",
        "do $$ begin begin insert into comments values (7); exception when others then null; end; end $$;",
        "do $$ begin insert into drafts values (2, '2020-03-03'); end $$;",
        "with gone as (delete from comments returning 1) select count(*) from gone;",
        "do $$ begin delete from __diesel_schema_migrations where version = '1'; end $$;",
        "do $$ begin update __migrate_ledger set checksum = null; end $$;",
    ]);
    assert_snapshot!(said);
}

#[test]
fn ways_round_the_guard() {
    let said = attacks(&[
        "do $$ begin execute 'close all'; delete from comments; end $$;",
        "reset all; delete from comments;",
        "select set_config('migrate.ended', '', false), set_config('migrate.touched', '', false); drop table comments;",
        "do $$ begin perform pg_stat_reset(); delete from comments; perform pg_stat_reset(); perform pg_stat_clear_snapshot(); end $$;",
        "set track_counts = off; delete from comments; reset track_counts;",
        "do $$ begin perform set_config('track_' || 'counts', 'off', false); delete from comments; end $$;",
        "set role pg_monitor; reset role; set local role none; delete from comments;",
        "create schema shadow; create function shadow.age(xid) returns int language sql as 'select 1';\n\
         create table shadow.pg_class (oid oid); set search_path = shadow, public, pg_catalog; delete from comments;",
        "set transaction isolation level serializable; delete from comments;",
        "set transaction isolation level repeatable read; drop table comments;",
        "do $$ declare c refcursor; r record; begin\n\
         for c in select name from pg_cursors loop fetch c into r; fetch c into r; end loop; drop table comments; end $$;",
        "set session_replication_role = replica; delete from users;\ninsert into users values (1, 'a'), (2, 'b'); set session_replication_role = origin; delete from comments;",
        "set session_replication_role = replica; delete from users where id = 1; set session_replication_role = origin;",
        "do $$ declare was text := current_setting('session_replication_role'); begin perform set_config('session_' || 'replication_role', 'replica', true);\n\
         delete from users where id = 1; perform set_config('session_replication_role', was, true); end $$;",
        "set local session_replication_role = replica; delete from users where id = 1;",
        "set session_replication_role = replica; delete from users where id = 1; reset all;",
        "create function logins_f() returns void language sql set session_replication_role = replica as 'delete from users where id = 1'; select logins_f();",
        "update pg_class set relrowsecurity = false where relname = 'posts';",
        "do $$ begin for i in 1..100 loop begin insert into logins values (1000 + i, 1); exception when others then null; end; end loop;\n\
         begin drop table comments; exception when others then null; end; end $$;",
    ]);
    assert_snapshot!(said);
}

/// Runs statements in another session while a migration waits; what the deploy says.
pub(crate) fn meanwhile(workspace: &Workspace, text: &str, other: &[&str]) -> Run {
    workspace.migration("3_slow", text, "");
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut session = workspace.database().session();
            // By then the guard has looked. How long it takes to get there nobody knows.
            let sleeps = "select 1 from pg_stat_activity \
                          where datname = current_database() and wait_event = 'PgSleep'";
            while session.query(sleeps, &[]).expect("is told").is_empty() {
                thread::sleep(Duration::from_millis(20));
            }
            for sql in other {
                session.execute(sql).expect("the other session goes on");
            }
        });
        workspace.run("deploy")
    })
}

/// The version of the row that the migration ended is one that no snapshot of it has seen.
#[test]
fn what_another_session_changed_first() {
    let mut said = String::new();
    for (text, other) in [
        (
            "drop table comments;",
            "grant select on comments to pg_monitor",
        ),
        (
            "alter table comments set (fillfactor = 50);",
            "grant select on comments to pg_monitor",
        ),
        (
            "alter table comments drop constraint comments_post_fkey;",
            "alter table comments alter constraint comments_post_fkey deferrable",
        ),
        (
            "drop function twice(int) cascade;",
            "alter function twice(int) cost 7",
        ),
    ] {
        let workspace = two_services();
        let slow = format!("select pg_sleep(3);\n{}", unseen(text));
        let run = meanwhile(&workspace, &slow, &[other]);
        assert_eq!(run.code(), 4, "{text}\n{run}");
        said.push_str(&format!("{text}\n{}\n", changed(&run.stderr())));
    }
    assert_snapshot!(said);
}

#[test]
fn a_partition_with_other_bounds() {
    assert_snapshot!(attacks(&[
        "alter table drafts detach partition drafts_1;\n\
         alter table drafts attach partition drafts_1 for values from ('2019-01-01') to ('2021-01-01');",
    ]));
}
