//! Which resolution fits which state.

use insta::assert_snapshot;
use testkit::Workspace;

use super::{OUTSIDE, in_diesel, rows};
use crate::{users_and_posts, workspace};

const NAME: &str = "20240202000000_it";
const VERSION: &str = "20240202000000";
const RESOLUTIONS: [&str; 4] = ["applied", "rolled-back", "retry", "accept-modified"];

/// A state, how to get there, and the exit code of each resolution: the table of
/// `docs/resolve.md`.
type State = (&'static str, fn(&Workspace), [i32; 4]);

const STATES: [State; 12] = [
    ("pending", |_| {}, [0, 2, 2, 2]),
    ("failed", |w| fail(w, "select 1 / 0;", ""), [0, 0, 0, 2]),
    (
        "half done",
        |w| fail(w, "select 1;\nselect 1 / 0;", OUTSIDE),
        [0, 0, 0, 2],
    ),
    (
        "half done, folder gone",
        |w| {
            fail(w, "select 1;\nselect 1 / 0;", OUTSIDE);
            w.remove_migration(NAME);
        },
        [2, 0, 2, 2],
    ),
    ("applied", deploy, [2, 2, 2, 2]),
    (
        "reformatted",
        |w| {
            deploy(w);
            edit(w, "select  1; -- one\n");
        },
        [2, 2, 2, 0],
    ),
    (
        "modified",
        |w| {
            deploy(w);
            edit(w, "select 2;\n");
        },
        [2, 2, 2, 0],
    ),
    (
        "missing",
        |w| {
            deploy(w);
            w.remove_migration(NAME);
        },
        [2, 0, 2, 2],
    ),
    (
        "ahead",
        |w| {
            deploy(w);
            w.remove_migration(NAME);
            w.remove_migration("20240303000000_later");
        },
        [2, 2, 2, 2],
    ),
    (
        "revert stopped",
        |w| {
            w.migration_with(NAME, "select 1;\n", "select 1;\nselect 1 / 0;", OUTSIDE);
            w.run("deploy --to 20240202000000").success();
            assert_eq!(w.run("revert").code(), 1);
        },
        [0, 0, 2, 2],
    ),
    (
        "applied by Diesel",
        |w| {
            deploy(w);
            w.database()
                .execute("drop table __migrate_ledger, __migrate_format");
        },
        [2, 2, 2, 2],
    ),
    ("unknown", |w| w.remove_migration(NAME), [2, 2, 2, 2]),
];

#[test]
fn every_state_takes_what_fits_it() {
    let mut differ = Vec::new();
    for (state, prepare, expected) in STATES {
        let mut fresh = prepared(state, prepare);
        let all = RESOLUTIONS.into_iter().zip(expected);
        // What is refused leaves everything as it is.
        let (fits, refused): (Vec<_>, Vec<_>) = all.partition(|(_, code)| *code == 0);
        let before = rows(&fresh, VERSION);
        for (resolution, code) in refused {
            let run = fresh.run(&format!("resolve --{resolution} {VERSION}"));
            if run.code() != code || rows(&fresh, VERSION) != before {
                differ.push(format!("{state}, wanted {code}: {run}"));
            }
        }
        for (index, (resolution, _)) in fits.into_iter().enumerate() {
            if index > 0 {
                fresh = prepared(state, prepare);
            }
            let run = fresh.run(&format!("resolve --{resolution} {VERSION}"));
            if run.code() != 0 {
                differ.push(format!("{state}: {run}"));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A workspace in a state.
fn prepared(state: &str, prepare: fn(&Workspace)) -> Workspace {
    let workspace = workspace();
    workspace.migration("20240101000000_first", "select 1;\n", "");
    workspace.migration(NAME, "select 1;\n", "");
    workspace.migration("20240303000000_later", "select 1;\n", "");
    workspace.run("deploy --to 20240101000000").success();
    prepare(&workspace);
    if matches!(state, "failed" | "half done") {
        // A retry of a file that was mended.
        edit(&workspace, "select 1;\nselect 1;\n");
    }
    workspace
}

fn fail(workspace: &Workspace, up: &str, metadata: &str) {
    let inside = "run_in_transaction = true\nservices = [\"auth\"]\n";
    let metadata = if metadata.is_empty() {
        inside
    } else {
        metadata
    };
    workspace.migration_with("20240202000000_it", up, "", metadata);
    assert_eq!(workspace.run("deploy").code(), 1);
}

fn deploy(workspace: &Workspace) {
    workspace.run("deploy").success();
}

fn edit(workspace: &Workspace, up: &str) {
    workspace.write("migrations/20240202000000_it/up.sql", up);
}

#[test]
fn a_refusal_says_what_would_fit() {
    let workspace = users_and_posts();
    workspace.run("deploy --to 20240101000000").success();
    for line in [
        "resolve --applied 20240101000000",
        "resolve --rolled-back 20240101000000",
        "resolve --retry 20240101000000",
        "resolve --accept-modified 20240101000000",
        "resolve --rolled-back 20240202000000",
        "resolve --retry 20240202000000",
        "resolve --applied 20240101000001",
        "resolve",
    ] {
        let run = workspace.run(line);
        assert_eq!(run.code(), 2, "{run}");
    }
    assert_snapshot!(workspace.run("resolve --applied 20240101000000"), @"
    $ migrate resolve --applied 20240101000000
    --- stderr
    error[resolve]: 20240101000000_users is applied to main already
     |
     = state: nothing was touched
     = next: nothing has to be done; `migrate status` shows how it stands
    --- exit 2
    ");
    assert_snapshot!(workspace.run("resolve --rolled-back 20240101000000"), @"
    $ migrate resolve --rolled-back 20240101000000
    --- stderr
    error[resolve]: 20240101000000_users is applied to main, and nothing of it failed
     |
     = state: nothing was touched
     = next: `migrate revert` undoes what was applied last; `migrate history` shows what was applied after 20240101000000
    --- exit 2
    ");
    assert_snapshot!(workspace.run("resolve --retry 20240202000000"), @"
    $ migrate resolve --retry 20240202000000
    --- stderr
    error[resolve]: 20240202000000_posts is not applied to main, and no try of it is open
     |
     = state: nothing was touched
     = next: `migrate deploy --to 20240202000000` applies it with all before it
    --- exit 2
    ");
    assert_snapshot!(workspace.run("resolve --accept-modified 20240202000000"), @"
    $ migrate resolve --accept-modified 20240202000000
    --- stderr
    error[resolve]: 20240202000000_posts is not applied to main
     |
     = state: nothing was touched
     = next: nothing has to be accepted; `migrate status` shows how it stands
    --- exit 2
    ");
    assert_snapshot!(workspace.run("resolve --applied 20240101000001"), @"
    $ migrate resolve --applied 20240101000001
    --- stderr
    error[version]: no migration has the version 20240101000001
     |
     = hint: did you mean 20240101000000?
     = state: nothing was touched
     = next: `migrate status` lists the versions
    --- exit 2
    ");
}

#[test]
fn a_migration_is_named_by_its_version_or_its_folder() {
    let workspace = workspace();
    let name = "2024-01-01-000000_dashes";
    workspace.migration(name, "select 1;\n", "");
    // There is no ledger yet.
    workspace.run("db create").success();
    workspace
        .run(&format!("resolve --applied {name}"))
        .success();
    assert!(in_diesel(&workspace, "20240101000000"));
    workspace.migration(name, "select 2;\n", "");
    workspace
        .run("resolve --accept-modified 20240101000000")
        .success();
    workspace.migration("20240202000000_later", "select 1;\n", "");
    workspace.remove_migration(name);
    workspace
        .run(&format!("resolve --rolled-back {name}"))
        .success();
}
