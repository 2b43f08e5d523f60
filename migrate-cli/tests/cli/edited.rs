//! Files that were edited after they were applied: for real, or in comments and white space only.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::workspace;

const NAME: &str = "20240101000000_users";
const UP: &str = "create table users (id int primary key, name text default 'a b');\n\
                  do $$ begin\n  perform 1;\nend $$;\n";

/// A workspace with one applied migration.
fn applied() -> Workspace {
    let workspace = workspace();
    workspace.migration(NAME, UP, "drop table users;\n");
    workspace.run("deploy").success();
    workspace
}

fn edit(workspace: &Workspace, up: &str) {
    workspace.write(&format!("migrations/{NAME}/up.sql"), up);
}

#[test]
fn comments_and_white_space_are_a_warning_until_they_are_accepted() {
    let workspace = applied();
    edit(
        &workspace,
        &format!("-- Who may log in.\n{}", UP.replace(", ", ",\n  ")),
    );
    assert_snapshot!(workspace.run("status --exit-code"), @"
    $ migrate status --exit-code
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
               comments or white space of up.sql were edited since
         main  1 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
      warning comments or white space of 20240101000000_users were edited after it was applied to main; `migrate resolve --accept-modified 20240101000000` if they shall stay
    --- stdout
         done nothing pending in main; 1 migration is applied
    --- exit 0
    ");
    // It stands in nobody's way.
    workspace.migration("20240202000000_tags", "create table tags ();", "");
    let run = workspace.run("deploy --format json").success();
    assert!(run.stdout().contains("\"reformatted\": ["), "{run}");
    let status = workspace.run("status --format json").success();
    assert!(
        status.stdout().contains("\"reformatted\": true"),
        "{status}"
    );
    assert_snapshot!(workspace.run("resolve --accept-modified 20240101000000"), @"
    $ migrate resolve --accept-modified 20240101000000
    --- stdout
     resolved 20240101000000_users counts as applied to main with the text that it has now
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment]
               edited and accepted
      applied  20240202000000  tags   auth  [moment] [time]
         main  2 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
}

#[test]
fn line_endings_are_no_edit_at_all() {
    let workspace = applied();
    edit(&workspace, &UP.replace('\n', "\r\n"));
    let run = workspace.run("status --exit-code").success();
    assert!(!run.stdout().contains("edited"), "{run}");
    let run = workspace.run("deploy").success();
    assert!(!run.stderr().contains("warning"), "{run}");
}

#[test]
fn white_space_inside_strings_and_bodies_is_real() {
    let workspace = applied();
    for up in [
        UP.replace("'a b'", "'a  b'"),
        UP.replace("  perform", "    perform"),
        UP.replace("perform 1;", "perform 1; -- why"),
        UP.replace("do $$", ";do $$"),
    ] {
        edit(&workspace, &up);
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 4, "{up}\n{run}");
        assert!(run.stderr().contains("error[modified]"), "{run}");
        assert_eq!(workspace.run("status --exit-code").code(), 4);
    }
    edit(&workspace, UP);
    workspace.run("status --exit-code").success();
}

#[test]
fn of_a_file_with_a_password_every_edit_is_real() {
    let workspace = workspace();
    let name = "20240101000000_role";
    // Of the same length: the ledger has stars for both.
    let role = |password: &str| {
        let make =
            "do $$ begin if false then create role nobody password 'PASSWORD'; end if; end $$;\n";
        let up = make.replace("PASSWORD", password);
        workspace.migration_with(name, &up, "", "run_in_transaction = true\n");
    };
    role("secret");
    workspace.run("deploy").success();
    role("geheim");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[modified]: 20240101000000_role was edited after it was applied to main
     |
     = diff: only a password, which the ledger does not keep
     = state: nothing was applied
     = next: put the file back as it was, and write the change as a new migration: `migrate new NAME`; if the edit shall stay: `migrate resolve --accept-modified 20240101000000`
    --- exit 4
    ");
    workspace
        .run("resolve --accept-modified 20240101000000")
        .success();
    workspace.run("deploy").success();
}

#[test]
fn what_diesels_own_tool_applied_is_compared_once_it_is_taken_over() {
    let workspace = applied();
    let drop = "drop table __migrate_ledger, __migrate_format";
    workspace.database().execute(drop);
    edit(&workspace, &format!("-- new\n{UP}"));
    assert_snapshot!(workspace.run("resolve --accept-modified 20240101000000"), @"
    $ migrate resolve --accept-modified 20240101000000
    --- stderr
    error[resolve]: 20240101000000_users was applied to main by Diesel's own tool, which keeps no text
     |
     = state: nothing was touched
     = next: nothing has to be accepted; the next `migrate deploy` takes it over as it is
    --- exit 2
    ");
    workspace.run("deploy").success();
    edit(&workspace, &format!("-- newer\n{UP}"));
    let run = workspace.run("deploy").success();
    assert!(run.stderr().contains("comments or white space"), "{run}");
    workspace
        .run("resolve --accept-modified 20240101000000")
        .success();
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20240101000000  users  auth  [moment]
               applied by diesel; edited and accepted
         main  1 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
}
