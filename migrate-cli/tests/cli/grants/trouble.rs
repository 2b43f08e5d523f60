//! Deploys that go wrong, and sessions that migrations leave in disorder.

use testkit::Database;

use super::Walled;
use super::deployer::Deployer;

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

#[test]
fn what_came_before_a_failure_has_its_privileges() {
    let walled = Walled::users_and_posts();
    walled.migration_of_all("3_wrong", "select 1 / 0;");
    let run = walled.workspace.run("deploy");
    assert_eq!(run.code(), 1);
    assert!(run.stderr().contains("division by zero"), "{run}");
    assert!(walled.may("post", "insert into posts default values"));
    assert!(!walled.may("auth", "select * from posts"));
}

#[test]
fn what_came_before_a_failed_revert_or_redo_has_its_privileges() {
    for command in ["revert --steps 2", "redo --steps 2"] {
        let walled = Walled::users_and_posts();
        let metadata = "run_in_transaction = true\nservices = [\"post\"]\n";
        let again = "create table posts (id serial primary key);";
        let workspace = &walled.workspace;
        workspace.migration_with("3_nothing", "select 1;", "select 1 / 0;", metadata);
        workspace.migration_with("4_again", "drop table posts;", again, metadata);
        workspace.run("deploy").success();
        assert_eq!(workspace.run(command).code(), 1, "{command}");
        assert!(walled.may("post", "delete from posts"), "{command}");
    }
}

#[test]
fn the_first_error_is_the_migrations() {
    let walled = Walled::users_and_posts();
    walled.migration_of_all("3_wrong", "select 1 / 0;");
    let deployer = Deployer::new(&walled, "", true);
    let url = deployer.url();
    let run = walled
        .workspace
        .run_with("deploy", &[("DATABASE_URL", url.as_str())]);
    let stderr = run.stderr();
    let migration = stderr.find("division by zero").expect("it is told");
    let privileges = stderr.find("may not create or alter roles");
    assert!(privileges.is_some_and(|place| place > migration), "{run}");
}

/// The owner gave it nobody but a service, which passed it on.
#[test]
fn what_only_a_service_gave_is_given_by_the_owner() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let (auth, post) = (walled.quoted("auth"), walled.quoted("post"));
    walled.execute(&format!(
        "revoke select on users from {post};
         grant select on users to {auth} with grant option;
         set session authorization {auth};
         grant select on users to {post};
         reset session authorization"
    ));
    walled.workspace.run("grants --apply").success();
    assert!(walled.may("post", "select * from users"));
    walled.workspace.run("status --exit-code").success();
}

#[test]
fn a_refusal_in_one_database_keeps_no_other_back() {
    let walled = Walled::users_and_posts();
    let second = Database::reserve();
    let settings = std::fs::read_to_string(walled.workspace.path("migrate.toml"))
        .expect("it was written")
        .replace(
            "[services.post]\n",
            "[services.post]\ndatabase = \"main\"\n",
        )
        .replace(
            "[services.auth]\n",
            "[services.auth]\ndatabase = \"main\"\n",
        )
        + "\n[databases.other]\nurl = \"${OTHER_URL}\"\ncreate = true\nroles = true\n\
           \n[services.shop]\ndatabase = \"other\"\nowns = [\"shops\"]\nrole = 'postgres'\n";
    walled.workspace.write("migrate.toml", &settings);
    for (name, service) in [("1_users", "auth"), ("2_posts", "post")] {
        let metadata =
            format!("run_in_transaction = true\nservices = [\"{service}\"]\ndatabase = \"main\"\n");
        let path = format!("migrations/{name}/metadata.toml");
        walled.workspace.write(&path, &metadata);
    }
    walled.workspace.migration_with(
        "3_shops",
        "create table shops ();",
        "",
        "run_in_transaction = true\nservices = [\"shop\"]\ndatabase = \"other\"\n",
    );
    let deployer = Deployer::new(&walled, "", true);
    let (url, other) = (deployer.url(), second.url());
    let variables = [("DATABASE_URL", url.as_str()), ("OTHER_URL", other)];
    let run = walled.workspace.run_with("deploy", &variables);
    assert_eq!(run.code(), 1, "{run}");
    assert!(run.stderr().contains("error[grants]"), "{run}");
    assert!(!run.stderr().contains("skipped"), "{run}");
    assert!(
        second.value("select to_regclass('shops')").is_some(),
        "{run}"
    );
    second.execute("grant create on schema public to public");
    let run = walled.workspace.run_with("grants --apply", &variables);
    assert_eq!(run.code(), 1, "{run}");
    let left = second.value("select has_schema_privilege('pg_monitor', 'public', 'create')");
    assert_eq!(left.as_deref(), Some("f"), "{run}");
}

#[test]
fn views_that_write_to_each_other_have_an_end() {
    let walled = Walled::new(&[("auth", &["*"], &[]), ("post", &["posts"], &["one"])]);
    walled.migration_of_all("1_posts", "create table posts ();");
    walled.workspace.migration(
        "2_views",
        "create view one as select 1 as n; create view two as select 1 as n;
         create rule r as on insert to one do instead insert into two values (new.n);
         create rule r as on insert to two do instead insert into one values (new.n);",
        "",
    );
    walled.workspace.run("deploy").success();
    assert!(walled.may("post", "select * from one"));
}
