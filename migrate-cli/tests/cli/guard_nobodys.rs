//! Wall 2 on what no service owns, on what everybody depends on, and on what is made to work with
//! what others own.

use insta::assert_snapshot;
use testkit::{Workspace, server_version};

use crate::guard::{changed, everything, two_services, unseen};

const FOR_NOBODY: &str = "run_in_transaction = true\nservices = []\n";
const OF_POST: &str = "run_in_transaction = true\nservices = [\"post\"]\n";

/// What nobody owns.
const SHARED: &str = "
create function slug(t text) returns text language sql immutable as $$ select lower(t) $$;
create type shade as enum ('light', 'dark');
create domain shared_mail as text;
create schema tools;
create procedure tools.nothing() language sql as '';
create extension hstore;
create text search configuration shared_words (copy = simple);
create operator === (leftarg = text, rightarg = text, function = texteq);
create collation shared_order from \"C\";
create function on_ddl() returns event_trigger language plpgsql as 'begin end';
select lo_create(4711);
";

/// What `post` owns besides.
const MORE_OF_POST: &str = "
create function empty_posts() returns boolean language sql security definer as
    'delete from comments; select true';
create sequence post.numbers;
create text search configuration post.words (copy = simple);
create publication post_news for table posts;
create function post.same(a text, b text) returns boolean language sql immutable as 'select $1 = $2';
create operator post.==== (leftarg = text, rightarg = text, function = post.same);
";

fn workspace() -> Workspace {
    let workspace = two_services();
    workspace.migration_with("3_shared", SHARED, "", FOR_NOBODY);
    workspace.migration_with("4_post", MORE_OF_POST, "", OF_POST);
    workspace.run("deploy").success();
    workspace
}

/// Deploys each text as a migration of `auth`, in such a way that only the server sees it; what is
/// said about it. None may leave a trace.
fn refused(texts: &[&str]) -> String {
    let workspace = workspace();
    let before = everything(&workspace);
    let mut said = String::new();
    let mut passed = Vec::new();
    for text in texts {
        workspace.migration("5_attack", &unseen(text), "");
        let run = workspace.run("deploy");
        if run.code() != 4 || everything(&workspace) != before {
            passed.push(format!("{text}\n{run}"));
        }
        let told = changed(&run.stderr()).replace(workspace.database().name(), "[database]");
        said.push_str(&format!("{text}\n{told}\n"));
    }
    assert!(passed.is_empty(), "not refused:\n{}", passed.join("\n"));
    said
}

#[test]
fn what_nobody_owns() {
    assert_snapshot!(refused(&[
        "create or replace function slug(t text) returns text language sql immutable as $$ select upper(t) $$;",
        "drop function slug(text);",
        "alter function slug(text) rename to auth_slug;",
        "alter function slug(text) security definer;",
        "revoke execute on function slug(text) from public;",
        "comment on function slug(text) is 'mine';",
        "alter type shade add value 'grey';",
        "alter type shade rename value 'dark' to 'black';",
        "drop type shade;",
        "alter domain shared_mail add check (value <> '');",
        "alter schema tools rename to auth_tools;",
        "drop schema tools cascade;",
        "grant create on schema tools to public;",
        "alter procedure tools.nothing() set schema public;",
        "drop extension hstore;",
        "alter extension hstore set schema tools;",
        "alter function hstore(text, text) cost 7;",
        "alter extension hstore add table comments;",
        "alter extension hstore add function slug(text);",
    ]));
}

#[test]
fn what_no_class_of_tables_is() {
    assert_snapshot!(refused(&[
        "alter text search configuration shared_words rename to auth_words;",
        "alter text search configuration post.words alter mapping for word with english_stem;",
        "drop text search configuration post.words;",
        "comment on text search configuration post.words is 'mine';",
        "drop operator post.==== (text, text);",
        "alter operator === (text, text) set (restrict = eqsel);",
        "alter collation shared_order rename to auth_order;",
        "alter publication post_news add table users;",
        "alter publication post_news drop table posts;",
        "drop publication post_news;",
        "alter publication post_news set (publish = 'insert');",
        "select lo_unlink(4711);",
        "select lo_put(4711, 0, 'x');",
    ]));
}

#[test]
fn what_everybody_depends_on() {
    assert_snapshot!(refused(&[
        "create publication auth_all for all tables;",
        "create event trigger auth_ddl on ddl_command_end execute function on_ddl();",
        "create cast (integer as text) with inout as implicit;",
        "create cast (bigint as text) with inout as implicit;",
        "create conversion auth_conversion for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8; create default conversion auth_default for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;",
        "alter default privileges grant select on tables to public;",
        "revoke usage on schema public from public;",
        "alter schema public rename to old_public;",
        "create function pg_catalog.slug(integer) returns text language sql as 'select null::text';",
        "alter function pg_catalog.lower(text) cost 7;",
        "revoke execute on function pg_catalog.now() from public;",
        "grant execute on function pg_catalog.pg_read_file(text) to public;",
        "do $$ begin execute format('alter database %I set search_path = auth', current_database()); end $$;",
        "do $$ begin execute format('revoke connect on database %I from public', current_database()); end $$;",
        "do $$ begin execute format('alter database %I connection limit 1', current_database()); end $$;",
        "alter role current_user set work_mem = '1MB';",
        "create role auth_made_this superuser;",
        "grant pg_write_server_files to pg_monitor;",
        "alter language sql rename to structured;",
        "create operator class auth_ops default for type json using gin as storage text;",
        "grant select on pg_authid to public;",
    ]));
    if server_version() >= 15 {
        refused(&[
            "create publication auth_some for tables in schema public;",
            "grant set on parameter work_mem to public;",
        ]);
    }
}

/// Auth may read posts; comments it may not, and it may use nothing of post's.
#[test]
fn what_is_made_to_work_with_what_others_own() {
    assert_snapshot!(refused(&[
        "create view auth_comments as select * from comments;",
        "create materialized view auth_comments as select count(*) from comments;",
        "create or replace rule auth_rule as on insert to logins do also delete from posts;",
        "create rule auth_rule as on insert to logins do also select * from comments;",
        "alter table logins add column ok boolean; alter table logins alter ok set default empty_posts();",
        "create policy auth_policy on logins using (empty_posts());",
        "create policy auth_policy on logins using (exists (select from comments));",
        "alter table logins add column number int; alter table logins alter number set default nextval('post.numbers');",
        "create trigger auth_trigger before insert on logins for each row execute function stamp();",
        "create function auth_no() returns trigger language plpgsql as 'begin return null; end';\
         create trigger auth_trigger before insert on logins for each row when (empty_posts()) execute function auth_no();",
        "create view auth_gone as select empty_posts();",
        "create index auth_index on users (name) where name operator(post.====) 'x';",
        "alter table logins add check (twice(id) > 0);",
        "create domain auth_even as int check (twice(value) > 0);",
        "create operator ## (leftarg = text, rightarg = text, function = post.same);",
    ]));
    if server_version() >= 14 {
        refused(&[
            "create function auth_read() returns bigint language sql begin atomic select count(*) from comments; end;",
            "create function auth_write() returns void language sql begin atomic delete from posts; end;",
            "create function auth_use() returns int language sql begin atomic select twice(1); end;",
        ]);
    }
}

#[test]
fn foreign_keys_of_others_made_void() {
    assert_snapshot!(refused(&[
        "alter table users disable trigger all;",
        "alter table users disable trigger all; update users set id = 9 where id = 2; alter table users enable trigger all;",
        "alter table users disable trigger all; alter table users enable trigger all;",
        "create function auth_asleep() returns void language sql set session_replication_role = replica as 'update users set id = 9 where id = 2';",
        "create function auth_asleep() returns void language sql as 'select 1'; alter function auth_asleep() set session_replication_role to local;",
        "create function auth_asleep() returns void language sql set session_replication_role = replica as 'update users set id = 9 where id = 2';\
         select auth_asleep(); drop function auth_asleep();",
        "do $$ begin perform set_config('session_replication_role', 'replica', true); update users set id = 9 where id = 2;\
         execute 'reset session_replication_role'; end $$;",
        "do $$ begin perform set_config('session_replication_role', 'replica', true); truncate logins; delete from users where id = 2;\
         execute 'reset session_replication_role'; end $$;",
    ]));
}

/// None of these is anybody else's.
#[test]
fn what_is_its_own_or_only_used() {
    let workspace = workspace();
    let texts = [
        "create view auth_posts as select p.id, u.name from posts p join users u on u.id = p.author;\
         create rule auth_rule as on insert to logins do also select 1;",
        "create index auth_slug on users (slug(name)); alter table logins add column shade shade, add column mail shared_mail;",
        "alter table users add column tags hstore; alter table users alter tags set default hstore('a', 'b');",
        "create publication auth_news for table users; alter publication auth_news add table logins;",
        "create text search configuration auth_words (copy = english);\
         alter text search configuration auth_words alter mapping for word with simple;",
        "create operator <<<< (leftarg = text, rightarg = text, function = text_lt); create collation auth_order from \"C\";",
        "create type auth_place as (a int); create function auth_text(auth_place) returns text language sql as 'select $1.a::text';\
         create cast (auth_place as text) with function auth_text(auth_place);",
        "drop cast (auth_place as text); drop function auth_text(auth_place); drop type auth_place;",
        "create extension citext; alter table users add column mail citext;",
        "alter table users drop column mail; drop extension citext;",
        "create schema auth_own; alter default privileges in schema auth_own grant select on tables to pg_monitor;\
         grant usage on schema auth_own to public; comment on schema auth_own is 'x';",
        "create function auth_f() returns int language sql as 'select 1'; revoke execute on function auth_f() from public;",
        "create or replace function auth_f() returns int language sql as 'select 2'; comment on function auth_f() is 'y';",
        "alter table logins disable trigger all; update logins set id = id + 100; alter table logins enable trigger all;",
        "update users set name = 'z'; delete from logins; select lo_create(0);",
        "create function auth_t() returns trigger language plpgsql as 'begin return new; end';\
         create trigger auth_t before insert on logins for each row execute function auth_t(); drop trigger auth_t on logins;",
        "create aggregate auth_agg (int) (sfunc = int4pl, stype = int); drop publication auth_news;",
    ];
    let mut alarms = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        workspace.migration(&format!("5{index:02}_fine"), text, "");
        let run = workspace.run("deploy");
        if run.code() != 0 {
            alarms.push(format!("{text}\n{run}"));
            workspace.remove_migration(&format!("5{index:02}_fine"));
        }
    }
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}
