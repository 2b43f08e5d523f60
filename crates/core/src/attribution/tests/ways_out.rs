//! What leads past the walls.

use crate::history::Migration;

use super::more_made::{NEW, breaches_of, exceptions};

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
