//! Reading, and referring to, what `reads` does not name.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const READS: &[Attack] = &[
    attack("a query", "select * from comments;"),
    attack("a query of the whole table", "table comments;"),
    attack(
        "a join",
        "select from users u join comments c on c.id = u.id;",
    ),
    attack(
        "a query in a query",
        "select (select count(*) from comments);",
    ),
    attack(
        "a condition",
        "delete from users where exists (select from comments);",
    ),
    attack(
        "a set of queries",
        "select id from users union all select id from public.comments;",
    ),
    attack(
        "a lateral query",
        "select from users, lateral (select from comments where id = users.id) c;",
    ),
    attack(
        "rows that are kept",
        "create table auth_copy as select * from comments;",
    ),
    attack(
        "rows that are inserted",
        "insert into auth_private.keys select id from comments;",
    ),
    attack(
        "rows that are used for an update",
        "update users set name = body from comments;",
    ),
    attack(
        "rows that are merged",
        "merge into users using comments c on false when not matched then do nothing;",
    ),
    attack(
        "a table made alike",
        "create table auth_copy (like comments including all);",
    ),
    attack(
        "a view",
        "create view auth_copy as select body from comments;",
    ),
    attack(
        "a materialized view",
        "create materialized view auth_copy as select body from comments;",
    ),
    attack(
        "a foreign key",
        "create table auth_votes (comment int references comments);",
    ),
    attack(
        "a foreign key of the table",
        "create table auth_votes (comment int, foreign key (comment) references comments (id));",
    ),
    attack(
        "a foreign key that is added",
        "alter table users add constraint auth_fk foreign key (id) references comments not valid;",
    ),
    attack(
        "a column with a foreign key that is added",
        "alter table users add column comment int references public.comments on delete cascade;",
    ),
    attack(
        "a policy of an own table",
        "create policy auth_all on users using (exists (select from comments));",
    ),
    attack(
        "a function",
        "create function auth_count() returns bigint language sql as 'select count(*) from comments';",
    ),
    attack(
        "a block",
        "do $$ declare n int; begin select count(*) into n from comments; end $$;",
    ),
    attack("rows that are copied out", "copy comments to '/dev/null';"),
    attack(
        "a query whose rows are copied out",
        "copy (select * from comments) to '/dev/null';",
    ),
    attack(
        "a cursor",
        "declare auth_cursor cursor for select * from comments;",
    ),
    attack("a lock", "lock table comments;"),
    attack(
        "a query of WITH",
        "with c as (select * from comments) select count(*) from c;",
    ),
    attack(
        "a query of WITH is seen only after it",
        "with a as (select * from comments), comments as (select 1) select from a;",
    ),
    attack("a table in a schema", "select * from billing.invoices;"),
];

#[test]
fn reads() {
    assert_snapshot!(refused(READS, 4));
}
