//! Names that hide what is meant.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const RENAMED: &[Attack] = &[
    attack("rename", "alter table posts rename to auth_posts;"),
    attack(
        "rename and drop",
        "alter table posts rename to auth_posts;\ndrop table auth_posts;",
    ),
    attack("move", "alter table posts set schema auth_private;"),
    attack(
        "rename and take the name",
        "alter table posts rename to auth_old;\ncreate table posts (id int);",
    ),
    attack(
        "swap names",
        "alter table users rename to auth_swap;\n\
         alter table posts rename to users;\n\
         alter table auth_swap rename to posts;",
    ),
    attack("take the name of a table", "create table posts (id int);"),
    attack(
        "take it if it is free",
        "create table if not exists posts (id int);",
    ),
    attack(
        "take a name that is kept for another",
        "create table events_2030 (id int);",
    ),
    attack(
        "rename to a name that is kept for another",
        "alter table sessions rename to post_sessions;",
    ),
    attack(
        "move into another's schema",
        "alter table sessions set schema billing;",
    ),
    attack(
        "a table in another's schema",
        "create table billing.extra (id int);",
    ),
    attack(
        "a view in another's schema",
        "create view billing.extra as select 1 as one;",
    ),
    attack(
        "rename a schema",
        "alter schema billing rename to auth_billing;",
    ),
    attack(
        "rename a view",
        "alter view post_titles rename to auth_titles;",
    ),
    attack(
        "rename a view as if it were a table",
        "alter table post_titles rename to auth_titles;",
    ),
    attack(
        "rename a sequence",
        "alter sequence post_numbers rename to auth_numbers;",
    ),
    attack(
        "an own table of the name, in the other schema",
        "create table auth_private.posts (id int);\ndrop table posts;",
    ),
    attack(
        "an own table of the name, dropped twice",
        "create table auth_private.posts (id int);\n\
         set search_path = auth_private, public;\n\
         drop table posts;\n\
         drop table posts;",
    ),
    attack(
        "a temporary table of the name, dropped twice",
        "create temp table posts (id int);\ndrop table posts;\ndrop table posts;",
    ),
    attack(
        "a temporary table of the name, and the other one in full",
        "create temporary table posts (id int);\ndelete from public.posts;",
    ),
    attack(
        "a temporary table that is gone at once",
        "create temp table posts (id int) on commit drop;\ndelete from posts;",
    )
    .outside_a_transaction(),
    attack(
        "a temporary table of a block that fails",
        "do $$ begin\n\
         \x20   create temp table posts (id int);\n\
         \x20   raise 'undone';\n\
         exception when others then null;\n\
         end $$;\n\
         delete from posts;",
    ),
    attack(
        "a temporary table of a branch that is not taken",
        "do $$ begin\n\
         \x20   if false then create temp table posts (id int); end if;\n\
         end $$;\n\
         delete from posts;",
    ),
    attack(
        "an own table renamed in a branch that is not taken",
        "create table auth_private.drafts (id int);\n\
         set search_path = auth_private, public;\n\
         do $$ begin\n\
         \x20   if false then alter table drafts rename to posts; end if;\n\
         end $$;\n\
         delete from posts;",
    ),
    attack(
        "a temporary table before a savepoint is gone back to",
        "savepoint here;\n\
         create temp table posts (id int);\n\
         rollback to savepoint here;\n\
         delete from posts;",
    ),
];

const PATHS: &[Attack] = &[
    attack(
        "set search_path",
        "set search_path = billing;\ndrop table invoices;",
    ),
    attack(
        "set session",
        "set session search_path to \"billing\", public;\ndelete from invoices;",
    ),
    attack(
        "set local",
        "set local search_path to 'billing';\ntruncate invoices;",
    ),
    attack("set schema", "set schema 'billing';\ndelete from invoices;"),
    attack(
        "set_config",
        "select pg_catalog.set_config('search_path', 'billing, public', true);\n\
         delete from invoices;",
    ),
    attack(
        "the path of a block",
        "do $$ begin\n    set local search_path = billing;\n    delete from invoices;\nend $$;",
    ),
    attack(
        "the path of a function",
        "create function auth_gone() returns void language sql set search_path = billing\n\
         as 'delete from invoices';",
    ),
    attack(
        "an own table first",
        "create table auth_private.posts (id int);\n\
         set search_path = auth_private, public;\n\
         reset search_path;\n\
         delete from posts;",
    ),
    attack(
        "reset all",
        "create table auth_private.posts (id int);\n\
         set search_path = auth_private, public;\n\
         reset all;\n\
         delete from posts;",
    ),
    attack(
        "a local path where there is no transaction",
        "create table auth_private.posts (id int);\n\
         set local search_path = auth_private;\n\
         delete from posts;",
    )
    .outside_a_transaction(),
    attack(
        "a path that is not set in fact",
        "create table auth_private.posts (id int);\n\
         select set_config('search_path', 'auth_private', false) where false;\n\
         delete from posts;",
    ),
    attack(
        "a path of a branch that is not taken",
        "create table auth_private.posts (id int);\n\
         do $$ begin if false then set search_path = auth_private; end if; end $$;\n\
         delete from posts;",
    ),
    attack(
        "a path before a savepoint is gone back to",
        "create table auth_private.posts (id int);\n\
         savepoint here;\n\
         set search_path = auth_private;\n\
         rollback to here;\n\
         delete from posts;",
    ),
    attack(
        "the schema of a role",
        "create table auth_private.invoices (id int);\n\
         set search_path = \"$user\", auth_private;\n\
         set role billing;\n\
         drop table invoices;",
    ),
    attack(
        "a function sets a path, some other time",
        "create table auth_private.posts (id int);\n\
         create function auth_path() returns void language plpgsql as\n\
         $$ begin set search_path = auth_private; end $$;\n\
         delete from posts;",
    ),
    attack(
        "the path of a database that may be another",
        "create table auth_private.posts (id int);\n\
         alter database nowhere set search_path = auth_private;\n\
         delete from posts;",
    ),
    attack("set role", "set role postgres;\ndrop table posts;"),
    attack(
        "set session authorization",
        "set session authorization default;\ndrop table posts;",
    ),
    attack(
        "set with the words of a transaction",
        "set transaction isolation level serializable;\ndrop table posts;",
    ),
    attack("discard plans", "discard plans;\ndelete from posts;"),
];

const SPELLED: &[Attack] = &[
    attack("mixed case", "DROP TABLE PoStS;"),
    attack("quotes", "drop table \"posts\";"),
    attack("quotes with a schema", "drop table \"public\".\"posts\";"),
    attack("quotes of mixed case", "drop table \"Drafts\";"),
    attack(
        "a database, a schema and a name",
        "delete from anything.public.posts;",
    ),
    attack("Unicode escapes", "drop table U&\"p\\006fsts\";"),
    attack("long Unicode escapes", "drop table u&\"\\+000070osts\";"),
    attack(
        "Unicode escapes with a character of their own",
        "drop table U&\"p!006fsts\" uescape '!';",
    ),
    attack(
        "a name that is cut off",
        "drop table this_name_of_a_table_has_exactly_as_many_letters_as_a_name_may_have;",
    ),
    attack(
        "comments between words",
        "drop/**/table--\n/* ; /* nested */ ' */posts;",
    ),
    attack("white space of other kinds", "drop\ttable\r\n\u{c}posts;"),
    attack(
        "after a comment that looks like its end",
        "/* -- */ drop table posts; /* */",
    ),
    attack(
        "after a string that looks like a comment",
        "select '/*'; drop table posts; select '*/';",
    ),
    attack(
        "after a name that looks like a comment",
        "select 1 as \"--\"; drop table posts;",
    ),
    attack(
        "after an escaped quote",
        "select E'\\''; drop table posts; --';",
    ),
    attack(
        "after an escaped quote on the next line",
        "select E'a'\n'\\''; drop table posts; --';",
    ),
    attack("after a backslash", "select '\\'; drop table posts; --';"),
    attack(
        "after a dollar quote",
        "select $a$ $$ $a$; drop table posts; select $b$ $$ $b$;",
    ),
    attack(
        "after a name with dollars",
        "create table auth_a$$ (id int); drop table posts; create table auth_b$$ (id int);",
    ),
    attack(
        "after an operator of dashes",
        "select 1 - -1; drop table posts;",
    ),
    attack(
        "after a parameter",
        "prepare one as select $1::int; drop table posts;",
    ),
    attack(
        "after a bit string",
        "select B'1', X'1f', N'n', U&'\\0027'; drop table posts;",
    ),
];

#[test]
fn renamed() {
    assert_snapshot!(refused(RENAMED, 4));
}

#[test]
fn paths() {
    assert_snapshot!(refused(PATHS, 4));
}

#[test]
fn spelled() {
    assert_snapshot!(refused(SPELLED, 4));
}
