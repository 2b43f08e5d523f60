//! Privileges where a database is taken back to before a change that `migrate.toml` knows already.

use super::Walled;

const POST: &str = "run_in_transaction = true\nservices = [\"post\"]\n";

/// `owns` names tables as they are after the whole history.
fn owns(walled: &Walled, from: &str, to: &str) {
    let path = walled.workspace.path("migrate.toml");
    let settings = std::fs::read_to_string(&path).expect("it is there");
    walled
        .workspace
        .write("migrate.toml", &settings.replace(from, to));
}

#[test]
fn a_rename_taken_back() {
    let walled = Walled::users_and_posts();
    let workspace = &walled.workspace;
    workspace.run("deploy").success();
    workspace.migration_with(
        "3_articles",
        "alter table posts rename to articles;",
        "alter table articles rename to posts;",
        POST,
    );
    owns(&walled, "\"posts\"", "\"articles\"");
    workspace.run("deploy").success();
    assert!(walled.may("post", "delete from articles"));
    workspace.run("revert").success();
    assert!(walled.may("post", "delete from posts"));
    workspace.run("deploy").success();
    assert!(walled.may("post", "delete from articles"));
}

#[test]
fn a_drop_taken_back() {
    let walled = Walled::users_and_posts();
    let workspace = &walled.workspace;
    workspace.migration_with("3_likes", "create table likes (id int);", "", POST);
    owns(&walled, "\"posts\"", "\"posts\", \"likes\"");
    workspace.run("deploy").success();
    workspace.migration_with(
        "4_no_likes",
        "drop table likes;",
        "create table likes (id int);",
        POST,
    );
    owns(&walled, ", \"likes\"", "");
    workspace.run("deploy").success();
    workspace.run("revert").success();
    assert!(walled.may("post", "insert into likes values (1)"));
    assert!(!walled.may("auth", "select * from likes"));
}
