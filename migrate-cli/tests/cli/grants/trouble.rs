//! Deploys that go wrong, and sessions that migrations leave in disorder.

use super::Walled;

const DIESEL: &str = "select * from __diesel_schema_migrations";

/// What `pg_dump` writes at the head of a file stays in force after it.
#[test]
fn what_a_migration_set_in_the_session_is_not_ours() {
    for set in [
        "select pg_catalog.set_config('search_path', '', false)",
        "set default_transaction_read_only = on",
    ] {
        let walled = Walled::users_and_posts();
        walled.workspace.run("deploy").success();
        let up = format!("alter table public.posts add body text;\n{set};\n");
        let metadata = "run_in_transaction = true\nservices = [\"post\"]\n";
        walled.workspace.migration_with("3_dump", &up, "", metadata);
        walled.workspace.run("deploy").success();
        assert!(walled.may("post", DIESEL), "{set}");
        walled.workspace.run("status --exit-code").success();
    }
}
