//! The ledger: that it keeps what is written to it, that what a person writes there is told as that,
//! and that no migration touches it.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::{users_and_posts, workspace};

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";
const NO_SERVICES: &str = "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n";
const ONE_SERVICE: &str = "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\
                           [services.auth]\nowns = [\"*\"]\n";

/// What keeps the rows of a table away, and what takes that away.
fn keeping_away(table: &str) -> [(String, String); 4] {
    let function = "create or replace function away() returns trigger language plpgsql as \
                    'begin return null; end'";
    let deleting = "create or replace function away() returns trigger language plpgsql as \
                    'begin execute format(''delete from %s where version = %L'', tg_relid::regclass, new.version); \
                     return null; end'";
    [
        (
            format!(
                "{function}; create trigger away before insert on {table} for each row execute function away()"
            ),
            format!("drop trigger away on {table}"),
        ),
        (
            format!(
                "{function}; create trigger away before insert or update or delete on {table} for each row execute function away()"
            ),
            format!("drop trigger away on {table}"),
        ),
        (
            format!("create rule away as on insert to {table} do instead nothing"),
            format!("drop rule away on {table}"),
        ),
        (
            format!(
                "{deleting}; create trigger away after insert on {table} for each row execute function away()"
            ),
            format!("drop trigger away on {table}"),
        ),
    ]
}

#[track_caller]
fn is_told(workspace: &Workspace, line: &str, why: &str) {
    let run = workspace.run(line);
    assert_eq!(run.code(), 1, "{why}: {run}");
    assert!(run.stderr().contains("error[ledger]"), "{why}: {run}");
    assert!(!run.stderr().contains("panicked"), "{why}: {run}");
}

#[test]
fn what_is_not_recorded_is_not_done() {
    for table in ["__migrate_ledger", "__diesel_schema_migrations"] {
        let workspace = users_and_posts();
        workspace.run("deploy").success();
        workspace.migration(
            "20240303000000_tags",
            "create table users_tags ();",
            "drop table users_tags;",
        );
        workspace.migration(
            "20240404000000_more",
            "create table users_more ();",
            "drop table users_more;",
        );
        let there = |name: &str| {
            let sql = format!("select to_regclass('{name}')");
            workspace.database().value(&sql).is_some()
        };
        for (keeps_away, takes_away) in keeping_away(table) {
            workspace.database().execute(&keeps_away);
            is_told(&workspace, "deploy", &keeps_away);
            assert!(!there("users_tags"), "{keeps_away}");
            is_told(&workspace, "resolve --applied 20240303000000", &keeps_away);
            workspace.database().execute(&takes_away);
        }
        workspace.run("deploy").success();
        let trigger = &keeping_away(table)[1];
        workspace.database().execute(&trigger.0);
        is_told(&workspace, "revert", &trigger.0);
        assert!(there("users_more"));
        is_told(&workspace, "redo", &trigger.0);
        assert!(there("users_more"));
        workspace.database().execute(&trigger.1);
        workspace.run("redo").success();
    }
}

#[test]
fn what_is_not_recorded_outside_a_transaction_is_told() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.migration_with(
        "20240303000000_tags",
        "create table users_tags ();\ncreate index concurrently on users (name);\n",
        "drop table users_tags;\n",
        OUTSIDE,
    );
    for table in ["__migrate_ledger", "__diesel_schema_migrations"] {
        for (keeps_away, takes_away) in keeping_away(table) {
            workspace.database().execute(&keeps_away);
            is_told(&workspace, "deploy", &keeps_away);
            workspace.database().execute(&takes_away);
            workspace
                .database()
                .execute("drop table if exists users_tags");
            workspace
                .database()
                .execute("drop index if exists users_name_idx");
            workspace.run("resolve --rolled-back 20240303000000");
        }
    }
    let (keeps_away, takes_away) = &keeping_away("__migrate_ledger")[0];
    workspace.database().execute(keeps_away);
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ledger]: migration 20240303000000_tags failed: the ledger does not keep the row that was written to it
     |
     = state: nothing of it was done; 2 migrations stay applied
     = next: a trigger, a rule or row-level security keeps rows away: `\d __migrate_ledger` and `\d __diesel_schema_migrations` in psql show which; take it away, then `migrate deploy`
    --- exit 1
    "#);
    workspace.database().execute(takes_away);
    workspace.run("deploy").success();
}

#[test]
fn what_diesel_applied_is_not_taken_over_where_that_is_not_recorded() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.database().execute("delete from __migrate_ledger");
    let (keeps_away, takes_away) = &keeping_away("__migrate_ledger")[0];
    workspace.database().execute(keeps_away);
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[ledger]: taking over what Diesel's own tool applied failed: the ledger does not keep the row that was written to it
     |
     = state: nothing was applied by this step
     = next: a trigger, a rule or row-level security keeps rows away: `\d __migrate_ledger` and `\d __diesel_schema_migrations` in psql show which; take it away, then `migrate deploy`
    --- exit 1
    "#);
    workspace.database().execute(takes_away);
    workspace.run("deploy").success();
}

#[test]
fn a_row_that_a_person_has_changed_is_no_white_space() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let other = "0000000000000000000000000000000000000000000000000000000000000000";
    for checksum in [
        "''".to_owned(),
        format!("'{other}'"),
        format!("'sha256:{other}'"),
    ] {
        let change = format!(
            "update __migrate_ledger set checksum = {checksum} where version = '20240101000000'"
        );
        workspace.database().execute(&change);
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 4, "{run}");
        assert!(!run.to_string().contains("white space"), "{run}");
        let run = workspace.run("status --format json");
        assert!(run.stdout().contains("\"row_altered\": true"), "{run}");
    }
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[modified]: somebody has changed the ledger's row of 20240101000000_users in main: its checksum is not that of the SQL that it keeps
     |
     = state: nothing was applied
     = next: find out who writes to `__migrate_ledger`; if the edit shall stay: `migrate resolve --accept-modified 20240101000000`
    --- exit 4
    ");
    assert_snapshot!(workspace.run("status --exit-code"), @"
    $ migrate status --exit-code
    --- stdout
     modified  20240101000000  users  auth  [moment] [time]
               somebody has changed its row in the ledger
      applied  20240202000000  posts  post  [moment] [time]
         main  1 applied, 1 modified (postgres@[socket]:5432/[database])
    --- exit 4
    ");
    workspace
        .run("resolve --accept-modified 20240101000000")
        .success();
    workspace.run("status --exit-code").success();
}

#[test]
fn no_migration_touches_the_ledger_whoever_it_is_for() {
    for (settings, metadata) in [
        (NO_SERVICES, "run_in_transaction = true\n"),
        (ONE_SERVICE, "run_in_transaction = true\n"),
        (
            ONE_SERVICE,
            "run_in_transaction = true\nservices = [\"auth\"]\n",
        ),
    ] {
        let workspace = workspace();
        workspace.write("migrate.toml", settings);
        workspace.migration_with(
            "1_a",
            "create table users (id int);",
            "drop table users;",
            metadata,
        );
        workspace.run("deploy").success();
        let ledger = "select (select jsonb_agg(d) from __diesel_schema_migrations d) || \
                      (select jsonb_agg(l.version || l.checksum) from __migrate_ledger l where version = '1')";
        let before = workspace.database().value(ledger);
        for up in [
            "delete from __diesel_schema_migrations;",
            "insert into public.__diesel_schema_migrations values ('9');",
            "update __migrate_ledger set checksum = '';",
            "truncate __migrate_ledger;",
            "lock table __migrate_ledger in access exclusive mode;",
            "lock public.__diesel_schema_migrations;",
            "drop table \"__migrate_format\";",
            "alter table __MIGRATE_LEDGER add column x int;",
            "create trigger t before insert on __migrate_ledger for each row execute function pg_catalog.suppress_redundant_updates_trigger();",
            "create rule r as on insert to __diesel_schema_migrations do instead nothing;",
            "do $$ begin delete from __diesel_schema_migrations; end $$;",
            "do $$ begin execute 'delete from __die' || 'sel_schema_migrations'; end $$;",
            "do $$ begin execute 'truncate __mig' || 'rate_ledger'; end $$;",
            "do $$ begin execute 'create trigger t before insert on __mig' || 'rate_ledger for each row execute function pg_catalog.suppress_redundant_updates_trigger()'; end $$;",
        ] {
            workspace.migration_with("2_b", up, "select 1;", metadata);
            let run = workspace.run("deploy");
            assert_eq!(run.code(), 4, "{up}: {run}");
            assert_eq!(workspace.database().value(ledger), before, "{up}");
            workspace.migration_with("2_b", "select 1;", up, metadata);
            workspace.run("deploy").success();
            let run = workspace.run("revert");
            assert_ne!(run.code(), 0, "{up}: {run}");
            workspace.migration_with("2_b", "select 1;", "select 1;", metadata);
            workspace.run("revert").success();
        }
        // To read it is nobody's harm, nor is a table of a name like it.
        for up in [
            "create table seen as select version from __diesel_schema_migrations;",
            "create table __migrated (id int); insert into __migrated values (1);",
            "lock table users; do $$ begin execute 'select 1'; end $$;",
        ] {
            workspace.migration_with(
                "2_b",
                up,
                "drop table if exists seen, __migrated;",
                metadata,
            );
            workspace.run("deploy").success();
            workspace.run("revert").success();
        }
    }
}
