//! Diesel's own tool and ours take turns on one database.

use diesel::{Connection, PgConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use insta::assert_snapshot;

use crate::{users_and_posts, workspace};

fn connection(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("the test's database can be connected to")
}

#[test]
fn what_diesel_applied_is_taken_over_and_what_we_applied_diesel_sees() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    let history = || FileBasedMigrations::from_path(workspace.path("migrations")).expect("valid");
    let mut diesel = connection(workspace.database().url());
    diesel.run_next_migration(history()).expect("applies");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment]
               applied by diesel
      pending  20240202000000  posts  post
         main  1 applied, 1 pending (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main took over 20240101000000, applied by diesel
    --- stdout
      applied 20240202000000 posts  post [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");

    assert!(
        diesel
            .pending_migrations(history())
            .expect("reads")
            .is_empty()
    );
    diesel.revert_last_migration(history()).expect("reverts");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment]
               applied by diesel
      pending  20240202000000  posts  post
         main  1 applied, 1 pending (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
      applied 20240202000000 posts  post [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("revert --steps 2"), @"
    $ migrate revert --steps 2
    --- stdout
     reverted 20240202000000 posts  post [time]
     reverted 20240101000000 users  auth [time]
         done 2 migrations reverted in main in [time]
    --- exit 0
    ");
    assert_eq!(diesel.applied_migrations().expect("reads").len(), 0);
}

#[test]
fn the_ledger_has_exactly_diesels_table() {
    let ours = workspace();
    ours.run("deploy").success();
    ours.migration("1_a", "select 1;", "");
    ours.run("deploy").success();
    let theirs = testkit::Database::fresh();
    connection(theirs.url())
        .applied_migrations()
        .expect("creates the table");
    let columns = "select string_agg(concat_ws(' ', column_name, data_type, \
        character_maximum_length, is_nullable, column_default), ', ' order by ordinal_position) \
        from information_schema.columns where table_name = '__diesel_schema_migrations'";
    let expected = theirs.value(columns);
    assert!(expected.is_some());
    assert_eq!(ours.database().value(columns), expected);
}

#[test]
fn versions_in_every_form_that_diesel_takes() {
    let workspace = workspace();
    for name in [
        "00000000000000_diesel_initial_setup",
        "2018-04-09-151922_with dashes",
        "20190101000000_several__under_scores",
        "2026-07-30-140000-0000_a name with spaces",
        "2026-07-30-140000-0001_größer-und-mehr",
        "5",
    ] {
        workspace.migration(name, "select 1;", "select 0;");
    }
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    --- stdout
      applied 00000000000000     diesel_initial_setup   auth [time]
      applied 20180409151922     with dashes            auth [time]
      applied 20190101000000     several__under_scores  auth [time]
      applied 202607301400000000 a name with spaces     auth [time]
      applied 202607301400000001 größer-und-mehr        auth [time]
      applied 5                  5                      auth [time]
         done 6 migrations applied to main in [time]
    --- exit 0
    ");
    let history = FileBasedMigrations::from_path(workspace.path("migrations")).expect("valid");
    let mut diesel = connection(workspace.database().url());
    assert!(
        diesel
            .pending_migrations(history)
            .expect("reads")
            .is_empty()
    );
    workspace.run("revert --steps 6").success();
}

#[test]
fn the_ledger_lives_beside_diesels_table_in_any_schema() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    let database = workspace.database();
    database.execute(&format!(
        "create schema \"Odd \"\"one\"\"\"; alter database \"{}\" set search_path = \"Odd \"\"one\"\"\"",
        database.name()
    ));
    workspace.run("deploy").success();
    let schemas = "select string_agg(distinct relnamespace::regnamespace::text, ', ') \
        from pg_class where relname in ('__diesel_schema_migrations', '__migrate_ledger', 'users')";
    assert_eq!(
        database.value(schemas).as_deref(),
        Some("\"Odd \"\"one\"\"\"")
    );
    let history = FileBasedMigrations::from_path(workspace.path("migrations")).expect("valid");
    let mut diesel = connection(database.url());
    assert!(
        diesel
            .pending_migrations(history)
            .expect("reads")
            .is_empty()
    );
}

#[test]
fn a_migration_cannot_mislead_the_ledger_or_the_next_migration() {
    let workspace = workspace();
    workspace.migration(
        "1_path",
        "create schema s; \
         do $$ begin execute 'create table s.' || '__diesel_schema_migrations (version text)'; end $$; \
         select set_config('search_path', 's', false); set role pg_read_all_data; \
         create temp table t (); prepare p as select 1;",
        "",
    );
    workspace.migration("2_next", "create table t (); prepare p as select 1;", "");
    workspace.run("deploy").success();
    assert_eq!(workspace.run("status --exit-code").code(), 0);
    assert!(
        workspace
            .database()
            .value("select to_regclass('public.t')")
            .is_some()
    );
}

#[test]
fn a_ledger_of_a_later_version_is_left_alone() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace
        .database()
        .execute("update __migrate_format set format = 99");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[ledger]: the ledger of database main: the ledger has format 99, and this version knows formats up to 3
     |
     = state: nothing was applied
     = next: install the version of `migrate` that the database was deployed with
    --- exit 1
    ");
    // One of an earlier version is upgraded: the first step is from none.
    workspace
        .database()
        .execute("drop table __migrate_format, __migrate_ledger");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main took over 20240101000000, applied by diesel
         main took over 20240202000000, applied by diesel
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
}
