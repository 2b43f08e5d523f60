//! What is everybody's, and what is ours.

use crate::history::Migration;

use super::more_made::{NEW, breaches_of, exceptions};

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
