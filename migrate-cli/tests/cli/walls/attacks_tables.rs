//! Changing what tables there are, and what they look like.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const DROPPED: &[Attack] = &[
    attack("drop", "drop table posts;"),
    attack("drop if there", "drop table if exists public.posts;"),
    attack(
        "drop among own ones",
        "drop table auth_private.keys, comments;",
    ),
    attack(
        "drop an own table that others refer to",
        "drop table users cascade;",
    ),
    attack(
        "drop the key that others refer to",
        "alter table users drop constraint users_pkey cascade;",
    ),
    attack(
        "drop the column that others refer to",
        "alter table users drop column id cascade;",
    ),
    attack("drop a partition", "drop table events_2024;"),
    attack("drop a view", "drop view post_titles;"),
    attack(
        "drop a materialized view",
        "drop materialized view popular_posts;",
    ),
    attack(
        "drop everything of a schema",
        "drop schema billing cascade;",
    ),
];

const ALTERED: &[Attack] = &[
    attack("add a column", "alter table posts add column seen int;"),
    attack(
        "add a column, with every word that may be left out",
        "ALTER TABLE IF EXISTS ONLY public.posts ADD seen int;",
    ),
    attack("drop a column", "alter table posts drop title;"),
    attack("rename a column", "alter table posts rename title to name;"),
    attack(
        "set a default",
        "alter table posts alter column title set default '';",
    ),
    attack(
        "drop a constraint",
        "alter table comments drop constraint comments_post_id_fkey;",
    ),
    attack(
        "give a table away",
        "alter table posts owner to current_user;",
    ),
    attack(
        "disable row-level security",
        "alter table posts disable row level security;",
    ),
    attack("disable triggers", "alter table posts disable trigger all;"),
    attack(
        "add a partition",
        "create table auth_events partition of events for values from ('2025-01-01') to ('2026-01-01');",
    ),
    attack(
        "attach a partition",
        "create table auth_events (at date not null, what text);\n\
         alter table events attach partition auth_events default;",
    ),
    attack(
        "detach a partition",
        "alter table events detach partition events_2024;",
    ),
    attack("inherit", "create table auth_posts () inherits (posts);"),
    attack(
        "inherit later",
        "create table auth_drafts (id int primary key);\n\
         alter table auth_drafts inherit \"Drafts\";",
    ),
    attack("a comment on a table", "comment on table posts is 'mine';"),
    attack(
        "a comment on a column",
        "comment on column public.posts.title is 'mine';",
    ),
    attack(
        "a comment on a constraint",
        "comment on constraint posts_pkey on posts is 'mine';",
    ),
    attack(
        "a security label",
        "security label on table posts is 'mine';",
    ),
    attack(
        "an alteration of a view",
        "alter view post_titles alter column title set default '';",
    ),
    attack(
        "a view replaced",
        "create or replace view post_titles as select 1 as id, 'x' as title;",
    ),
    attack(
        "a column's statistics",
        "alter table only posts alter title set statistics 0;",
    ),
    attack("a table unlogged", "alter table comments set unlogged;"),
    attack(
        "replica identity",
        "alter table posts replica identity nothing;",
    ),
];

const PARTS: &[Attack] = &[
    attack("an index", "create index on posts (author);"),
    attack(
        "a unique index",
        "create unique index auth_only on posts (author);",
    ),
    attack(
        "an index, concurrently",
        "create index concurrently auth_index on posts (author);",
    )
    .outside_a_transaction(),
    attack("drop an index", "drop index post_titles_index;"),
    attack(
        "drop an index, concurrently",
        "drop index concurrently post_titles_index;",
    )
    .outside_a_transaction(),
    attack(
        "rename an index",
        "alter index posts_pkey rename to auth_pkey;",
    ),
    attack("reindex a table", "reindex table posts;"),
    attack("reindex an index", "reindex index posts_pkey;"),
    attack("reindex a schema", "reindex schema billing;").outside_a_transaction(),
    attack("cluster", "cluster posts using posts_pkey;"),
    attack(
        "statistics",
        "create statistics auth_stats on author, state from posts;",
    ),
    attack(
        "a trigger",
        "create trigger mine before delete on posts for each row execute function auth_touch();",
    ),
    attack(
        "a constraint trigger",
        "create constraint trigger mine after delete on posts deferrable\n\
         for each row execute function auth_touch();",
    ),
    attack(
        "rename a trigger",
        "alter trigger post_touch on posts rename to mine;",
    ),
    attack("drop a trigger", "drop trigger post_touch on posts;"),
    attack("a policy", "create policy mine on posts using (false);"),
    attack(
        "change a policy",
        "alter policy post_readers on posts using (false);",
    ),
    attack(
        "drop a policy",
        "drop policy if exists post_readers on public.posts;",
    ),
    attack(
        "a rule",
        "create rule mine as on insert to posts do instead nothing;",
    ),
    attack("refresh", "refresh materialized view popular_posts;"),
    attack(
        "the sequence of a column",
        "alter sequence posts_id_seq restart with 1;",
    ),
    attack("a sequence", "alter sequence post_numbers increment by 2;"),
    attack("drop a sequence", "drop sequence post_numbers cascade;"),
    attack(
        "tie a sequence to a column",
        "create sequence auth_numbers owned by posts.id;",
    ),
    attack(
        "a sequence of an identity column",
        "alter sequence comments_id_seq owned by none;",
    ),
];

#[test]
fn dropped() {
    assert_snapshot!(refused(DROPPED, 4));
}

#[test]
fn altered() {
    assert_snapshot!(refused(ALTERED, 4));
}

#[test]
fn parts() {
    assert_snapshot!(refused(PARTS, 4));
}
