//! Histories that only look as if they touched what is another's.

use super::harmless::{History, harmless, pass};

const NAMES: &[History] = &[
    harmless(
        "queries of WITH that are called like another's table",
        &[(
            "auth",
            "with posts as (select id, name from users), gone as (select * from posts)\n\
             delete from users where id in (select id from gone where name = 'x');\n\
             with recursive posts as (select 1 as n union all select n + 1 from posts where n < 3)\n\
             insert into users select n + 10, 'user ' || n from posts;\n\
             with posts as (update users set name = name returning *) select * from posts;",
        )],
    ),
    harmless(
        "aliases that are called like another's table",
        &[(
            "auth",
            "update users posts set name = posts.name || '!';\n\
             delete from users as posts where posts.id = 2;\n\
             select posts.id from users posts;\n\
             insert into users as posts values (3, 'x') on conflict (id) do update set name = posts.name;",
        )],
    ),
    harmless(
        "columns, constraints and arguments that are called like another's table",
        &[(
            "auth",
            "alter table users add column posts int constraint posts check (posts > 0);\n\
             alter table users rename column posts to written;\n\
             alter table users rename constraint posts to comments;\n\
             create function auth_sum(posts int, comments int) returns int language sql\n\
             as $$ select posts + comments $$;\n\
             alter table users drop column written;",
        )],
    ),
    harmless(
        "strings, comments and quotes that hold statements",
        &[(
            "auth",
            "-- drop table posts;\n\
             /* delete from posts; /* truncate posts; */ */\n\
             insert into users values (3, 'drop table posts;'), (4, E'\\'; drop table posts; --');\n\
             select $$ drop table posts; $$, $x$ delete from posts $x$, U&'drop table p\\006fsts';\n\
             comment on table users is 'not posts; drop table posts;';\n\
             select 1 as \"drop table posts;\";\n\
             do $$ begin raise notice 'drop table posts'; /* drop table posts; */ end $$;",
        )],
    ),
    harmless(
        "temporary tables that are called like another's table",
        &[(
            "auth",
            "create temp table posts (id int);\n\
             insert into posts values (1);\n\
             update posts set id = 2;\n\
             alter table posts add column seen int;\n\
             create index on posts (id);\n\
             truncate posts;\n\
             drop table posts;",
        )],
    ),
    harmless(
        "a temporary table that is gone at the end",
        &[
            (
                "auth",
                "create temporary table posts on commit drop as select * from users;\n\
                 delete from posts;\n\
                 delete from pg_temp.posts;",
            ),
            ("post", "delete from posts;"),
        ],
    ),
    harmless(
        "a temporary table of a block",
        &[(
            "auth",
            "do $$ begin\n\
             \x20   create temp table auth_batch on commit drop as select id from users;\n\
             \x20   delete from auth_batch where id > 1;\n\
             \x20   drop table auth_batch;\n\
             end $$;",
        )],
    ),
    harmless(
        "functions of the same name with other arguments",
        &[
            (
                "post",
                "create function describe(int) returns text language sql as $$ select 'post' $$;",
            ),
            (
                "auth",
                "create function describe(text) returns text language sql as $$ select 'user' $$;\n\
                 create or replace function describe(text) returns text language sql as $$ select 'x' $$;\n\
                 drop function describe(text);",
            ),
            ("post", "drop function describe(integer);"),
        ],
    ),
    harmless(
        "a name that is like another's but for its case",
        &[(
            "auth",
            "create table \"Posts\" (id int primary key);\n\
             insert into \"Posts\" values (1);\n\
             drop table \"Posts\";",
        )],
    ),
    harmless(
        "indexes and triggers that are called like another's table",
        &[(
            "auth",
            "create schema auth_tools;\n\
             create table auth_tools.notes (id int primary key);\n\
             create index posts on auth_tools.notes (id);\n\
             drop index auth_tools.posts;\n\
             create policy posts on users using (true);\n\
             drop policy posts on users;",
        )],
    )
    .auth("auth_tools.notes"),
    harmless(
        "an own table of the same name in an own schema",
        &[(
            "auth",
            "create schema auth;\n\
             set search_path = auth;\n\
             create table posts (id serial primary key, at timestamptz default now());\n\
             insert into posts default values;\n\
             alter table posts add column seen int;\n\
             set search_path to default;\n\
             delete from auth.posts;",
        )],
    )
    .auth("auth.posts"),
    harmless(
        "search_path for one migration",
        &[
            (
                "post",
                "create schema post;\n\
                 set local search_path = post, public;\n\
                 create table drafts (id int primary key, author int references users);\n\
                 create index on drafts (author);",
            ),
            ("post", "alter table post.drafts add column title text;"),
        ],
    )
    .post("post.drafts"),
    harmless(
        "a variable that is called like another's table",
        &[(
            "auth",
            "do $$\ndeclare\n    posts int;\n    comments users%rowtype;\nbegin\n\
             \x20   select count(*) into posts from users;\n\
             \x20   posts := posts + 1;\n\
             \x20   select * into comments from users limit 1;\n\
             \x20   update users set name = name where id = 1 returning id into posts;\n\
             \x20   for posts in 1..3 loop null; end loop;\nend $$;",
        )],
    ),
    harmless(
        "PostgreSQL's own tables, read",
        &[(
            "auth",
            "select count(*) from pg_class c join pg_catalog.pg_namespace n on n.oid = relnamespace;\n\
             select * from information_schema.tables limit 1;\n\
             do $$ begin\n\
             \x20   if not exists (select from pg_tables where tablename = 'posts_old') then null; end if;\n\
             end $$;",
        )],
    ),
    harmless(
        "names with dollars, quotes and letters of every alphabet",
        &[(
            "auth",
            "create table auth_a$$ (id int primary key, \"drop table posts\" int);\n\
             create table \"auth_\"\"quoted\"\"\" (id int primary key);\n\
             create table auth_größe (id int primary key);\n\
             alter table AUTH_größe add column x int;\n\
             drop table auth_a$$, \"auth_\"\"quoted\"\"\", auth_größe;",
        )],
    ),
    harmless(
        "columns of a body that are called like the words around it",
        &[(
            "auth",
            "create function auth_ends() returns int begin atomic select id end from users; end;\n\
             create function auth_cases() returns int begin atomic select 1 case; end;\n\
             create procedure auth_begins() begin atomic\n\
             select case when true then begin end case from (select 1 as begin) one;\n\
             select begin atomic from (select 1 as begin) two; end;\n\
             update users set name = name;",
        )],
    )
    .since(14),
    harmless(
        "numbers, and strings that go on",
        &[(
            "auth",
            "insert into users values (3, E'it''s \\\\' -- c\n'\\'; drop table posts; --'), (4, 'a'\n'b');\n\
             select 1e5, .5, 1., 5e-1, 1.5E+3, (array[1,2,3])[1:2];\n\
             do language 'plpgsql' /* why */ 'begin null; end -- \\';",
        )],
    ),
];

#[test]
fn lookalikes() {
    pass(NAMES);
}
