//! A URL means what it says, and what it does not say is what libpq takes.

use insta::assert_snapshot;
use testkit::{Database, Workspace};

use crate::users_and_posts;

/// The variables by which libpq finds the database of a workspace.
fn by_variables(workspace: &Workspace) -> Vec<(&'static str, String)> {
    let target = workspace.database().target();
    let value = |keyword| target.get(keyword).unwrap_or_default().to_owned();
    vec![
        ("PGHOST", value("host")),
        ("PGPORT", value("port")),
        ("PGUSER", value("user")),
        ("PGDATABASE", value("dbname")),
    ]
}

fn run(workspace: &Workspace, line: &str, variables: &[(&'static str, String)]) -> testkit::Run {
    let variables = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    workspace.run_with(line, &variables.collect::<Vec<_>>())
}

/// The databases on the server whose names begin like that of a workspace.
fn databases_like(workspace: &Workspace) -> String {
    let name = workspace.database().name();
    let sql = format!("select count(*) from pg_database where datname like '{name}%'");
    // From another one: it may be gone.
    Database::fresh().value(&sql).unwrap_or_default()
}

#[test]
fn blanks_and_line_ends_around_a_url_lead_to_no_other_database() {
    for end in ["\n", "\r\n", "  ", "\t\n"] {
        let workspace = users_and_posts();
        let url = format!(" {}{end}", workspace.database().url());
        workspace
            .run_with("deploy", &[("DATABASE_URL", &url)])
            .success();
        assert_eq!(databases_like(&workspace), "1", "{end:?}");
        workspace.run("status --exit-code").success();
    }
}

#[test]
fn blanks_inside_a_url_are_refused() {
    let workspace = users_and_posts();
    let url = [("DATABASE_URL", "postgres://app@db.example/shop\nstaging")];
    assert_snapshot!(workspace.run_with("deploy", &url), @r#"
    $ migrate deploy
    --- stderr
    error[settings]: the URL of database `main` is wrong: there are blanks or control characters inside the URL; a blank that is meant is written `%20`
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^
    --- exit 2
    "#);
}

#[test]
fn a_raw_character_of_a_password_is_told_and_never_shown() {
    let workspace = users_and_posts();
    let url = [("DATABASE_URL", "postgres://app:hun@ter2@db.example/shop")];
    assert_snapshot!(workspace.run_with("db url", &url), @r#"
    $ migrate db url
    --- stderr
    error[settings]: the URL of database `main` is wrong: the URL is malformed; `@`, `:`, `/`, `?`, `#`, `%` and spaces in a user name or password are written `%40`, `%3A`, `%2F`, `%3F`, `%23`, `%25`, `%20`
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^
    --- exit 2
    "#);
    for url in [
        "postgres://app:hun@ter2@db.example/shop",
        "postgres://app:5432/hun@ter2@db.example/shop",
        "postgres://app:hun?@ter2@db.example/shop",
        "postgres://app:hun#ter2@db.example@/shop",
    ] {
        for line in [
            "db url",
            "deploy",
            "status --format json",
            "deploy -v --dry-run",
        ] {
            let run = workspace.run_with(line, &[("DATABASE_URL", url)]);
            let said = run.stdout() + &run.stderr();
            assert_eq!(run.code(), 2, "{said}");
            assert!(!said.contains("ter2") && !said.contains("hun"), "{said}");
        }
    }
}

#[test]
fn other_clients_parameters_are_settings_that_are_wrong() {
    let workspace = users_and_posts();
    let url = [(
        "DATABASE_URL",
        "postgres://db.example/shop?sslmode=no-verify",
    )];
    assert_snapshot!(workspace.run_with("status", &url), @r#"
    $ migrate status
    --- stderr
    error[settings]: the URL of database `main` is wrong: `sslmode` is one of `disable`, `allow`, `prefer`, `require`, `verify-ca` and `verify-full`
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^
      |
      = next: for TLS without a look at the server's certificate, other clients' `no-verify`: `sslmode=require`
    --- exit 2
    "#);
    let url = "postgres://db.example/shop?options[search_path]=shop";
    assert_snapshot!(workspace.run_with("status", &[("DATABASE_URL", url)]), @r#"
    $ migrate status
    --- stderr
    error[settings]: the URL of database `main` is wrong: `options[search_path]` is not a connection parameter that PostgreSQL's client library knows
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^
      |
      = next: in place of `options[search_path]` write `options=-csearch_path%3DNAME`: that sets PostgreSQL's search path; for `public` leave it out
    --- exit 2
    "#);
}

#[test]
fn what_a_url_does_not_say_is_told_as_libpq_takes_it() {
    let workspace = users_and_posts();
    workspace.set_url("postgres://");
    let variables = by_variables(&workspace);
    assert_snapshot!(run(&workspace, "deploy --dry-run", &variables), @"
    $ migrate deploy --dry-run
    --- stdout
       create database [database] for main
      pending 20240101000000 users  auth
      pending 20240202000000 posts  post
      dry run 2 migrations would be applied to main; nothing was touched
    --- exit 0
    ");
    run(&workspace, "deploy", &variables).success();
    assert_eq!(databases_like(&workspace), "1");
    assert_snapshot!(run(&workspace, "db url", &variables), @"
    $ migrate db url
    --- stdout
    postgresql://postgres@/[database]?host=[socket]
    --- exit 0
    ");
    assert_snapshot!(run(&workspace, "db drop --yes", &variables), @"
    $ migrate db drop --yes
    --- stdout
      dropped main
    --- exit 0
    ");
    assert_eq!(databases_like(&workspace), "0");
    let nowhere = [
        ("PGHOST", "::1".to_owned()),
        ("PGPORT", "1".to_owned()),
        ("PGUSER", "app".to_owned()),
        ("PGDATABASE", "shop".to_owned()),
    ];
    assert_snapshot!(run(&workspace, "status", &nowhere), @r#"
    $ migrate status
    --- stderr
    error[connection]: cannot connect to database main at app@[::1]:1/shop
     |
     = server: connection to server at "::1", port 1 failed: Connection refused
               Is the server running on that host and accepting TCP/IP connections?
     = state: nothing was touched
     = next: check host and port, and that the server runs; `--wait 60` waits for it
    --- exit 1
    "#);
}

#[test]
fn a_service_file_names_a_database_as_well_as_a_url() {
    let workspace = users_and_posts();
    let lines: Vec<String> = by_variables(&workspace)
        .into_iter()
        .map(|(name, value)| {
            let keyword = name.trim_start_matches("PG").to_lowercase();
            let keyword = keyword.replace("database", "dbname");
            format!("{keyword}={value}\n")
        })
        .collect();
    workspace.write("services.conf", &format!("[mine]\n{}", lines.concat()));
    workspace.set_url("postgres://?service=mine");
    let file = workspace.path("services.conf").display().to_string();
    let variables = [("PGSERVICEFILE", file)];
    run(&workspace, "up", &variables).success();
    assert_eq!(databases_like(&workspace), "1");
    assert_snapshot!(run(&workspace, "db drop --yes", &variables), @"
    $ migrate db drop --yes
    --- stdout
      dropped main
    --- exit 0
    ");
    assert_eq!(databases_like(&workspace), "0");
}

#[test]
fn the_names_of_schemas_may_hold_variables() {
    let workspace = users_and_posts();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\
         schemas = [\"${TENANT}\", \"of_${TENANT}_${KIND:-logs}\"]\nextensions = [\"${EXTENSION:-citext}\"]\n\n\
         [services.auth]\nowns = [\"users\"]\n\n\
         [services.post]\nowns = [\"posts\"]\nreads = [\"users\"]\n",
    );
    let acme = [("TENANT", "acme")];
    workspace.run_with("deploy", &acme).success();
    let sql = "select string_agg(nspname, ' ' order by nspname) from pg_namespace \
               where nspname like '%acme%' or nspname like '%$%'";
    let schemas = workspace.database().value(sql);
    assert_eq!(schemas.as_deref(), Some("acme of_acme_logs"));
    workspace.run_with("generate", &acme).success();
    assert_snapshot!(workspace.run("check"), @r#"
    $ migrate check
    --- stderr
    error[settings]: variable `TENANT` is not set
     --> migrate.toml:4:12
      |
    4 | schemas = ["${TENANT}", "of_${TENANT}_${KIND:-logs}"]
      |            ^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `TENANT=...` into `.env.local`, or export it
    error[settings]: variable `TENANT` is not set
     --> migrate.toml:4:25
      |
    4 | schemas = ["${TENANT}", "of_${TENANT}_${KIND:-logs}"]
      |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `TENANT=...` into `.env.local`, or export it
    --- exit 2
    "#);
}
