//! Servers on which everything is read-only unless a transaction says otherwise.

use testkit::OwnServer;

use super::workspace_on;
use crate::users_and_posts;

/// Everything that a deploy writes: the database, schemas, extensions, the ledger, rows for what
/// Diesel's own tool applied, migrations of both kinds, roles, and what `revert` and `redo` do.
#[test]
fn a_default_of_read_only_is_no_obstacle() {
    let server = OwnServer::start();
    server.execute(&["alter role postgres set default_transaction_read_only = on"]);
    let workspace = workspace_on(&server);
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\nroles = true\n\
         schemas = [\"extra\"]\nextensions = [\"pgcrypto\"]\n\n\
         [services.auth]\nowns = [\"users\", \"late\", \"alone\"]\n\n\
         [services.post]\nowns = [\"posts\"]\nreads = [\"users\"]\n",
    );
    workspace.migration_with(
        "20240303000000_alone",
        "create table alone (a int);\ncreate index concurrently on alone (a);\n\
         insert into alone values (1);\nvacuum alone;\n",
        "drop table alone;\n",
        "run_in_transaction = false\nservices = [\"auth\"]\n",
    );
    workspace.migration(
        "20240404000000_late",
        "create table late ();",
        "drop table late;",
    );
    workspace.run("deploy").success();
    assert_eq!(workspace.run("status --exit-code").code(), 0);
    workspace.run("redo --steps 2").success();
    workspace.run("revert --to 20240202000000").success();
    workspace.run("deploy").success();
    workspace.run("grants --apply").success();
    assert_eq!(
        server.value("app", "select count(*) from alone").as_deref(),
        Some("1")
    );
    workspace.run("reset --yes").success();
}

#[test]
fn what_diesel_applied_is_taken_over_where_read_only_is_the_default() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let database = workspace.database();
    database.execute("truncate __migrate_ledger");
    database.execute(&format!(
        "alter database {} set default_transaction_read_only = on",
        database.name()
    ));
    workspace.run("deploy").success();
    let rows = "select count(*) from __migrate_ledger where state = 'adopted'";
    assert_eq!(database.value(rows).as_deref(), Some("2"));
}
