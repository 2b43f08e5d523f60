//! Writing another's rows.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const ROWS: &[Attack] = &[
    attack(
        "insert",
        "insert into posts (author, title) values (1, 'x');",
    ),
    attack(
        "insert or update",
        "insert into posts as p (id, author, title) values (1, 1, 'x')\n\
         on conflict (id) do update set title = 'x';",
    ),
    attack("update", "update posts set title = 'x';"),
    attack(
        "update under an alias",
        "update only posts as users set title = 'x';",
    ),
    attack(
        "update from own tables",
        "update posts set title = u.name from users u where u.id = author;",
    ),
    attack("delete", "delete from posts;"),
    attack(
        "delete using own tables",
        "delete from public.posts p using users u where u.id = p.author;",
    ),
    attack(
        "delete by a query of WITH",
        "with gone as (delete from posts returning id) select count(*) from gone;",
    ),
    attack(
        "delete by a query of WITH that is called like an own table",
        "with users as (delete from posts returning id) insert into users select;",
    ),
    attack(
        "delete by WITH within WITH",
        "with a as (with b as (delete from posts returning id) select * from b) table a;",
    ),
    attack(
        "a query of WITH hides only what is read",
        "with posts as (select 1) delete from posts;",
    ),
    attack(
        "merge",
        "merge into posts p using users u on u.id = p.author\n\
         when matched then delete;",
    ),
    attack("copy from a file", "copy posts (title) from '/dev/null';"),
    attack(
        "copy from a program",
        "copy public.posts from program 'echo 1';",
    ),
    attack(
        "copy of a query that writes",
        "copy (delete from posts returning *) to '/dev/null';",
    ),
    attack("truncate", "truncate posts;"),
    attack(
        "truncate among own tables",
        "truncate table only auth_private.keys, comments restart identity;",
    ),
    attack("truncate by cascade", "truncate users cascade;"),
    attack(
        "truncate by cascade, in the middle",
        "truncate table users, sessions restart identity cascade;",
    ),
    attack(
        "update through an own view",
        "create view auth_posts as select * from posts;\n\
         update auth_posts set title = 'x';",
    ),
    attack(
        "delete through a view of a view",
        "create view auth_posts as select * from posts;\n\
         create view auth_drafts as select * from auth_posts where state = 'draft';\n\
         delete from auth_drafts;",
    ),
    attack(
        "update through an own view with another query in it",
        "create view auth_posts as select * from posts where author in (select id from users);\n\
         update auth_posts set title = 'x';",
    ),
    attack(
        "delete through an own view that showed an own table",
        "create or replace view auth_names as select id, title::text as name from posts;\n\
         delete from auth_names;",
    ),
    attack(
        "insert through a temporary view",
        "create temp view mine as table posts;\ninsert into mine (id, title) values (9, 'x');",
    ),
    attack(
        "insert through its own view",
        "insert into post_titles values (9, 'x');",
    ),
    attack("advance a sequence", "select nextval('post_numbers');"),
    attack(
        "set a sequence",
        "select pg_catalog.setval('public.posts_id_seq'::regclass, 1);",
    ),
    attack(
        "set the sequence of a column",
        "select setval(pg_get_serial_sequence('posts', 'id'), 1, false);",
    ),
    attack(
        "explain analyze",
        "explain (analyze, costs off) delete from posts;",
    ),
    attack(
        "a prepared statement",
        "prepare gone (int) as delete from posts where id = $1;\nexecute gone (1);",
    ),
    attack(
        "a statement with a semicolon in a string before it",
        "select ';' ; delete from posts; -- select 1",
    ),
    attack(
        "a partition",
        "insert into events_2024 values ('2024-06-06', 'x');",
    ),
    attack(
        "a row of a table in a schema",
        "delete from billing.invoices;",
    ),
    attack(
        "a table of rows that are deleted",
        "create table auth_gone as with gone as (delete from posts returning *) select * from gone;",
    ),
    attack(
        "a table of another's name by SELECT INTO",
        "select 1 as id into posts;",
    ),
    attack(
        "row by row, outside a transaction",
        "delete from posts where id = 1;\ndelete from posts where id = 2;",
    )
    .outside_a_transaction(),
    attack(
        "a column from another's rows",
        "alter table users add column posted int;\n\
         update users set posted = (select count(*) from comments);",
    ),
    attack(
        "the ledger of migrations",
        "delete from __diesel_schema_migrations;",
    ),
    attack(
        "our own ledger",
        "update public.__migrate_ledger set checksum = '';",
    ),
    attack(
        "the catalog",
        "delete from pg_class where relname = 'posts';",
    ),
    attack(
        "the catalog by its schema",
        "update pg_catalog.pg_attribute set attnotnull = false;",
    ),
    attack("the catalog, by nobody", "delete from pg_trigger;").by(&[]),
    attack(
        "drop the ledger, by all",
        "drop table __diesel_schema_migrations;",
    )
    .by(&["auth", "post", "billing"]),
];

#[test]
fn rows() {
    assert_snapshot!(refused(ROWS, 4));
}
