//! What is everybody's, what leads past the walls, and what something works with.

use crate::attribution::Attribution;
use crate::history::{Exception, Migration};
use crate::ownership::Policy;
use crate::ownership::made::{policy_of, service};
use crate::workspace::ServerNames;

use super::verdicts::told;
use super::{SO_FAR, Written, of};

const NEW: &str = "20240201_new";

/// More that the two services have made.
const MADE: [Written<'_>; 3] = [
    (
        "20240110_auth",
        &["auth"],
        "create function auth_slug(text) returns text language sql as 'select lower($1)'; \
         create type auth_role as enum ('a'); create operator public.=== (leftarg = int, rightarg = int, function = int4eq);",
    ),
    (
        "20240111_post",
        &["post"],
        "create function post_slug(text) returns text language sql as 'select lower($1)'; \
         create function lower(post_state text) returns text language sql as 'select $1'; \
         create sequence post_numbers; create type post_state as enum ('a'); \
         create operator public.@@@@ (leftarg = int, rightarg = int, function = int4eq); \
         create publication post_news for table posts; create collation post_sorted from \"C\"; \
         create text search configuration post_words (copy = simple); \
         create schema blog; create function blog.render(text) returns text language sql as 'select $1'; \
         create cast (post_state as point) with inout; create statistics post_stats on id, author from posts;",
    ),
    (
        "20240112_nobody",
        &[],
        "create function slug(text) returns text language sql as 'select lower($1)'; \
         create type shade as enum ('a'); create collation sorted from \"C\";",
    ),
];

/// `post` is as in the others, and comes as `sm_post`; `auth` uses two things of it.
fn policy() -> Policy {
    let mut auth = service("auth", &["users", "auth_*"], &["posts"]);
    auth.uses = service("", &["post_numbers", "blog.*"], &[]).owns;
    let post = service("post", &["posts", "post_*"], &["users"]);
    let names = ServerNames {
        databases: vec!["shop".to_owned(), "shop_orders".to_owned()],
        roles: vec![
            ("auth".to_owned(), "sm_auth".to_owned()),
            ("post".to_owned(), "sm_post".to_owned()),
        ],
    };
    policy_of(&[auth, post]).with_names(names)
}

fn breaches_of(migration: Migration) -> Vec<String> {
    let history = of(&[SO_FAR.as_slice(), &MADE].concat()).with(vec![migration]);
    let policy = policy();
    let attribution = Attribution::of(&history, &policy);
    attribution.breaches().iter().map(told).collect()
}

/// What `auth` does, and what of that may not be.
#[track_caller]
fn judged(cases: &[(&str, &[&str])]) {
    for (up, expected) in cases {
        let migration = Migration::new(NEW, *up).of_services(&["auth"]);
        assert_eq!(breaches_of(migration), *expected, "{up}");
    }
}

#[test]
fn what_is_everybodys_is_for_all_or_none() {
    let statements = [
        "drop database other with (force)",
        "create database other",
        "alter database other rename to another",
        "alter database other set work_mem = '1MB'",
        "create role reporting",
        "alter role sm_post nologin",
        "alter role sm_post connection limit 0",
        "alter user sm_post valid until '2000-01-01'",
        "alter role all set search_path = auth",
        "drop role if exists sm_post",
        "create group people with user ada",
        "grant people to ada",
        "revoke people from ada",
        "drop owned by current_user",
        "reassign owned by sm_post to sm_auth",
        "create tablespace fast location '/fast'",
        "alter tablespace fast rename to slow",
        "drop tablespace fast",
        "alter table all in tablespace fast set tablespace slow",
        "alter system reset all",
        "create subscription s connection '' publication p",
        "alter subscription s disable",
        "drop subscription s",
        "do $$ begin alter role sm_post nologin; end $$",
        "create function auth_f() returns void language plpgsql as 'begin create role x; end'",
        "create publication p for all tables",
        "create event trigger e on ddl_command_end execute function f()",
        "alter event trigger e disable",
        "drop event trigger e",
        "create cast (int as text) with inout as implicit",
        "drop cast (int as text)",
        "drop operator @@ (int, int)",
        "alter operator family integer_ops using btree add function 1 auth_f(int, int)",
        "alter operator class int4_ops using btree rename to auth_ops",
        "alter text search configuration english add mapping for word with simple",
        "drop text search dictionary simple",
        "alter collation pg_catalog.\"C\" rename to auth_c",
        "create default conversion c for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1",
        "create language plperl",
        "drop language plperl",
        "create transform for int language plperl (from sql with function f(internal))",
        "create access method heap2 type table handler heap_tableam_handler",
        "drop access method heap2",
        "alter default privileges grant select on tables to public",
        "alter default privileges in schema public grant select on tables to public",
        "revoke connect on database main from public",
        "grant connect on database main to sm_auth",
        "revoke usage on schema public from public",
        "alter schema public owner to sm_auth",
        "grant set on parameter work_mem to sm_auth",
        "grant usage on language plpgsql to sm_auth",
        "grant create on tablespace fast to sm_auth",
        "grant execute on function pg_catalog.pg_read_file(text) to sm_auth",
        "alter function pg_catalog.now() volatile",
        "create or replace function pg_catalog.now() returns timestamptz language sql as 'select null'",
        "alter function auth_slug(text) set schema pg_catalog",
        "alter large object 12 owner to sm_auth",
        "grant select on large object 12 to sm_auth",
        "comment on large object 12 is 'x'",
        "comment on database main is 'x'",
        "comment on role sm_post is 'x'",
        "comment on cast (int as text) is 'x'",
        "set session_replication_role = replica",
        "select set_config('session_replication_role', 'replica', true)",
        "create function auth_f() returns int language sql set session_replication_role = replica as 'select 1'",
        "alter function auth_slug(text) set session_replication_role to replica",
    ];
    for up in statements {
        let by = |services: &[&str]| breaches_of(Migration::new(NEW, up).of_services(services));
        let told = by(&["auth"]);
        assert!(
            !told.is_empty() && told.iter().all(|told| told.ends_with(": for all")),
            "{up}: {told:?}"
        );
        assert!(by(&["auth", "post"]).is_empty(), "{up}");
        assert!(by(&[]).is_empty(), "{up}");
    }
}

/// Refused whoever does it, unless it is excepted by its own name.
#[test]
fn ways_out_take_an_exception_of_their_own() {
    for (way, ups) in [
        (
            "dblink",
            &[
                "select dblink_exec('dbname=x', 'drop table posts')",
                "select * from public.dblink('x', 'select 1') as t (a int)",
                "do $$ begin perform tools.dblink_connect('x'); end $$",
                "create function f() returns void language plpgsql as 'begin perform dblink_exec(1, 2); end'",
                "alter table users add column x text default dblink_exec('a', 'b')",
            ][..],
        ),
        (
            "foreign server",
            &[
                "create server s foreign data wrapper postgres_fdw",
                "create server s foreign data wrapper w; create user mapping for current_user server s",
                "create server s foreign data wrapper w; alter user mapping for current_user server s options (set user 'x')",
                "create foreign table auth_f (a int) server s",
                "import foreign schema public from server s into auth_x",
            ],
        ),
        (
            "copy program",
            &[
                "copy users to program 'psql'",
                "copy users from program 'psql'",
                "do $$ begin copy (select 1) to program 'psql'; end $$",
            ],
        ),
        (
            "server files",
            &[
                "copy users to '/tmp/x'",
                "copy users from '/tmp/x'",
                "select pg_read_file('postgresql.conf')",
                "select lo_import('/etc/passwd')",
                "select pg_catalog.lo_export(1, '/tmp/x')",
            ],
        ),
        (
            "language plpython3u",
            &[
                "do language plpython3u 'x'",
                "create function f() returns int language plpython3u as 'x'",
                "create procedure f() language 'plpython3u' as 'x'",
                "create extension plpython3u",
            ],
        ),
        (
            "language c",
            &["create function f() returns int language C as 'x', 'y'"],
        ),
        (
            "language internal",
            &["create function f(text) returns text language internal as 'pg_read_file'"],
        ),
        ("load", &["load 'x'", "do $$ begin load 'x'; end $$"]),
        (
            "pg_background",
            &[
                "select pg_background_launch('vacuum')",
                "select * from tools.pg_background_result(1) as (x text)",
            ],
        ),
        (
            "pg_cron",
            &[
                "select cron.schedule('x', '* * * * *', 'drop table posts')",
                "select cron.unschedule(1)",
                "do $$ begin perform cron.schedule('x', 'y'); end $$",
                "insert into cron.job (command) values ('x')",
            ],
        ),
    ] {
        for up in ups {
            for services in [&["auth"][..], &[], &["auth", "post"]] {
                let migration = |allow: &[&str]| {
                    let mut migration = Migration::new(NEW, *up).of_services(services);
                    migration.allow = exceptions(allow);
                    breaches_of(migration)
                };
                let told = migration(&["*", "*.*"]);
                assert!(
                    told.iter()
                        .any(|told| told.ends_with(&format!(" {way}: a way out"))),
                    "{up}: {told:?}"
                );
                assert!(
                    migration(&[way]).is_empty(),
                    "{up}: {:?}",
                    migration(&[way])
                );
            }
        }
    }
}

fn exceptions(objects: &[&str]) -> Vec<Exception> {
    let exception = |object: &&str| Exception {
        object: (*object).to_owned(),
        reason: "agreed".to_owned(),
    };
    objects.iter().map(exception).collect()
}

#[test]
fn rights_round_the_walls_take_one_too() {
    for (way, up) in [
        ("superuser", "create role x superuser"),
        ("superuser", "alter role sm_auth with superuser"),
        ("createrole", "alter user sm_auth createrole"),
        ("createdb", "create user x createdb login"),
        (
            "bypassrls",
            "do $$ begin alter role sm_auth bypassrls; end $$",
        ),
        ("replication", "create role x login replication"),
        ("sm_post", "grant sm_post to sm_auth"),
        ("sm_post", "grant people, sm_post to ada with admin option"),
        ("sm_post", "create role x in role sm_post"),
        ("sm_post", "alter group sm_post add user sm_auth"),
        ("pg_write_all_data", "grant pg_write_all_data to sm_auth"),
        ("pg_read_server_files", "grant pg_read_server_files to x"),
        (
            "pg_execute_server_program",
            "create role x in role pg_execute_server_program",
        ),
    ] {
        let migration = |allow: &[&str]| {
            let mut migration = Migration::new(NEW, up).of_services(&[]);
            migration.allow = exceptions(allow);
            breaches_of(migration)
        };
        let told = migration(&[]);
        assert!(
            told.len() == 1 && told[0].ends_with(&format!(" {way}: a way out")),
            "{up}: {told:?}"
        );
        assert!(migration(&[way]).is_empty(), "{up}");
    }
    for up in [
        "create role people nologin nosuperuser nocreaterole",
        "grant people to ada",
        "grant pg_monitor to people",
        "alter role people set statement_timeout = '1s'",
        "revoke sm_post from ada",
    ] {
        let told = breaches_of(Migration::new(NEW, up).of_services(&[]));
        assert!(told.is_empty(), "{up}: {told:?}");
    }
}

#[test]
fn a_database_that_is_named_is_dropped_by_nobody() {
    for up in [
        "drop database shop_orders",
        "drop database if exists shop_orders with (force)",
        "alter database shop_orders rename to gone",
    ] {
        for services in [&["auth"][..], &[], &["auth", "post"]] {
            let mut migration = Migration::new(NEW, up).of_services(services);
            migration.allow = exceptions(&["shop_orders", "*"]);
            assert_eq!(
                breaches_of(migration),
                ["a database database shop_orders: named"]
            );
        }
    }
}

#[test]
fn what_others_made_is_used_where_uses_names_it() {
    let not_used = |name: &str, kind: &str| format!("use {kind} {name}: not used, of post");
    let slug = not_used("post_slug", "function");
    for up in [
        "alter table users add column s text default post_slug('x')",
        "alter table users add column s text generated always as (post_slug(email)) stored",
        "alter table users add check (post_slug(email) <> '')",
        "create policy p on users using (post_slug(email) = 'x')",
        "create view auth_v as select post_slug(email) from users",
        "create materialized view auth_v as select public.post_slug(email) from users",
        "create index on users (post_slug(email))",
        "create trigger t before update on users for each row when (post_slug(new.email) is null) execute function auth_check()",
        "create function auth_f() returns text language sql as $$ select post_slug('x') $$",
        "create function auth_f() returns void language plpgsql as $$ begin perform post_slug('x'); end $$",
        "do $$ begin perform post_slug('x'); end $$",
        "select post_slug('x')",
        "create aggregate auth_a (text) (sfunc = post_slug, stype = text)",
        "create cast (auth_role as text) with function post_slug(text)",
        "create operator public.### (rightarg = text, function = post_slug)",
    ] {
        let told = breaches_of(Migration::new(NEW, up).of_services(&["auth"]));
        assert_eq!(told, [slug.as_str()], "{up}");
        let mut migration = Migration::new(NEW, up).of_services(&["auth"]);
        migration.allow = exceptions(&["post_slug"]);
        assert_eq!(breaches_of(migration), Vec::<String>::new(), "{up}");
    }
    judged(&[
        (
            "create view auth_v as select 1 @@@@ 2",
            &["use operator @@@@: not used, of post"],
        ),
        (
            "select 1 operator(public.@@@@) 2",
            &["use operator @@@@: not used, of post"],
        ),
        // Its own, everybody's, and PostgreSQL's own.
        (
            "select auth_slug('x'), slug('x'), lower('x'), 1 === 2, count(*) from users",
            &[],
        ),
        // In `uses`.
        (
            "alter table users add column n bigint default nextval('post_numbers')",
            &[],
        ),
        ("select nextval('post_numbers')", &[]),
        (
            "create view auth_v as select blog.render(email) from users",
            &[],
        ),
        // To use is not to change.
        (
            "select setval('post_numbers', 1)",
            &["set the number of sequence post_numbers: of post"],
        ),
        (
            "drop sequence post_numbers",
            &["drop sequence post_numbers: of post"],
        ),
        // Types give no rights.
        (
            "alter table users add column s post_state, add column h shade",
            &[],
        ),
    ]);
}

#[test]
fn what_a_service_makes_besides_tables_is_its_own() {
    judged(&[
        (
            "create publication auth_news for table users; alter publication auth_news add table auth_tokens; drop publication auth_news",
            &[],
        ),
        (
            "alter publication post_news add table users",
            &["alter publication post_news: of post"],
        ),
        (
            "alter publication post_news drop table posts",
            &[
                "alter publication post_news: of post",
                "publish table posts: of post",
            ],
        ),
        (
            "drop publication post_news",
            &["drop publication post_news: of post"],
        ),
        (
            "create publication auth_news for table posts",
            &["publish table posts: of post"],
        ),
        (
            "create operator public.## (leftarg = int, rightarg = int, function = int4eq); alter operator ## (int, int) owner to current_user; drop operator ## (int, int)",
            &[],
        ),
        (
            "drop operator @@@@ (int, int)",
            &["drop operator @@@@: of post"],
        ),
        (
            "alter operator public.@@@@ (int, int) set schema blog",
            &["alter operator @@@@: of post"],
        ),
        (
            "alter collation post_sorted rename to auth_sorted",
            &["alter collation post_sorted: of post"],
        ),
        (
            "drop collation sorted",
            &["drop collation sorted: of nobody"],
        ),
        (
            "create collation auth_sorted from \"C\"; drop collation auth_sorted",
            &[],
        ),
        (
            "alter text search configuration post_words drop mapping for word",
            &["alter text search configuration post_words: of post"],
        ),
        (
            "drop text search configuration public.post_words",
            &["drop text search configuration post_words: of post"],
        ),
        (
            "create text search dictionary auth_d (template = simple); create text search configuration auth_c (copy = simple); alter text search configuration auth_c alter mapping for word with auth_d; drop text search configuration auth_c; drop text search dictionary auth_d",
            &[],
        ),
        (
            "create cast (auth_role as point) with inout; drop cast (auth_role as point)",
            &[],
        ),
        (
            "create cast (post_state as int) with inout",
            &["change what becomes of type post_state: of post"],
        ),
        (
            "drop cast (post_state as point)",
            &["drop cast post_state as point: of post"],
        ),
        (
            "drop statistics post_stats",
            &["drop statistics post_stats: of post"],
        ),
        (
            "alter statistics post_stats set statistics 5",
            &["alter statistics post_stats: of post"],
        ),
        (
            "create statistics auth_stats on id, email from users; drop statistics auth_stats",
            &[],
        ),
        (
            "comment on publication post_news is 'x'",
            &["comment on publication post_news: of post"],
        ),
        (
            "comment on collation post_sorted is 'x'",
            &["comment on collation post_sorted: of post"],
        ),
        (
            "drop publication if exists auth_never; drop operator if exists ~~~~ (int, int); drop collation if exists auth_never; drop cast if exists (auth_role as text)",
            &[],
        ),
        ("create schema sm_post", &["create schema sm_post: of post"]),
        (
            "create schema authorization sm_post",
            &["create schema sm_post: of post"],
        ),
        (
            "create schema auth_x; alter schema auth_x rename to sm_post",
            &["rename to schema sm_post: of post"],
        ),
        ("create schema sm_auth", &[]),
        (
            "create extension hstore; alter extension hstore add function post_slug(text)",
            &["change the extension of function post_slug: of post"],
        ),
        (
            "create extension hstore; alter extension hstore add operator @@@@ (int, int)",
            &["change the extension of operator @@@@: of post"],
        ),
        (
            "create extension hstore; alter extension hstore add text search configuration post_words",
            &["change the extension of text search configuration post_words: of post"],
        ),
        // Names that are swapped.
        (
            "alter function post_slug(text) rename to aside; alter function auth_slug(text) rename to post_slug",
            &["alter function post_slug: of post"],
        ),
        (
            "alter schema blog rename to aside; create schema blog",
            &["alter schema blog: of post"],
        ),
        (
            "alter type post_state rename to aside; alter type auth_role rename to post_state",
            &["alter type post_state: of post"],
        ),
    ]);
}

/// By whoever, with whatever exception.
#[test]
fn nobody_but_us_touches_our_records() {
    for up in [
        "delete from __diesel_schema_migrations",
        "insert into public.__migrate_ledger default values",
        "truncate __migrate_ledger",
        "lock table __diesel_schema_migrations in access exclusive mode",
        "select * from __migrate_ledger for update",
        "create trigger t before insert on __migrate_ledger for each row execute function f()",
        "create rule r as on insert to __diesel_schema_migrations do instead nothing",
        "create table x (v text references __diesel_schema_migrations)",
        "do $$ begin update \"__migrate_ledger\" set id = 1; end $$",
        "update U&\"\\005f_migrate_ledger\" set id = 1",
        "create view v as select * from __migrate_ledger; delete from v",
        "create function f() returns void language sql as 'delete from __diesel_schema_migrations'",
        "create table __migrate_more (id int)",
        "create table x (id int); alter table x rename to __migrate_ledger",
        "comment on table __migrate_ledger is 'x'",
        "select setval('__migrate_ledger_id_seq', 1)",
    ] {
        let mut migration = Migration::new(NEW, up).of_services(&[]);
        migration.allow = exceptions(&["*", "__migrate_*", "__diesel_schema_migrations", "*.*"]);
        let told = breaches_of(migration);
        assert!(
            !told.is_empty() && told.iter().all(|told| told.ends_with(": the ledger")),
            "{up}: {told:?}"
        );
    }
    for up in [
        "select * from __diesel_schema_migrations",
        "create view v as select count(*) from __diesel_schema_migrations",
        "create table x as table __migrate_ledger",
        "lock table settings",
    ] {
        let told = breaches_of(Migration::new(NEW, up).of_services(&[]));
        assert!(told.is_empty(), "{up}: {told:?}");
    }
}

#[test]
fn what_several_tables_need_names_all_of_them() {
    let up = "alter type shade add value 'b'";
    let uses: [Written<'_>; 2] = [
        (
            "20240120_a",
            &["auth"],
            "create table auth_shades (s shade)",
        ),
        (
            "20240121_p",
            &["post"],
            "create table post_shades (s shade)",
        ),
    ];
    let policy = policy();
    let breach = |services: &[&str]| {
        let migration = Migration::new(NEW, up).of_services(services);
        let all = [SO_FAR.as_slice(), &MADE, &uses].concat();
        let history = of(&all).with(vec![migration]);
        let attribution = Attribution::of(&history, &policy);
        attribution.breaches().first().cloned()
    };
    let several = breach(&[]).expect("it is of two").reason;
    let crate::attribution::Reason::Several { owners, at_once } = several else {
        panic!("{several:?}");
    };
    assert!(at_once);
    assert_eq!(owners.len(), 2);
    assert_eq!(breach(&["auth", "post"]), None);
}
