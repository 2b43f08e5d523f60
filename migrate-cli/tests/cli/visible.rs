//! What others have written reaches a terminal as text, and shows no secret.

use testkit::{Run, Workspace};

use crate::{users_and_posts, workspace};

/// What a terminal acts on, or nobody sees.
const HIDDEN: [&str; 6] = [
    "\u{1b}[2J",
    "\u{1b}[8m",
    "\u{9b}2J",
    "\u{202e}",
    "\u{200b}",
    "\u{7}",
];

#[track_caller]
fn is_text(run: &Run, why: &str) {
    for text in [run.stdout(), run.stderr()] {
        let hidden = HIDDEN.iter().find(|hidden| text.contains(**hidden));
        assert_eq!(hidden, None, "{why}: {text:?}");
    }
}

/// All that can be printed of a migration that says such a thing wherever it can.
fn told(workspace: &Workspace, hidden: &str) {
    for line in [
        "deploy -v",
        "deploy",
        "deploy --format json",
        "status",
        "status --format json",
        "history",
        "history --format json",
        "revert --dry-run -v",
        "check",
    ] {
        let run = workspace.run(line);
        is_text(&run, &format!("{line} {hidden:?}"));
        if line.ends_with("json") {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&run.stdout());
            assert!(read.is_ok(), "{line}: {run}");
        }
    }
}

#[test]
fn what_others_wrote_is_text() {
    for hidden in HIDDEN {
        let workspace = users_and_posts();
        workspace.migration(
            &format!("20240303000000_na{hidden}me"),
            &format!("-- {hidden}\ndo $$ begin raise notice 'a{hidden}b'; raise warning 'a{hidden}b'; end $$;"),
            "select 1;",
        );
        told(&workspace, hidden);
        workspace.migration(
            &format!("20240404000000_er{hidden}ror"),
            &format!(
                "-- {hidden}\ndo $$ begin raise exception 'a{hidden}b' using detail = 'c{hidden}d', \
                 hint = 'e{hidden}f'; end $$;"
            ),
            "select 1;",
        );
        told(&workspace, hidden);
        workspace.migration(
            &format!("20240404000000_er{hidden}ror"),
            &format!("alter table \"po{hidden}sts\" add column \"{hidden}\" int;"),
            "select 1;",
        );
        told(&workspace, hidden);
        workspace.write(
            "migrate.toml",
            &format!(
                "[databases.main]\nurl = \"${{DATABASE_URL}}\"\n\"ke{}y\" = 1\n",
                hidden
                    .escape_unicode()
                    .to_string()
                    .replace("\\u{", "\\U")
                    .replace('}', "")
            ),
        );
        told(&workspace, hidden);
    }
}

#[test]
fn what_is_shown_of_it_is_written_out() {
    let workspace = users_and_posts();
    workspace.migration("20240303000000_a\u{1b}[2Jb", "select 1;", "select 1;");
    let run = workspace.run("deploy").success();
    assert!(run.stdout().contains(r"a\u{1b}[2Jb"), "{run}");
    let run = workspace.run("status --format json").success();
    let json: serde_json::Value = serde_json::from_str(&run.stdout()).expect("it is JSON");
    let name = &json["databases"][0]["migrations"][2]["name"];
    assert_eq!(name, "a\u{1b}[2Jb");
}

#[test]
fn a_secret_at_a_service_is_not_shown() {
    let workspace = workspace();
    for line in [
        "password = 'hunter2'",
        "pasword = 'hunter2'",
        "pool = { password = 'hunter2' }",
        "db_url = 'postgres://u:hunter2@h/db'",
        "adress = 'postgres://u:hunter2@h/db'",
    ] {
        for place in [
            "[services.auth]",
            "[databases.main]\nurl = 'embedded:'",
            "[[transfers]]",
        ] {
            workspace.write("migrate.toml", &format!("{place}\n{line}\n"));
            for format in ["human", "json"] {
                let run = workspace.run(&format!("status --format {format}"));
                assert_eq!(run.code(), 2, "{place} {line}: {run}");
                let told = format!("{}{}", run.stdout(), run.stderr());
                assert!(!told.contains("hunter2"), "{place} {line}: {run}");
            }
        }
    }
}

#[test]
fn a_database_or_service_without_a_name_is_refused() {
    let workspace = workspace();
    let main = "[databases.main]\nurl = 'embedded:'\n";
    for table in ["services.\"\"", "services.\" \"", "databases.\"\""] {
        let url = match table.starts_with("databases") {
            true => "url = 'embedded:'\n",
            false => "",
        };
        workspace.write("migrate.toml", &format!("{main}[{table}]\n{url}"));
        let run = workspace.run("status");
        assert_eq!(run.code(), 2, "{run}");
        assert!(
            run.stderr().contains("must be a table with a name"),
            "{run}"
        );
    }
}
