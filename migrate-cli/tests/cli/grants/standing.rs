//! What a deploy changes, and what it leaves as it is.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use insta::assert_snapshot;

use super::{AUTH_AND_POST, Walled, may, squeezed, taken_as_since_15};

/// Whatever a `GRANT`, a `REVOKE` or an `ALTER ROLE` would have changed.
const ROWS: &str = "
    select md5(string_agg(row, '; ' order by row)) from (
        select oid::text || xmin::text from pg_authid
        where rolname like current_database() || '%'
        union all select oid::text || xmin::text from pg_class
        union all select oid::text || xmin::text from pg_proc
        union all select oid::text || xmin::text from pg_namespace
        union all select oid::text || xmin::text from pg_default_acl
        union all select oid::text || xmin::text from pg_database
        where datname = current_database()
    ) all_of_them (row)";

#[test]
fn a_deploy_creates_roles_and_gives_them_what_they_need() {
    let walled = Walled::users_and_posts();
    let workspace = &walled.workspace;
    assert_snapshot!(taken_as_since_15(workspace.run("deploy")), @"
    $ migrate deploy
    --- stderr
         main created database [database]
         main created role [database]_auth
         main created role [database]_post
    --- stdout
      applied 1 users  auth [time]
      applied 2 posts  post [time]
       grants 17 privileges given, 1 taken
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    assert!(walled.may("post", "select * from users"));
    assert!(walled.may("post", "insert into posts default values"));
    assert!(!walled.may("post", "update users set name = ''"));
    assert!(!walled.may("auth", "select * from posts"));
}

#[test]
fn a_second_deploy_writes_nothing_and_takes_no_lock() {
    let walled = Walled::users_and_posts();
    let database = walled.workspace.database();
    walled.workspace.run("deploy").success();
    let before = database.value(ROWS);
    let mut holder = database.session();
    holder
        .query("select pg_advisory_lock(116544403990097310)", &[])
        .expect("nobody has it");
    assert_snapshot!(walled.workspace.run("deploy --lock-wait 0"), @"
    $ migrate deploy --lock-wait 0
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
    assert_eq!(database.value(ROWS), before);
}

#[test]
fn what_a_service_no_longer_owns_is_taken() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let workspace = &walled.workspace;
    workspace
        .run("transfer posts --from post --to auth")
        .success();
    let settings = std::fs::read_to_string(workspace.path("migrate.toml")).expect("it is there");
    let settings = settings.replace("reads = [\"users\"]", "reads = [\"users\", \"posts\"]");
    workspace.write("migrate.toml", &settings);
    assert_snapshot!(walled.workspace.run("deploy").stdout_filtered(), @"
    grants 6 privileges given, 5 taken
      done nothing pending in main; 2 migrations are applied
    ");
    assert!(walled.may("auth", "delete from posts"));
    assert!(!walled.may("auth", "select setval('posts_id_seq', 1)"));
    assert!(walled.may("post", "select * from posts"));
    assert!(!walled.may("post", "delete from posts"));
    assert!(!walled.may("post", "select nextval('posts_id_seq')"));
    assert!(walled.may("post", "select * from users"));
}

#[test]
fn a_table_is_covered_by_the_deploy_that_creates_it_and_by_redo() {
    let walled = Walled::users_and_posts();
    let workspace = &walled.workspace;
    workspace.run("deploy --to 1").success();
    workspace.run("deploy").success();
    assert!(walled.may("post", "delete from posts"));
    workspace.run("redo").success();
    assert!(walled.may("post", "delete from posts"));
    workspace.run("status --exit-code").success();
    workspace.run("revert").success();
    workspace.run("deploy").success();
    assert!(walled.may("post", "delete from posts"));
}

#[test]
fn tomorrows_tables_are_covered_where_a_schema_has_one_owner() {
    let walled = Walled::new(&[
        ("auth", &["auth.*"], &[]),
        ("post", &["posts"], &["auth.*"]),
    ]);
    walled
        .workspace
        .migration("1_auth", "create schema auth;", "");
    walled.workspace.run("deploy").success();
    // By other means than a migration.
    walled.execute("create table auth.users (id serial)");
    walled.execute("create function auth.f() returns int language sql as 'select 1'");
    assert!(walled.may("auth", "insert into auth.users default values"));
    assert!(walled.may("post", "select * from auth.users"));
    assert!(!walled.may("post", "delete from auth.users"));
    // PostgreSQL gives everyone new functions whatever the defaults of a schema say.
    assert_snapshot!(walled.workspace.run("status").stdout_filtered(), @"
    applied  1  auth  auth  [moment] [time]
       main  1 applied (postgres@[socket]:5432/[database])
     grants  differ: 1 privilege to take; `migrate grants` shows them
    ");
    walled.workspace.run("deploy").success();
    walled.workspace.run("status --exit-code").success();
    assert!(walled.may("auth", "select auth.f()"));
    assert!(!walled.may("post", "select auth.f()"));
}

#[test]
fn defaults_that_give_more_are_taken_back() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let post = walled.quoted("post");
    walled.execute(&format!(
        "alter default privileges grant delete, insert, references, select, trigger, truncate, update
             on tables to {post};
         alter default privileges in schema public grant usage on sequences to {post}"
    ));
    assert_snapshot!(squeezed(walled.workspace.run("grants").stdout_filtered()), @r#"
    role  reads and writes  only reads
    [database]_auth (auth)  users  -
    [database]_post (post)  posts  users
    take alter default privileges for role "postgres" revoke delete, insert, references, select, trigger, truncate, update on tables from "[database]_post"
    take alter default privileges for role "postgres" in schema "public" revoke usage on sequences from "[database]_post"
    main 8 privileges to take
    "#);
    walled.workspace.run("deploy").success();
    walled.execute("create table other (id int)");
    assert!(!walled.may("post", "select * from other"));
    walled.workspace.run("status --exit-code").success();
}

#[test]
fn what_everyone_could_do_is_taken() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    walled.execute(
        "grant create on schema public to public;
         grant select, insert on posts to public;
         grant update (name) on users to public;
         grant usage on sequence posts_id_seq to public",
    );
    assert!(walled.may("auth", "create table x ()"));
    assert_snapshot!(walled.workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  users  auth  [moment] [time]
      applied  2  posts  post  [moment] [time]
         main  2 applied (postgres@[socket]:5432/[database])
       grants  differ: 5 privileges to take; `migrate grants` shows them
    --- exit 0
    ");
    walled.workspace.run("grants --apply").success();
    for sql in [
        "create table x ()",
        "select * from posts",
        "select nextval('posts_id_seq')",
    ] {
        assert!(!walled.may("auth", sql), "{sql}");
    }
    assert!(!walled.may("post", "update users set name = ''"));
}

/// Privileges by column, with the right to pass them on, and by others than the owner.
#[test]
fn what_was_given_in_odd_ways_is_taken() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let (auth, post) = (walled.quoted("auth"), walled.quoted("post"));
    walled.execute(&format!(
        "grant select (id, author), update (id) on posts to {auth};
         grant select on users to {post} with grant option;
         grant truncate, references, trigger on posts to {post} with grant option;
         set session authorization {post};
         grant select on users to {auth};
         grant trigger on posts to {auth};
         reset session authorization;
         grant temporary on database {} to {auth};
         grant create on schema public to {auth};
         grant update on sequence posts_id_seq to {auth}",
        walled.workspace.database().name(),
    ));
    assert_snapshot!(walled.workspace.run("grants --sql").stdout_filtered(), @r#"
    begin;
    revoke temporary on database "[database]" from "[database]_auth" cascade;
    revoke create on schema "public" from "[database]_auth" cascade;
    revoke update on sequence "public"."posts_id_seq" from "[database]_auth" cascade;
    revoke select ("author"), select ("id"), update ("id") on table "public"."posts" from "[database]_auth" cascade;
    set local role "[database]_post"; revoke trigger on table "public"."posts" from "[database]_auth" cascade; reset role;
    revoke references, trigger, truncate on table "public"."posts" from "[database]_post" cascade;
    revoke grant option for select on table "public"."users" from "[database]_post" cascade;
    commit;
    "#);
    walled.workspace.run("deploy").success();
    walled.workspace.run("status --exit-code").success();
    let mut session = walled.login("auth");
    assert!(may(&mut session, "select * from users"));
    for sql in [
        "select id from posts",
        "create temporary table x ()",
        "create table x ()",
        "select nextval('posts_id_seq')",
    ] {
        assert!(!may(&mut session, sql), "{sql}");
    }
}

#[test]
fn odd_names_are_names() {
    let services: [super::Service; 2] = [
        ("auth", &["Odd \"schema\".*"], &[]),
        ("post", &["Posts of 2026"], &["Odd \"schema\".User's"]),
    ];
    let walled = Walled::with(&services, |database, service| {
        format!("{database} \"{service}\" Role")
    });
    // TOML, not Rust.
    let settings = std::fs::read_to_string(walled.workspace.path("migrate.toml"))
        .expect("it was written")
        .replace(
            "create = true",
            "create = true\nschemas = ['Odd \"schema\"']",
        );
    walled.workspace.write("migrate.toml", &settings);
    walled.migration_of_all(
        "1_all",
        "create table \"Odd \"\"schema\"\"\".\"User's\" (\"I d\" serial);
         create function \"Odd \"\"schema\"\"\".\"f(\" (\"a b\" \"Odd \"\"schema\"\"\".\"User's\")
             returns int language sql as 'select 1';
         create table \"Posts of 2026\" (\"I d\" int);",
    );
    walled.workspace.run("deploy").success();
    walled.execute("grant update (\"I d\") on \"Posts of 2026\" to public");
    walled.workspace.run("deploy").success();
    walled.workspace.run("status --exit-code").success();
    assert!(walled.may("auth", "delete from \"Odd \"\"schema\"\"\".\"User's\""));
    assert!(walled.may("post", "select * from \"Odd \"\"schema\"\"\".\"User's\""));
    assert!(!walled.may("post", "delete from \"Odd \"\"schema\"\"\".\"User's\""));
    assert!(!walled.may("auth", "select * from \"Posts of 2026\""));
}

/// What a table's expressions call has to be callable by whoever uses the table.
#[test]
fn what_a_table_calls_stays_callable() {
    let walled = Walled::new(&[
        ("auth", &["lib.*"], &[]),
        ("post", &["posts"], &["lib.seen"]),
    ]);
    let settings = walled.workspace.path("migrate.toml");
    let text = std::fs::read_to_string(&settings).expect("it was written");
    let uses = "uses = [\"lib.fresh\", \"lib.checks\", \"lib.sees\", \"lib.numbers\"]";
    let text = text.replace("[services.post]\n", &format!("[services.post]\n{uses}\n"));
    std::fs::write(settings, text).expect("it can be written");
    walled.migration_of_all(
        "1_all",
        "create schema lib;
         create function lib.fresh() returns int language sql as 'select 1';
         create function lib.checks(int) returns bool language sql immutable as 'select true';
         create function lib.sees(int) returns bool language sql as 'select true';
         create function lib.other() returns int language sql as 'select 1';
         create domain lib.number as int check (lib.checks(value));
         create sequence lib.numbers;
         create table lib.seen (id int);
         alter table lib.seen enable row level security;
         create policy p on lib.seen using (lib.sees(id));
         create table posts (
             id int default lib.fresh(),
             n lib.number default nextval('lib.numbers'),
             check (lib.checks(id)));
         create function lib.touch() returns trigger language plpgsql as
             'begin return new; end';
         create trigger t before insert on posts for each row
             when (lib.checks(new.id)) execute function lib.touch();",
    );
    walled.workspace.run("deploy").success();
    assert!(walled.may("post", "insert into posts default values"));
    assert!(walled.may("post", "select * from lib.seen"));
    assert!(walled.may("post", "select 1::lib.number"));
    assert!(!walled.may("post", "select lib.other()"));
    // PostgreSQL itself calls it.
    let held = format!(
        "select has_function_privilege('{}', 'lib.touch()', 'execute')",
        walled.role("post")
    );
    assert_eq!(
        walled.workspace.database().value(&held).as_deref(),
        Some("f")
    );
    walled.workspace.run("status --exit-code").success();
}

/// Functions, types and operators of nobody are for everyone who finds them.
#[test]
fn what_is_nobodys_can_be_found() {
    let walled = Walled::new(&[
        ("auth", &["users", "whole.*"], &[]),
        ("post", &["posts"], &[]),
    ]);
    let of_nobody = |name: &str, up: &str| {
        let metadata = "run_in_transaction = true\nservices = []\n";
        walled.workspace.migration_with(name, up, "", metadata);
    };
    of_nobody(
        "1_infrastructure",
        "create schema util;
         create function util.slug(text) returns text language sql as 'select $1';
         create schema closed;
         create function closed.slug(text) returns text language sql as 'select $1';
         revoke execute on function closed.slug(text) from public;
         create schema types;
         create domain types.slug as text;
         create schema operators;
         create operator operators.=== (leftarg = int, rightarg = int, function = int4eq);
         create schema ext;
         create extension pgcrypto schema ext;
         create schema whole;
         create schema tables;
         create table tables.t (id int);",
    );
    walled.workspace.migration(
        "2_users",
        "create table users (id int);
         create function whole.mine() returns int language sql as 'select 1';
         create operator whole.=== (leftarg = int, rightarg = int, function = int4eq);
         create schema mine;
         create function mine.mine() returns int language sql as 'select 1';",
        "",
    );
    walled.workspace.run("deploy").success();
    walled.workspace.run("status --exit-code").success();
    for service in ["auth", "post"] {
        for sql in [
            "select util.slug('a')",
            "select 'a'::types.slug",
            "select 1 operator(operators.===) 1",
            "select ext.gen_random_bytes(1)",
        ] {
            assert!(walled.may(service, sql), "{service}: {sql}");
        }
        for sql in ["select closed.slug('a')", "select * from tables.t"] {
            assert!(!walled.may(service, sql), "{service}: {sql}");
        }
        let is_auth = service == "auth";
        for sql in [
            "select whole.mine()",
            "select 1 operator(whole.===) 1",
            "select mine.mine()",
        ] {
            assert_eq!(walled.may(service, sql), is_auth, "{service}: {sql}");
        }
    }
}

#[test]
fn without_roles_nothing_is_done() {
    let walled = Walled::users_and_posts();
    walled.settings("", &AUTH_AND_POST);
    assert_snapshot!(walled.workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    --- stdout
      applied 1 users  auth [time]
      applied 2 posts  post [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    let count = "select count(*) from pg_roles where rolname like current_database() || '%'";
    assert_eq!(
        walled.workspace.database().value(count).as_deref(),
        Some("0")
    );
    assert_snapshot!(walled.workspace.run("grants --apply"), @"
    $ migrate grants --apply
    --- stderr
    error[refused]: database main has no `roles = true`
     |
     = hint: roles belong to the whole server, so they are touched only where that is said
     = state: nothing was touched
     = next: write `roles = true` below the database in migrate.toml; `migrate grants` shows what it would do
    --- exit 2
    ");
}

/// Somebody else drops a table just then. Since PostgreSQL 18 the name is looked up once more.
#[test]
fn what_is_dropped_meanwhile_is_no_error() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let database = walled.workspace.database();
    let post = walled.quoted("post");
    walled.execute(&format!("grant truncate on posts to {post}"));
    let mut other = database.session();
    other
        .execute("begin; drop table posts")
        .expect("it is there");
    let deploy = walled
        .workspace
        .command()
        .arg("deploy")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let waits = "select exists (select from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database())";
    let mut tries = 0;
    while database.value(waits).as_deref() != Some("t") && tries < 100 {
        sleep(Duration::from_millis(100));
        tries += 1;
    }
    other.execute("commit").expect("it can be committed");
    let output = deploy.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
