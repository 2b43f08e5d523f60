//! A password never reaches what is printed or kept.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::errors::failing;
use crate::users_and_posts;

#[test]
fn a_password_in_sql_is_never_shown_or_kept() {
    for sql in [
        "create role x password 'hunter2' nonsense;\n",
        "create role x password 'abc'\n  'hunter2' nonsense;\n",
        "do $x$ begin execute 'create role x password ''hunter2'' nonsense'; end $x$;\n",
    ] {
        let workspace = failing(sql);
        let run = workspace.run("deploy -v");
        assert!(
            !format!("{}{}", run.stdout(), run.stderr()).contains("hunter2"),
            "{run}"
        );
        let kept = workspace
            .database()
            .value("select count(*) from __migrate_ledger where up_sql like '%hunter2%'");
        assert_eq!(kept.as_deref(), Some("0"), "{sql}");
    }
}

#[test]
fn a_password_in_a_url_is_never_shown() {
    let workspace = users_and_posts();
    for url in [
        "postgresql://app:hunter2@127.0.0.1:1/app",
        "postgresql://app:hunter2@nowhere.invalid/app",
        "postgresql://app:hunter2%@127.0.0.1/app",
        "postgresql://app:hunter2@127.0.0.1/app?schema=public",
        "mysql://app:hunter2@127.0.0.1/app",
        "host=127.0.0.1 port=1 password=hunter2 dbname=app",
        "postgresql://app@127.0.0.1:1/app?sslkey=k&sslpassword=hunter2",
    ] {
        assert_hidden(&workspace, &[("DATABASE_URL", url)], url);
        let written = format!("[databases.main]\nurl = \"{url}\"\n{SERVICES}");
        let literal = users_and_posts();
        literal.write("migrate.toml", &written);
        assert_hidden(&literal, &[], &written);
    }
}

#[test]
fn a_password_in_migrate_toml_is_never_shown() {
    let workspace = users_and_posts();
    for settings in [
        "[databases.main]\nurl = \"postgres://u:hunter2@h/db?schema=x\"\n",
        "[databases.main]\nurl = [\"postgres://u:hunter2@h/db\"]\n",
        "[databases.main]\nurl = \"${NONE:-postgres://u:hunter2@h/db?schema=x}\"\n",
        "[databases.main]\nurl = \"postgres://u:hunter2@${NONE}/db\"\n",
        "[databases.main]\nurl = \"x\"\npassword = \"hunter2\"\n",
        "[databases.main]\nhost = \"h\"\npassword = [\"hunter2\"]\n",
        "[databases.main]\nhost = \"h\"\npassword = { is = \"hunter2\" }\n",
        "[databases.main]\nhost = \"h\"\npasswrod = \"hunter2\"\n",
        "[databases]\nmain = { url = \"postgres://u:hunter2@h/db?schema=x\" }\n",
        "[databases]\nmain = \"postgres://u:hunter2@h/db\"\n",
        "[databases.main]\nurl = \"postgres://u:hunter2@h/db\n",
        "[databases.main]\nurl = postgres://u:hunter2@h/db\n",
        "[databases.main]\nurl \"postgres://u:hunter2@h/db\"\n",
        "[databases.main]\nhost = \"h\"\npassword = \"\"\"\nhunter2\n\n",
        "[databases.main]\nhost = \"h\"\npassword = [\n\"hunter2\"\n",
    ] {
        let written = format!("{settings}{SERVICES}");
        workspace.write("migrate.toml", &written);
        assert_hidden(&workspace, &[], &written);
    }
}

#[test]
fn what_is_hidden_of_a_line_leaves_its_references_and_its_places() {
    let workspace = users_and_posts();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nhost = \"${MY_HOST}\"\npassword = \"hunter2${MY_PASSWORD}\"\n",
    );
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stderr
    error[settings]: variable `MY_HOST` is not set
     --> migrate.toml:2:8
      |
    2 | host = "${MY_HOST}"
      |        ^^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `MY_HOST=...` into `.env.local`, or export it
    error[settings]: variable `MY_PASSWORD` is not set
     --> migrate.toml:3:12
      |
    3 | password = "*******${MY_PASSWORD}"
      |            ^^^^^^^^^^^^^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `MY_PASSWORD=...` into `.env.local`, or export it
    --- exit 2
    "#);
    workspace.write(
        "migrate.toml",
        "[databases]\nmain = { url = \"postgres://u:hunter2@h/db?schema=x\", lock_timeout = \"x\" }\n",
    );
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stderr
    error[settings]: the URL of database `main` is wrong: `schema` is not a connection parameter that PostgreSQL's client library knows
     --> migrate.toml:2:16
      |
    2 | main = { url = "**********************************", lock_timeout = "x" }
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = next: in place of `schema` write `options=-csearch_path%3DNAME`: that sets PostgreSQL's search path; for `public` leave it out
    error[settings]: `lock_timeout` must be a time such as "30s", "500ms", "2m", or a number of seconds
     --> migrate.toml:2:69
      |
    2 | main = { url = "**********************************", lock_timeout = "x" }
      |                                                                     ^^^
    --- exit 2
    "#);
}

const SERVICES: &str = "[services.auth]\n[services.post]\n";

/// Runs commands that fail in all sorts of ways; none may say `hunter2`.
#[track_caller]
fn assert_hidden(workspace: &Workspace, variables: &[(&str, &str)], with: &str) {
    for command in [
        "status",
        "deploy -v",
        "db url",
        "db create",
        "db wait 0",
        "deploy --format json",
    ] {
        let run = workspace.run_with(command, variables);
        let all = format!("{}{}", run.stdout(), run.stderr());
        assert!(!all.contains("hunter2"), "{command} with {with}: {all}");
    }
}
