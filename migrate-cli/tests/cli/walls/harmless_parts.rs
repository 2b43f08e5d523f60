//! Harmless statements of every other kind.

use super::harmless::{History, harmless, pass};

const PARTS: &[History] = &[
    harmless(
        "types of its own",
        &[(
            "post",
            "create type post_state as enum ('draft');\n\
             alter type post_state add value if not exists 'done';\n\
             create domain post_title as text check (value <> '');\n\
             alter domain post_title set default 'x';\n\
             create type post_place as (page int);\n\
             alter type post_place add attribute line int;\n\
             create type post_span as range (subtype = int);\n\
             alter table posts add column place post_place, add column name post_title;\n\
             alter table posts drop column place;\n\
             drop type post_place, post_span;\n\
             comment on type post_state is 'x';",
        )],
    ),
    harmless(
        "a type that may be there already",
        &[(
            "auth",
            "do $$ begin\n    create type auth_role as enum ('admin');\n\
             exception when duplicate_object then null;\nend $$;\n\
             do $$ begin\n    if not exists (select from pg_type where typname = 'auth_level') then\n\
             \x20       create type auth_level as enum ('low');\n    end if;\nend $$;\n\
             alter table users add column role auth_role, add column level auth_level;",
        )],
    ),
    harmless(
        "another's type in an own table",
        &[
            ("post", "create type post_state as enum ('draft');"),
            ("auth", "alter table users add column wanted post_state;\nalter table users drop column wanted;"),
            ("post", "alter type post_state add value 'done';"),
        ],
    ),
    harmless(
        "sequences",
        &[(
            "post",
            "create sequence post_numbers start 5;\n\
             alter table posts add column number bigint default nextval('post_numbers'::regclass);\n\
             alter sequence post_numbers owned by posts.number;\n\
             select setval('post_numbers', 10), nextval('public.post_numbers');\n\
             create table post_serials (id bigserial primary key, n int generated always as identity);\n\
             alter sequence post_serials_id_seq restart;\n\
             select setval(pg_get_serial_sequence('post_serials', 'id'), coalesce(max(id), 1)) from post_serials;",
        )],
    )
    .post("post_serials"),
    harmless(
        "COPY of what may be read",
        &[(
            "auth",
            "copy posts (id, title) to '/dev/null';\n\
             copy (select u.name, p.title from users u join posts p on p.author = u.id) to '/dev/null' csv;\n\
             copy users from '/dev/null';",
        )],
    ),
    harmless(
        "merge",
        &[(
            "auth",
            "merge into users u using posts p on p.author = u.id\n\
             when matched then update set name = u.name\n\
             when not matched then insert values (p.id + 100, p.title);",
        )],
    )
    .since(15),
    harmless(
        "upsert",
        &[(
            "auth",
            "insert into users select id + 200, title from posts on conflict do nothing;",
        )],
    ),
    harmless(
        "statistics, rules, storage and maintenance",
        &[(
            "post",
            "create statistics post_stats on author, title from posts;\n\
             drop statistics post_stats;\n\
             create rule no_delete as on delete to posts do instead nothing;\n\
             drop rule no_delete on posts;\n\
             alter table posts set (fillfactor = 70), alter title set storage external;\n\
             cluster posts using posts_pkey;\n\
             reindex table posts;\n\
             reindex index posts_pkey;\n\
             lock table posts in share mode;\n\
             analyze posts;",
        )],
    ),
    harmless(
        "prepared statements, cursors, explanations",
        &[(
            "post",
            "prepare touch (int) as update posts set title = title where id = $1;\n\
             execute touch (1);\n\
             deallocate touch;\n\
             declare c cursor for select * from users;\n\
             fetch c;\n\
             close c;\n\
             explain analyze update posts set title = title;\n\
             explain select * from users;",
        )],
    ),
    harmless(
        "savepoints and settings",
        &[(
            "post",
            "set local lock_timeout = '1s';\n\
             set statement_timeout to default;\n\
             savepoint here;\n\
             update posts set title = 'x';\n\
             rollback to here;\n\
             release here;\n\
             set constraints all deferred;\n\
             set local timezone = 'UTC';\n\
             reset timezone;",
        )],
    ),
    harmless(
        "kinds of statements that touch no table",
        &[(
            "",
            "create text search configuration simple_words (copy = simple);\n\
             create collation if not exists by_number (provider = icu, locale = 'en-u-kn-true');\n\
             create operator === (leftarg = int, rightarg = int, function = int4eq);\n\
             create cast (int as point) with inout;\n\
             notify changes;\n\
             do $$ begin perform pg_notify('changes', 'x'); end $$;",
        )],
    ),
    harmless(
        "a function with a standard body over what is read",
        &[(
            "post",
            "create function post_author(wanted int) returns text language sql stable\n\
             begin atomic select u.name from users u where u.id = wanted; end;",
        )],
    )
    .since(14),
    harmless(
        "a policy and a function over what is read",
        &[(
            "post",
            "create function post_count(author users) returns bigint language sql stable\n\
             as $$ select count(*) from posts p where p.author = $1.id $$;\n\
             create policy known on posts using (exists (select from users where id = author));",
        )],
    ),
    harmless(
        "generated columns, checks and exclusions",
        &[(
            "post",
            "create function post_slug(text) returns text language sql immutable as 'select lower($1)';\n\
             alter table posts add column slug text generated always as (post_slug(title)) stored;\n\
             alter table posts add constraint short check (length(title) < 100) not valid;\n\
             alter table posts validate constraint short;\n\
             create table post_slots (id int primary key, during tsrange, exclude using gist (during with &&));\n\
             create unique index post_slug_key on posts (slug) where title is not null;",
        )],
    )
    .post("post_slots"),
    harmless(
        "an own view that is written through",
        &[(
            "post",
            "create view post_drafts as select id, author, title from posts where title is null;\n\
             insert into post_drafts values (5, 1, null);\n\
             update post_drafts set author = 2;\n\
             delete from post_drafts;\n\
             create view post_people as select name from users;\n\
             create function post_no() returns trigger language plpgsql as 'begin return null; end';\n\
             create trigger no instead of update on post_people for each row execute function post_no();",
        )],
    ),
    harmless(
        "an own view that asks another's table, written through",
        &[(
            "post",
            "create view post_known as select * from posts where author in (select id from users);\n\
             update post_known set title = 'x';\n\
             delete from post_known;",
        )],
    ),
    harmless(
        "a materialized view of another's table and its index",
        &[(
            "post",
            "create materialized view post_writers as select u.id, u.name from users u;\n\
             create unique index on post_writers (id);\n\
             refresh materialized view concurrently post_writers;\n\
             alter materialized view post_writers rename to post_authors;",
        )],
    ),
    harmless(
        "another's function and sequence, which it uses",
        &[
            (
                "post",
                "create function post_slug(text) returns text language sql immutable as 'select lower($1)';\n\
                 create sequence post_numbers;\n\
                 create function lower(post_text int) returns text language sql as 'select null::text';",
            ),
            (
                "auth",
                "alter table users add column slug text generated always as (post_slug(name)) stored,\n\
                 add column low text default lower('X');\n\
                 create view auth_slugs as select post_slug(name), lower(name) from users;\n\
                 create function auth_slug(text) returns text language sql as $$ select post_slug($1) $$;\n\
                 select post_slug('x');",
            ),
        ],
    )
    .auth_uses("post_slug, post_numbers"),
    harmless(
        "what it makes besides tables",
        &[(
            "auth",
            "create publication auth_news for table users;\n\
             drop publication auth_news;\n\
             create function auth_same(int, int) returns bool language sql immutable as 'select $1 = $2';\n\
             create operator public.=== (leftarg = int, rightarg = int, function = auth_same);\n\
             select 1 === 1;\n\
             comment on operator === (int, int) is 'x';\n\
             drop operator if exists === (int, int);\n\
             create text search dictionary auth_d (template = simple);\n\
             create text search configuration auth_c (copy = simple);\n\
             alter text search configuration auth_c alter mapping for word with auth_d;\n\
             create collation if not exists auth_sorted from \"C\";\n\
             drop collation auth_sorted;\n\
             drop collation if exists auth_sorted;\n\
             create type auth_pair as (a int, b int);\n\
             create cast (auth_pair as text) with inout;\n\
             drop cast (auth_pair as text);\n\
             create statistics auth_stats on id, name from users;\n\
             drop statistics auth_stats;",
        )],
    ),
];

#[test]
fn parts() {
    pass(PARTS);
}
