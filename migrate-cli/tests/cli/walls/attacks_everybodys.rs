//! What is everybody's, what leads out of the session or round the walls, and what others made that
//! something works with.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const EVERYBODYS: &[Attack] = &[
    attack(
        "another database",
        "drop database if exists elsewhere with (force);",
    )
    .outside_a_transaction(),
    attack(
        "a role in a block",
        "do $$ begin alter role postgres nologin; end $$;",
    ),
    attack(
        "a publication of every table",
        "create publication auth_all for all tables;",
    ),
    attack(
        "a cast between types of all",
        "create cast (integer as point) with inout as implicit;",
    ),
    attack(
        "the schema of all",
        "revoke usage on schema public from public;",
    ),
    attack(
        "a function of PostgreSQL's own",
        "grant execute on function pg_catalog.pg_read_file(text) to public;",
    ),
];

const WAYS_OUT: &[Attack] = &[
    attack(
        "another session",
        "create function auth_out() returns text language sql as\n\
         $$ select dblink_exec('dbname=x', 'drop table posts') $$;",
    )
    .by(&[])
    .metadata("allow = [{ object = \"*\", reason = \"all of it\" }]"),
    attack("a file of the server", "copy users to '/tmp/users';"),
    attack(
        "an untrusted language",
        "do language plpython3u $$ plpy.execute('drop table posts') $$;",
    ),
    attack("a superuser", "create role auth_root superuser;").by(&[]),
];

const USED: &[Attack] = &[
    attack(
        "another's function in a default",
        "alter table users add column total numeric default billing.total(1);",
    ),
    attack(
        "another's function in a view",
        "create view auth_totals as select id, billing.total(id) from users;",
    ),
    attack(
        "a type that two services' tables need",
        "create table auth_likes (shade auth_shade);\nalter type auth_shade add value 'grey';",
    ),
    attack(
        "our own records, with an exception for all",
        "delete from __diesel_schema_migrations;",
    )
    .by(&[])
    .metadata("allow = [{ object = \"*\", reason = \"all of it\" }]"),
];

#[test]
fn everybodys() {
    assert_snapshot!(refused(EVERYBODYS, 4));
}

#[test]
fn ways_out() {
    assert_snapshot!(refused(WAYS_OUT, 4));
}

#[test]
fn used() {
    assert_snapshot!(refused(USED, 4));
}
