//! `migrate.toml`, `.env` files, environments and plain Diesel projects.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::{users_and_posts, workspace};

#[test]
fn everything_wrong_is_reported_at_once() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABSE_URL}\"\nshemas = []\npool = { max_size = \"many\" }\n\n\
         [databases.erp]\nhost = \"${ERP_HOST}\"\nport = \"${ERP_PORT:-x}\"\nname = \"erp\"\n\
         sslmode = \"${ERP_SSL:-perhaps}\"\n\n\
         [services.auth]\ndatabase = \"mian\"\nowns = \"users\"\n",
    );
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stderr
    error[settings]: variable `DATABSE_URL` is not set
     --> migrate.toml:2:7
      |
    2 | url = "${DATABSE_URL}"
      |       ^^^^^^^^^^^^^^^^ asked for here
      |
      = hint: `.env.local` has `DATABASE_URL`
      = state: neither in the process's variables nor in `.env.local`
      = next: write `DATABSE_URL=...` into `.env.local`, or export it
    error[settings]: unknown key `shemas`
     --> migrate.toml:3:1
      |
    3 | shemas = []
      | ^^^^^^ did you mean `schemas`?
      |
      = next: known here: url, host, port, user, password, name, sslmode, create, roles, strict_order, extensions, schemas, lock_timeout, lock_retries, statement_timeout, pool
    error[settings]: `max_size` must be a whole number above zero
     --> migrate.toml:4:21
      |
    4 | pool = { max_size = "many" }
      |                     ^^^^^^
    error[settings]: variable `ERP_HOST` is not set
     --> migrate.toml:7:8
      |
    7 | host = "${ERP_HOST}"
      |        ^^^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `ERP_HOST=...` into `.env.local`, or export it
    error[settings]: `port` must be a number from 1 to 65535
     --> migrate.toml:8:8
      |
    8 | port = "${ERP_PORT:-x}"
      |        ^^^^^^^^^^^^^^^^
    error[settings]: `sslmode` must be `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`, `true` or `false`
      --> migrate.toml:10:11
       |
    10 | sslmode = "${ERP_SSL:-perhaps}"
       |           ^^^^^^^^^^^^^^^^^^^^^
    error[settings]: there is no database `mian`
      --> migrate.toml:13:12
       |
    13 | database = "mian"
       |            ^^^^^^ did you mean `main`?
       |
       = known: main, erp
    error[settings]: `owns` must be a list of strings, not a string
      --> migrate.toml:14:8
       |
    14 | owns = "users"
       |        ^^^^^^^
    --- exit 2
    "#);
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABSE_URL}\"\npool = { max_size = \"many\" }\n\n\
         [databases.erp]\nhost = \"${ERP_HOST}\"\nport = \"${ERP_PORT:-x}\"\nname = \"erp\"\n\
         sslmode = \"${ERP_SSL:-perhaps}\"\n",
    );
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stderr
    error[settings]: variable `DATABSE_URL` is not set
     --> migrate.toml:2:7
      |
    2 | url = "${DATABSE_URL}"
      |       ^^^^^^^^^^^^^^^^ asked for here
      |
      = hint: `.env.local` has `DATABASE_URL`
      = state: neither in the process's variables nor in `.env.local`
      = next: write `DATABSE_URL=...` into `.env.local`, or export it
    error[settings]: `max_size` must be a whole number above zero
     --> migrate.toml:3:21
      |
    3 | pool = { max_size = "many" }
      |                     ^^^^^^
    error[settings]: variable `ERP_HOST` is not set
     --> migrate.toml:6:8
      |
    6 | host = "${ERP_HOST}"
      |        ^^^^^^^^^^^^^ asked for here
      |
      = state: neither in the process's variables nor in `.env.local`
      = next: write `ERP_HOST=...` into `.env.local`, or export it
    error[settings]: `port` must be a number from 1 to 65535
     --> migrate.toml:7:8
      |
    7 | port = "${ERP_PORT:-x}"
      |        ^^^^^^^^^^^^^^^^
    error[settings]: `sslmode` must be `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`, `true` or `false`
     --> migrate.toml:9:11
      |
    9 | sslmode = "${ERP_SSL:-perhaps}"
      |           ^^^^^^^^^^^^^^^^^^^^^
    --- exit 2
    "#);
}

#[test]
fn a_syntax_error_is_shown_in_its_line() {
    let workspace = workspace();
    workspace.write("migrate.toml", "[databases.main]\nurl = ${DATABASE_URL}\n");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stderr
    error[settings]: string values must be quoted, expected literal string
     --> migrate.toml:2:7
      |
    2 | url = ${DATABASE_URL}
      |       ^
    error[settings]: unexpected key or value, expected newline, `#`
     --> migrate.toml:2:8
      |
    2 | url = ${DATABASE_URL}
      |        ^
    --- exit 2
    ");
}

#[test]
fn metadata_is_read_strictly() {
    let workspace = users_and_posts();
    workspace.migration_with(
        "20250101000000_a",
        "select 1;",
        "",
        "run_in_transactoin = true\nservices = [\"auht\"]\n",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[settings]: unknown key `run_in_transactoin`
     --> migrations/20250101000000_a/metadata.toml:1:1
      |
    1 | run_in_transactoin = true
      | ^^^^^^^^^^^^^^^^^^ did you mean `run_in_transaction`?
      |
      = next: known here: run_in_transaction, services, database, allow, lock_timeout, lock_retries, statement_timeout
    error[settings]: there is no service `auht`
     --> migrations/20250101000000_a/metadata.toml:2:13
      |
    2 | services = ["auht"]
      |             ^^^^^^ did you mean `auth`?
      |
      = known: auth, post
    --- exit 2
    "#);
}

#[test]
fn parts_make_a_target() {
    let workspace = users_and_posts();
    let target = workspace.database().target().clone();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nhost = \"${DATABASE_HOST}\"\nport = \"${DATABASE_PORT:-5432}\"\n\
         user = \"${DATABASE_USERNAME}\"\npassword = \"${DATABASE_PASSWORD:-}\"\n\
         name = \"${DATABASE_NAME}\"\nsslmode = \"${DATABASE_SSL:-false}\"\ncreate = true\n\
         [services.auth]\n[services.post]\nreads = [\"users\"]\n",
    );
    let variables = [
        ("DATABASE_HOST", target.get("host").unwrap_or_default()),
        ("DATABASE_USERNAME", "postgres"),
        ("DATABASE_NAME", workspace.database().name()),
    ];
    assert_snapshot!(workspace.run_with("deploy", &variables), @"
    $ migrate deploy
    --- stderr
         main created database [database]
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run_with("db url", &[variables[0], variables[1], variables[2], ("DATABASE_PASSWORD", "hunter2")]), @"
    $ migrate db url
    --- stderr
         note the password is left out; `migrate exec -- COMMAND` passes it on
    --- stdout
    postgresql://postgres@/[database]?host=[socket]&port=5432&sslmode=disable
    --- exit 0
    ");
}

#[test]
fn each_environment_has_its_file() {
    let workspace = users_and_posts();
    workspace.write(
        ".env.staging",
        "DATABASE_URL=postgres://app@127.0.0.1:1/staging\n",
    );
    assert_snapshot!(workspace.run("db url --env staging"), @"
    $ migrate db url --env staging
    --- stdout
    postgresql://app@127.0.0.1:1/staging
    --- exit 0
    ");
    assert_snapshot!(workspace.run("db url --env stagging"), @r#"
    $ migrate db url --env stagging
    --- stderr
    error[settings]: variable `DATABASE_URL` is not set
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^ asked for here
      |
      = state: not in the process's variables, and there is no `.env.stagging`
      = next: write `DATABASE_URL=...` into `.env.stagging`, or export it
    --- exit 2
    "#);
}

#[test]
fn an_environment_is_a_name_and_no_path() {
    let workspace = workspace();
    for name in ["../x", "a/b", "a b", ".", "größe", ""] {
        let output = workspace
            .command()
            .args(["db", "url", "--env", name])
            .output()
            .expect("the binary runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {stderr}");
        assert!(stderr.contains("--env"), "{name}: {stderr}");
    }
    workspace.write(".env.Team_1-b", "DATABASE_URL=postgres://h/db\n");
    workspace.run("db url --env Team_1-b").success();
}

#[test]
fn production_has_no_default_and_no_embedded_server() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL:-postgres://localhost/dev}\"\n",
    );
    assert_snapshot!(workspace.run("deploy:prod --yes"), @r#"
    $ migrate deploy:prod --yes
    --- stderr
    error[settings]: variable `DATABASE_URL` is not set, and `prod` does not fall back to a default
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL:-************************}"
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ asked for here
      |
      = next: export `DATABASE_URL`, or write it into `.env.prod` on the machine that deploys
    --- exit 2
    "#);
    assert_snapshot!(workspace.run_with("deploy:prod --yes", &[("DATABASE_URL", "embedded:")]), @r#"
    $ migrate deploy:prod --yes
    --- stderr
    error[settings]: `prod` cannot use the embedded server
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL:-************************}"
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = next: give the URL of the production server
    --- exit 2
    "#);
}

#[test]
fn a_plain_diesel_project_works_as_it_is() {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    workspace.write(
        "diesel.toml",
        "[migrations_directory]\ndir = \"db/history\"\n[print_schema]\nfile = \"src/schema.rs\"\n",
    );
    workspace.write(
        "db/history/2018-04-09-151922_users/up.sql",
        "create table users (id int primary key);",
    );
    workspace.write(
        "db/history/2018-04-09-151922_users/down.sql",
        "drop table users;",
    );
    workspace.write(
        "db/history/2018-04-09-151923_index/up.sql",
        "create index concurrently i on users (id);",
    );
    workspace.write("db/history/2018-04-09-151923_index/metadata.toml", "");
    assert_snapshot!(workspace.run("up"), @"
    $ migrate up
    --- stderr
         main created database [database]
         main replayed 2 migrations into a shadow database
    --- stdout
      applied 20180409151922 users [time]
      applied 20180409151923 index [time]
    generated src/schema.rs
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  20180409151922  users    [moment] [time]
      applied  20180409151923  index    [moment] [time]
         main  2 applied (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.write("src/main.rs", "");
    assert_eq!(workspace.run("-C src status").code(), 0, "found from below");
}

#[test]
fn no_workspace_at_all() {
    let workspace = Workspace::empty(env!("CARGO_BIN_EXE_migrate"));
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stderr
    error[settings]: no workspace in `[workspace]` or any folder above it
     |
     = looked: for `migrate.toml`, `diesel.toml` or a folder `migrations`
     = next: `migrate init` creates a workspace; `-C DIR` names one
    --- exit 2
    ");
}

#[test]
fn names_that_do_not_exist() {
    let workspace = users_and_posts();
    assert_snapshot!(workspace.run("status --database mian"), @"
    $ migrate status --database mian
    --- stderr
    error[settings]: there is no database `mian`
     |
     = hint: did you mean `main`?
     = known: main
    --- exit 2
    ");
    assert_snapshot!(workspace.run("status --service auht"), @"
    $ migrate status --service auht
    --- stderr
    error[settings]: there is no service `auht`
     |
     = hint: did you mean `auth`?
     = known: auth, post
    --- exit 2
    ");
}
