//! Who stands in the way, as far as it is known.

use insta::assert_snapshot;
use migrate_postgres::Session;
use migrate_text::name::quote_identifier;
use testkit::Workspace;

use super::{WAITING, filtered, reader, until_found, with_table};
use crate::embedded::{Private, psql};
use crate::workspace;

const TWO_TRIES: &str = "lock_timeout = \"2s\"\nlock_retries = 1";

#[test]
fn giving_up_names_who_held_the_lock() {
    let workspace = with_table(TWO_TRIES);
    workspace.migration("2_c", "select 1;\nalter table a add column c int;\n", "");
    let _application = reader(&workspace);
    assert_snapshot!(filtered(&workspace.run("deploy").to_string()), @"
    $ migrate deploy
    --- stderr
      warning 2 c got no lock in time (try 1 of 2), again in [time]; wants ACCESS EXCLUSIVE on public.a, waits for billing as postgres (server process [pid]), idle in transaction, last query (BEGIN) [time] ago
    error[sql]: migration 2_c failed
     --> migrations/2_c/up.sql:2:1
      |
    2 | alter table a add column c int;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = wanted: ACCESS EXCLUSIVE on public.a
      = blocker: billing as postgres (server process [pid]), idle in transaction, last query (BEGIN) [time] ago
      = state: rolled back after 2 tries; 1 migration stays applied
      = next: wait for its end, or end it: `select pg_terminate_backend([pid])`; then `migrate deploy`
    --- exit 1
    ");
    let json = workspace.run("deploy --format json").stdout();
    let errors = &json[json.find("\"errors\"").expect("it failed")..];
    assert_snapshot!(filtered(errors), @r#"
    "errors": [
        {
          "blockage": {
            "blockers": [
              {
                "application": "billing",
                "command": "BEGIN",
                "kind": "client backend",
                "pid": 0,
                "query_age": 0,
                "state": "idle in transaction",
                "transaction_age": 0,
                "user": "postgres"
              }
            ],
            "waits_for": {
              "kind": "relation",
              "mode": "AccessExclusiveLock",
              "relation": "public.a"
            }
          },
          "blocker": "billing as postgres (server process [pid]), idle in transaction, last query (BEGIN) [time] ago",
          "code": "sql",
          "message": "migration 2_c failed",
          "next": "wait for its end, or end it: `select pg_terminate_backend([pid])`; then `migrate deploy`",
          "place": {
            "column": 1,
            "file": "migrations/2_c/up.sql",
            "label": "canceling statement due to lock timeout (SQLSTATE 55P03)",
            "line": 2
          },
          "sqlstate": "55P03",
          "state": "rolled back after 2 tries; 1 migration stays applied",
          "wanted": "ACCESS EXCLUSIVE on public.a"
        }
      ],
      "format": 1,
      "not_reached": [],
      "outcome": "failed"
    }
    "#);
}

#[test]
fn who_waits_in_front_is_told_after_who_holds_the_lock() {
    let workspace = with_table("lock_timeout = \"2s\"\nlock_retries = 0");
    workspace.migration("2_c", "update a set b = 2;", "");
    let database = workspace.database();
    let mut first = reader(&workspace);
    first.execute("update a set b = 3").expect("it writes");
    let mut second = database.session();
    let second =
        std::thread::spawn(move || second.execute("begin; lock table a in share mode; commit"));
    until_found(&workspace, WAITING);
    let told = filtered(&workspace.run("deploy").to_string());
    first.execute("commit").expect("it ends");
    second
        .join()
        .expect("it does not panic")
        .expect("it has its lock at last");
    assert_snapshot!(told, @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_c failed
     --> migrations/2_c/up.sql:1:8
      |
    1 | update a set b = 2;
      |        ^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = wanted: ROW EXCLUSIVE on public.a
      = blocker: billing as postgres (server process [pid]), idle in transaction, last query (UPDATE) [time] ago
                 migrate as postgres (server process [pid]), running BEGIN for [time], waits for server process [pid] itself
      = state: rolled back; 1 migration stays applied
      = next: wait for its end, or end it: `select pg_terminate_backend([pid])`; then `migrate deploy`
    --- exit 1
    ");
}

/// A role of the test's own that may deploy, and nothing else.
struct Deployer<'w> {
    workspace: &'w Workspace,
    role: String,
}

impl<'w> Deployer<'w> {
    fn new(workspace: &'w Workspace, options: &str) -> Self {
        let role = format!("{}_deployer", workspace.database().name());
        workspace.database().execute(&format!(
            "create role {role} login {options}; grant all on schema public to {role}; \
             grant all on all tables in schema public to {role}; \
             grant all on all sequences in schema public to {role}; alter table a owner to {role}"
        ));
        Self { workspace, role }
    }

    fn url(&self) -> String {
        let target = self.workspace.database().target().clone();
        target.with("user", &self.role).url().reveal().to_owned()
    }
}

impl Drop for Deployer<'_> {
    fn drop(&mut self) {
        let Ok(mut session) = Session::connect(self.workspace.database().target()) else {
            return;
        };
        let role = quote_identifier(&self.role);
        // A test that failed for another reason shall not be told of this one.
        let _ = session.execute(&format!(
            "reassign owned by {role} to postgres; drop owned by {role}; drop role {role}"
        ));
    }
}

/// The role may have one connection. As long as nobody is in the way, that is all that is needed,
/// and what is missing later is said.
#[test]
fn without_a_second_connection_the_deploy_goes_on_and_says_so() {
    let workspace = with_table(TWO_TRIES);
    let deployer = Deployer::new(&workspace, "connection limit 1");
    let url = deployer.url();
    let variables = [("DATABASE_URL", url.as_str())];
    workspace.migration("2_c", "select pg_sleep(0.1);", "");
    workspace.run_with("deploy", &variables).success();
    workspace.migration("3_d", "alter table a add column d int;", "");
    let _application = reader(&workspace);
    assert_snapshot!(filtered(&workspace.run_with("deploy", &variables).to_string()), @r#"
    $ migrate deploy
    --- stderr
      warning 3 d got no lock in time (try 1 of 2), again in [time]; for whom is not known: connection to server on socket "[socket]/.s.PGSQL.5432" failed: FATAL: too many connections for role "[database]_deployer"
    error[sql]: migration 3_d failed
     --> migrations/3_d/up.sql:1:1
      |
    1 | alter table a add column d int;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = blocker: not known, as there was no second connection to ask on: connection to server on socket "[socket]/.s.PGSQL.5432" failed: FATAL: too many connections for role "[database]_deployer"
      = state: rolled back after 2 tries; 2 migrations stay applied
      = next: an application holds a lock: end its transaction; then `migrate deploy`
    --- exit 1
    "#);
}

/// A deploy that nobody blocks opens no second connection, however many migrations it has.
#[test]
fn a_deploy_that_is_not_blocked_asks_nobody() {
    let workspace = with_table("");
    for number in 2..20 {
        let up = format!("create table t{number} (); select pg_sleep(0.02);");
        workspace.migration(&format!("{number}_t"), &up, "");
    }
    let database = workspace.database();
    // Whoever connects leaves a trace in the log of the server only, so count from inside.
    workspace.migration(
        "99_seen",
        "create table seen as select count(*) as sessions from pg_stat_activity \
         where datname = current_database() and application_name like 'migrate %';",
        "",
    );
    workspace.run("deploy").success();
    assert_eq!(
        database.value("select sessions from seen").as_deref(),
        Some("1")
    );
}

#[test]
fn a_role_that_may_not_see_much_tells_what_it_sees() {
    let workspace = with_table(TWO_TRIES);
    let deployer = Deployer::new(&workspace, "");
    let url = deployer.url();
    workspace.migration("2_c", "alter table a add column c int;", "");
    let _application = reader(&workspace);
    let told = workspace.run_with("deploy", &[("DATABASE_URL", url.as_str())]);
    assert_snapshot!(filtered(&told.to_string()), @"
    $ migrate deploy
    --- stderr
      warning 2 c got no lock in time (try 1 of 2), again in [time]; wants ACCESS EXCLUSIVE on public.a, waits for billing as postgres (server process [pid])
    error[sql]: migration 2_c failed
     --> migrations/2_c/up.sql:1:1
      |
    1 | alter table a add column c int;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = wanted: ACCESS EXCLUSIVE on public.a
      = blocker: billing as postgres (server process [pid])
                 what it does is shown to roles that have `pg_read_all_stats`
      = state: rolled back after 2 tries; 1 migration stays applied
      = next: wait for its end, or end it: `select pg_terminate_backend([pid])`; then `migrate deploy`
    --- exit 1
    ");
}

/// What `NOWAIT` says comes before anybody could look.
#[test]
fn a_lock_that_is_not_waited_for_has_no_holder() {
    let workspace = with_table("lock_retries = 0");
    workspace.migration("2_c", "lock table a in access exclusive mode nowait;", "");
    let _application = reader(&workspace);
    assert_snapshot!(filtered(&workspace.run("deploy").to_string()), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_c failed
     --> migrations/2_c/up.sql:1:1
      |
    1 | lock table a in access exclusive mode nowait;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ could not obtain lock on relation "a" (SQLSTATE 55P03)
      |
      = state: rolled back; 1 migration stays applied
      = next: an application holds a lock: end its transaction; then `migrate deploy`
    --- exit 1
    "#);
}

/// A server of the test's own with these settings, and the first migration applied.
fn server_with(first: &str, settings: &[&str]) -> Private {
    let private = Private::of(workspace());
    private.workspace.migration("1_a", first, "");
    private.run("deploy").success();
    for setting in settings {
        psql(&url(&private), &format!("alter system set {setting}"));
    }
    private.run("db stop").success();
    private.run("db start").success();
    private
}

fn url(private: &Private) -> String {
    private.run("db url").success().stdout()
}

#[test]
fn a_prepared_transaction_is_named() {
    let private = server_with(
        "create table a (b int);",
        &["max_prepared_transactions = 2"],
    );
    let workspace = &private.workspace;
    psql(
        &url(&private),
        "begin; select * from a; prepare transaction 'Ann''s transfer'",
    );
    super::set(workspace, TWO_TRIES);
    workspace.migration("2_c", "alter table a add column c int;", "");
    let told = filtered(&private.run("deploy").to_string());
    psql(&url(&private), "rollback prepared 'Ann''s transfer'");
    assert_snapshot!(told, @"
    $ migrate deploy
    --- stderr
      warning 2 c got no lock in time (try 1 of 2), again in [time]; wants ACCESS EXCLUSIVE on public.a, waits for the prepared transaction 'Ann''s transfer' as postgres, prepared [time] ago
    error[sql]: migration 2_c failed
     --> migrations/2_c/up.sql:1:1
      |
    1 | alter table a add column c int;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = wanted: ACCESS EXCLUSIVE on public.a
      = blocker: the prepared transaction 'Ann''s transfer' as postgres, prepared [time] ago
      = state: rolled back after 2 tries; 1 migration stays applied
      = next: end it: `rollback prepared 'Ann''s transfer'`; then `migrate deploy`
    --- exit 1
    ");
    private.run("deploy").success();
}

/// PostgreSQL ends an autovacuum that is in the way, but not one that keeps the numbers of
/// transactions from running out.
#[test]
fn an_autovacuum_that_has_to_finish_is_left_alone() {
    let private = server_with(
        // What has to be is done even where it is switched off, and here slowly.
        "create table a (b int, c text) with (autovacuum_enabled = false, \
           autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);\n\
         insert into a select n, repeat('x', 200) from generate_series(1, 50000) n;\n\
         create table numbers (n int);",
        &[
            "autovacuum_naptime = '1s'",
            "autovacuum_freeze_max_age = 100000",
        ],
    );
    let workspace = &private.workspace;
    // Each block takes a number.
    psql(
        &url(&private),
        "do $$ begin for n in 1..120000 loop begin insert into numbers values (n); \
         exception when others then null; end; end loop; end $$",
    );
    let working = "select count(*) from pg_stat_activity \
                   where query like 'autovacuum: % public.a (to prevent wraparound)'";
    super::until(
        || psql(&url(&private), working).trim() != "0",
        || working.to_owned(),
    );
    super::set(workspace, "lock_timeout = \"2s\"\nlock_retries = 0");
    workspace.migration("2_c", "alter table a add column c2 int;", "");
    let told = filtered(&private.run("deploy").to_string());
    // It may find more to do.
    let told = told.replace("VACUUM ANALYZE", "VACUUM");
    assert_snapshot!(told, @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_c failed
     --> migrations/2_c/up.sql:1:1
      |
    1 | alter table a add column c2 int;
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ canceling statement due to lock timeout (SQLSTATE 55P03)
      |
      = wanted: ACCESS EXCLUSIVE on public.a
      = blocker: autovacuum worker (server process [pid]), running autovacuum: VACUUM public.a (to prevent wraparound) for [time]
      = state: rolled back; 1 migration stays applied
      = next: let it finish: the database needs it to go on writing; then `migrate deploy`
    --- exit 1
    ");
}
