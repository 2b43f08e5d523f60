//! What is no table: types, routines, schemas, extensions, privileges.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const OBJECTS: &[Attack] = &[
    attack(
        "add a value to an enum",
        "alter type post_state add value 'hidden';",
    ),
    attack(
        "rename a value of an enum",
        "alter type post_state rename value 'draft' to 'new';",
    ),
    attack(
        "alter a composite type",
        "alter type post_place add attribute word int cascade;",
    ),
    attack(
        "rename a type",
        "alter type post_state rename to auth_state;",
    ),
    attack(
        "drop a type with what uses it",
        "drop type post_state cascade;",
    ),
    attack(
        "alter a domain",
        "alter domain post_title drop constraint post_title_check;",
    ),
    attack(
        "drop a domain",
        "drop domain if exists public.post_title cascade;",
    ),
    attack(
        "an own type that another's column has come to use",
        "alter type auth_shade add value 'grey';",
    ),
    attack(
        "replace a function that another's trigger calls",
        "create or replace function post_touch() returns trigger language plpgsql as\n\
         $$ begin return null; end $$;",
    ),
    attack(
        "rename a function",
        "alter function post_touch() rename to auth_post_touch;",
    ),
    attack(
        "change a function",
        "alter function post_touch() security definer;",
    ),
    attack("drop a function", "drop function post_touch() cascade;"),
    attack("drop a routine", "drop routine post_touch;"),
    attack("drop a procedure", "drop procedure post_publish(int);"),
    attack(
        "drop a function in a schema",
        "drop function if exists auth_nothing(), billing.total(integer);",
    ),
    attack(
        "rename a schema",
        "alter schema billing rename to auth_money;",
    ),
    attack(
        "give a schema away",
        "alter schema billing owner to current_user;",
    ),
    attack("drop a schema", "drop schema if exists billing;"),
    attack(
        "drop an extension whose type is used",
        "drop extension citext cascade;",
    ),
    attack(
        "a table put into an extension that is dropped",
        "create extension hstore;\nalter extension hstore add table posts;\ndrop extension hstore;",
    ),
    attack(
        "move an extension",
        "alter extension citext set schema auth_private;",
    ),
    attack("drop what nobody owns", "drop function shared_now();"),
    attack(
        "a comment on a type",
        "comment on type post_state is 'mine';",
    ),
    attack(
        "a comment on a function",
        "comment on function post_touch() is 'mine';",
    ),
    attack(
        "a comment on a schema",
        "comment on schema billing is 'mine';",
    ),
    attack(
        "a comment on a view's column",
        "comment on column post_titles.title is 'mine';",
    ),
    attack(
        "a comment on a trigger",
        "comment on trigger post_touch on posts is 'mine';",
    ),
    attack(
        "a comment on a policy",
        "comment on policy post_readers on posts is 'mine';",
    ),
    attack(
        "a comment on an index",
        "comment on index posts_pkey is 'mine';",
    ),
];

const PRIVILEGES: &[Attack] = &[
    attack("grant", "grant all on posts to public;"),
    attack(
        "grant on several",
        "grant select on table users, public.comments to public;",
    ),
    attack(
        "grant on a column",
        "grant update (title) on posts to public;",
    ),
    attack(
        "grant on everything",
        "grant select on all tables in schema public to public;",
    ),
    attack(
        "grant on a sequence",
        "grant usage on sequence post_numbers to public;",
    ),
    attack(
        "grant on sequences",
        "grant usage on all sequences in schema billing to public;",
    ),
    attack(
        "grant on a function",
        "grant execute on function billing.total(int) to public;",
    ),
    attack(
        "grant on functions",
        "grant execute on all functions in schema billing to public;",
    ),
    attack(
        "grant on a type",
        "grant usage on type post_state to public;",
    ),
    attack(
        "grant on a schema",
        "grant usage on schema billing to public;",
    ),
    attack("revoke", "revoke all on posts from public cascade;"),
    attack(
        "revoke from everything",
        "revoke all on all tables in schema billing from public;",
    ),
    attack(
        "privileges of tables to come",
        "alter default privileges in schema billing grant select on tables to public;",
    ),
    attack(
        "a publication",
        "create publication auth_news for table only posts;",
    ),
];

#[test]
fn objects() {
    assert_snapshot!(refused(OBJECTS, 4));
}

#[test]
fn privileges() {
    assert_snapshot!(refused(PRIVILEGES, 4));
}
