//! Each service's role against every other service's objects, for every kind of statement. What
//! should work is decided from `owns` and `reads` alone.

use migrate_postgres::Session;

use super::{Service, Walled, may};

const SERVICES: [Service; 3] = [
    ("auth", &["users", "auth_*"], &["blog.posts"]),
    ("post", &["blog.*"], &["users"]),
    ("billing", &["billing.*"], &[]),
];

const HISTORY: &str = "
create schema blog;
create schema billing;
create table users (id serial primary key, name text);
create table auth_log (id int generated always as identity, at date) partition by range (at);
create table auth_log_1 partition of auth_log for values from ('2020-01-01') to ('2030-01-01');
create view auth_names as select id, name from users;
create table blog.posts (id serial primary key, author int references users, name text);
create table blog.\"Odd \"\"name\"\" of a table\" (id serial primary key, name text);
create materialized view blog.totals as select count(*) as id from blog.posts;
create sequence blog.counter;
create function blog.purge() returns void language sql security definer
    as 'delete from blog.posts';
create procedure blog.tidy(inout n int) language sql security definer
    as 'delete from blog.posts; select 1';
create aggregate blog.total(int) (sfunc = int4pl, stype = int);
create table billing.invoices (id serial primary key, name text);
create view billing.people as select id, name from users;
";

/// What a service has to do with a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Access {
    Own,
    Read,
    Nothing,
}

/// Tables, their owners, and the column that can be set.
const TABLES: [(&str, &str, &str); 6] = [
    ("users", "auth", "name"),
    ("auth_log", "auth", "at"),
    ("auth_log_1", "auth", "at"),
    ("blog.posts", "post", "name"),
    ("blog.\"Odd \"\"name\"\" of a table\"", "post", "name"),
    ("billing.invoices", "billing", "name"),
];

/// By `owns` and `reads` of [`SERVICES`], read once more by hand and not by the code under test.
fn access(service: &str, table: &str, owner: &str) -> Access {
    match (service, table) {
        _ if service == owner => Access::Own,
        ("auth", "blog.posts") | ("post", "users") => Access::Read,
        _ => Access::Nothing,
    }
}

/// Statements about a table `{t}` with a column `{c}`, and who may run them.
const STATEMENTS: [(&str, &[Access]); 33] = {
    use Access::{Own, Read};
    [
        ("select * from {t}", &[Own, Read]),
        ("select {c} from {t} limit 1", &[Own, Read]),
        ("select * from {t} for update", &[Own]),
        ("select * from {t} for key share", &[Own]),
        ("declare x cursor for select * from {t}", &[Own, Read]),
        ("copy {t} to stdout", &[Own, Read]),
        ("copy (select * from {t}) to stdout", &[Own, Read]),
        ("lock table {t} in access share mode", &[Own, Read]),
        ("insert into {t} ({c}) select null where false", &[Own]),
        ("copy {t} from stdin", &[Own]),
        ("update {t} set {c} = null", &[Own]),
        ("delete from {t}", &[Own]),
        ("lock table {t} in access exclusive mode", &[Own]),
        ("truncate {t}", &[]),
        ("create index on {t} ({c})", &[]),
        (
            "create trigger x before insert on {t} for each row execute function \
             suppress_redundant_updates_trigger()",
            &[],
        ),
        ("create rule x as on delete to {t} do also select 1", &[]),
        ("create policy x on {t}", &[]),
        ("create statistics x on id, {c} from {t}", &[]),
        ("alter table {t} enable row level security", &[]),
        ("alter table {t} add column x int", &[]),
        ("alter table {t} disable trigger all", &[]),
        ("alter table {t} rename to x", &[]),
        ("alter table {t} rename column {c} to x", &[]),
        ("alter table {t} owner to current_user", &[]),
        ("alter table {t} set schema pg_temp", &[]),
        ("comment on table {t} is 'mine'", &[]),
        ("drop table {t}", &[]),
        ("drop table {t} cascade", &[]),
        ("reindex table {t}", &[]),
        ("create table x (id int references {t})", &[]),
        ("create temporary table x as select * from {t}", &[]),
        ("create view x as select * from {t}", &[]),
    ]
};

/// Statements about no table, and the services that may run them.
const OTHERS: [(&str, &[&str]); 40] = [
    // Names that all may see.
    ("select 1", &["auth", "post", "billing"]),
    (
        "select * from __diesel_schema_migrations",
        &["auth", "post", "billing"],
    ),
    ("insert into __diesel_schema_migrations values ('9')", &[]),
    ("delete from __diesel_schema_migrations", &[]),
    ("select * from __migrate_ledger", &[]),
    ("update __migrate_ledger set name = ''", &[]),
    ("select * from __migrate_format", &[]),
    // Sequences: of one's own columns, alone, and of others.
    ("select nextval('users_id_seq')", &["auth"]),
    ("select setval('users_id_seq', 1)", &[]),
    ("select last_value from users_id_seq", &["auth"]),
    ("select nextval('auth_log_id_seq')", &["auth"]),
    ("select nextval('blog.posts_id_seq')", &["post"]),
    ("select nextval('blog.counter')", &["post"]),
    ("select setval('blog.counter', 1)", &[]),
    ("drop sequence blog.counter", &[]),
    // Routines that run with their owner's rights.
    ("select blog.purge()", &["post"]),
    ("call blog.tidy(1)", &["post"]),
    ("select blog.total(1)", &["post"]),
    (
        "create or replace function blog.purge() returns void language sql as 'select'",
        &[],
    ),
    ("drop function blog.purge()", &[]),
    // Views.
    ("select * from auth_names", &["auth"]),
    ("update auth_names set name = ''", &["auth"]),
    ("select * from billing.people", &["billing"]),
    // Writing through it would be writing to `users` as whoever owns the view.
    ("update billing.people set name = ''", &[]),
    ("delete from billing.people", &[]),
    ("select * from blog.totals", &["post"]),
    // Everything that makes something.
    ("create table x (id int)", &[]),
    ("create table blog.x (id int)", &[]),
    ("create temporary table x (id int)", &[]),
    ("create view blog.x as select 1", &[]),
    (
        "create function x() returns int language sql as 'select 1'",
        &[],
    ),
    ("create procedure blog.x() language sql as 'select 1'", &[]),
    ("create schema x", &[]),
    ("create sequence x", &[]),
    ("create type x as enum ('a')", &[]),
    ("create extension pgcrypto", &[]),
    ("create publication x", &[]),
    ("create role x", &[]),
    ("set local session authorization postgres", &[]),
    ("alter database {database} set work_mem = '1MB'", &[]),
];

fn walled() -> Walled {
    let walled = Walled::new(&SERVICES);
    walled.migration_of_all("1_all", HISTORY);
    walled.workspace.run("deploy").success();
    walled
}

#[test]
fn only_what_is_granted_works() {
    let walled = walled();
    let mut wrong = Vec::new();
    let mut check = |session: &mut Session, service: &str, sql: &str, expected: bool| {
        if may(session, sql) != expected {
            let word = if expected { "should" } else { "should not" };
            wrong.push(format!("{service} {word}: {sql}"));
        }
    };
    for (service, ..) in SERVICES {
        let mut session = walled.login(service);
        for (table, owner, column) in TABLES {
            let access = access(service, table, owner);
            for (sql, allowed) in STATEMENTS {
                let sql = sql.replace("{t}", table).replace("{c}", column);
                check(&mut session, service, &sql, allowed.contains(&access));
            }
            if session.server_version() >= 150_000 {
                let merge = format!(
                    "merge into {table} using (select 1) x on false when matched then delete"
                );
                check(&mut session, service, &merge, access == Access::Own);
            }
        }
        for (sql, allowed) in OTHERS {
            let database = walled.workspace.database().name();
            let sql = sql.replace("{database}", database);
            check(&mut session, service, &sql, allowed.contains(&service));
        }
        // Before 17 it is its owner's alone.
        let may_maintain = session.server_version() >= 170_000;
        let refresh = "refresh materialized view blog.totals";
        check(
            &mut session,
            service,
            refresh,
            may_maintain && service == "post",
        );
        for (other, role) in walled.roles.iter().filter(|(other, _)| *other != service) {
            let sql = format!("set local role \"{role}\"");
            check(&mut session, service, &sql, false);
            assert!(other != &service);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// PostgreSQL answers a `GRANT` of what one may not pass on with a mere warning.
#[test]
fn nothing_can_be_passed_on() {
    let walled = walled();
    let before = privileges(&walled);
    for (service, ..) in SERVICES {
        let mut session = walled.login(service);
        for (table, ..) in TABLES {
            for sql in [
                "grant all on {t} to public",
                "grant select on {t} to postgres",
            ] {
                let _ = session.execute(&sql.replace("{t}", table));
            }
        }
        let _ = session.execute("grant all on schema public, blog, billing to public");
        let _ = session.execute("grant execute on function blog.purge() to public");
    }
    assert_eq!(privileges(&walled), before);
}

fn privileges(walled: &Walled) -> Option<String> {
    walled.workspace.database().value(
        "select md5(string_agg(acl, '; ' order by acl)) from (
            select oid::text || relacl::text from pg_class
            union all select oid::text || proacl::text from pg_proc
            union all select oid::text || nspacl::text from pg_namespace
        ) all_of_them (acl)",
    )
}

/// Real rows through real statements: foreign keys, defaults and identities need no more.
#[test]
fn a_service_works_with_its_own_tables() {
    let walled = walled();
    let run = |service: &str, sql: &str| {
        let mut session = walled.login(service);
        session.execute(sql).expect("the service may do this");
    };
    run("auth", "insert into users (name) values ('ada')");
    run("auth", "insert into auth_log (at) values ('2026-01-01')");
    run(
        "post",
        "insert into blog.posts (author) select id from users",
    );
    run("post", "select nextval('blog.counter'), blog.purge()");
    run(
        "billing",
        "insert into billing.invoices (name) values ('1')",
    );
}
