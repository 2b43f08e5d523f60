//! What we ask the server ourselves means the same whatever casts, operators and paths a database
//! has, and is never told as the file's when it fails.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::grants::drop_role;
use crate::workspace;

const FOR_NOBODY: &str = "run_in_transaction = true\nservices = []\n";

/// With these most operators fit a number in more than one way.
const CASTS: &str = "
do $$
declare t text;
begin
    foreach t in array array['smallint', 'integer', 'bigint', 'oid', 'xid', 'regclass',
                             'double precision', 'numeric', 'timestamptz', 'interval',
                             'date', 'pg_lsn', 'regproc', 'jsonb', 'json', 'uuid']
    loop
        execute format('create cast (%s as text) with inout as implicit', t);
    end loop;
end $$;
create cast (integer as name) with inout as implicit;
create cast (text as integer) with inout as implicit;
create cast (text as bigint) with inout as implicit;
create cast (text as oid) with inout as implicit;
create cast (text as jsonb) with inout as implicit;
";

/// Operators that fit what we compare better than PostgreSQL's own do, and fail; and a path that has
/// them in front.
const OPERATORS: &str = "
create schema auth_traps;
do $do$
declare t text;
begin
    foreach t in array array['oid', 'integer', 'bigint', 'text', 'name', 'jsonb', 'boolean', 'xid']
    loop
        execute format('create function auth_traps.same(%1$s, %1$s) returns boolean language plpgsql as '
                       '$$ begin raise exception ''an operator of the database was taken''; end $$', t);
        execute format('create operator auth_traps.= (leftarg = %1$s, rightarg = %1$s, function = auth_traps.same)', t);
        execute format('create operator auth_traps.<> (leftarg = %1$s, rightarg = %1$s, function = auth_traps.same)', t);
    end loop;
end $do$;
set search_path = auth_traps, public, pg_catalog;
create table public.auth_late (id int primary key);
select auth_late from auth_late;
";

fn two_services() -> Workspace {
    let workspace = workspace();
    let role = |service: &str| format!("{}_{service}", workspace.database().name());
    workspace.write(
        "migrate.toml",
        &format!(
            "[databases.main]\nurl = \"${{DATABASE_URL}}\"\ncreate = true\nroles = true\n\n\
             [services.auth]\nrole = \"{}\"\nowns = [\"users\", \"auth_*\"]\nreads = [\"posts\"]\n\n\
             [services.post]\nrole = \"{}\"\nowns = [\"posts\"]\nreads = [\"users\"]\n",
            role("auth"),
            role("post")
        ),
    );
    workspace.migration(
        "1_auth",
        "create table public.users (id serial primary key, name text);\n",
        "",
    );
    workspace.migration_with(
        "2_post",
        "create table public.posts (id serial primary key, author int references public.users);\n\
         insert into public.users values (1, 'ada');\ninsert into public.posts values (1, 1);\n",
        "",
        "run_in_transaction = true\nservices = [\"auth\", \"post\"]\n",
    );
    workspace
}

/// Goes every way that asks the server for something.
fn everything_works(workspace: &Workspace) {
    workspace.migration(
        "4_more",
        "create table public.auth_more (id int primary key, post int references public.posts);\n\
         alter table public.users add column seen timestamptz;\n\
         update public.users set name = 'bea';\n",
        "drop table public.auth_more;\nalter table public.users drop column seen;\n",
    );
    workspace.run("deploy").success();
    workspace.migration_with(
        "5_outside",
        "create index concurrently users_name on public.users (name);\n\
         update public.users set name = 'cay';\nvacuum public.users;\n",
        "drop index public.users_name;\n",
        "run_in_transaction = false\nservices = [\"auth\"]\n",
    );
    for line in [
        "deploy",
        "status --exit-code",
        "generate",
        "check",
        "revert --steps 2",
        "deploy",
        "status --exit-code",
        "grants",
    ] {
        workspace.run(line).success();
    }
    workspace.migration(
        "6_attack",
        "do $$ begin execute 'alter table public.po' || 'sts add column a int'; end $$;\n",
        "",
    );
    let run = workspace.run("deploy");
    assert_eq!(run.code(), 4, "{run}");
    let mut session = workspace.database().session();
    for service in ["auth", "post"] {
        drop_role(
            &mut session,
            &format!("{}_{service}", workspace.database().name()),
        );
    }
}

#[test]
fn implicit_casts_to_text_make_nothing_ambiguous() {
    let workspace = two_services();
    workspace.migration_with("3_casts", CASTS, "", FOR_NOBODY);
    workspace.run("deploy").success();
    everything_works(&workspace);
}

/// A file may set such a path, and what it sets stays for its next statements.
#[test]
fn operators_in_front_of_postgresqls_own_are_not_taken() {
    for in_transaction in [true, false] {
        let workspace = two_services();
        let metadata = format!("run_in_transaction = {in_transaction}\nservices = [\"auth\"]\n");
        workspace.migration_with("3_operators", OPERATORS, "", &metadata);
        workspace.run("deploy").success();
        everything_works(&workspace);
    }
}

/// The rest of the message holds the text of our own query.
#[track_caller]
fn told_as_ours(workspace: &Workspace) {
    let run = workspace.run("deploy");
    let stderr = run.stderr();
    assert_eq!(run.code(), 1, "{run}");
    assert!(
        stderr.contains("= where: in a statement of migrate itself"),
        "{run}"
    );
    assert!(!stderr.contains("fix up.sql"), "{run}");
}

#[test]
fn what_is_ours_and_fails_is_not_told_as_the_files() {
    let workspace = crate::guard::two_services();
    let trap = "create function pg_catalog.jsonb_build_array(jsonb, jsonb, jsonb) returns jsonb\n\
                language plpgsql as $$ begin raise exception 'not today'; end $$";
    workspace.database().execute(trap);
    workspace.migration("3_more", "alter table users add column a int;\n", "");
    told_as_ours(&workspace);
    let metadata = "run_in_transaction = false\nservices = [\"auth\"]\n";
    workspace.migration_with(
        "3_more",
        "alter table users add column a int;\n",
        "",
        metadata,
    );
    told_as_ours(&workspace);
    workspace
        .database()
        .execute("drop function pg_catalog.jsonb_build_array(jsonb, jsonb, jsonb)");
    workspace.database().execute(
        "create function refuse() returns trigger language plpgsql as\n\
         $$ begin raise exception 'no new rows'; end $$;\n\
         create trigger refuse before insert on __diesel_schema_migrations execute function refuse()",
    );
    workspace.migration("3_more", "alter table users add column a int;\n", "");
    told_as_ours(&workspace);
}

/// What is deferred is the file's, though it fails after the file.
#[test]
fn what_is_deferred_and_fails_is_told_as_the_files() {
    let workspace = crate::guard::two_services();
    let deferred = "alter table logins add column next int references logins deferrable initially deferred;\n\
                    update logins set next = 77;\n";
    workspace.migration("3_more", deferred, "");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 3_more failed: insert or update on table "logins" violates foreign key constraint "logins_next_fkey" (SQLSTATE 23503)
     |
     = detail: Key (next)=(77) is not present in table "logins".
     = where: after all its statements: what is deferred is checked only then
     = state: rolled back; 2 migrations stay applied
     = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
}
