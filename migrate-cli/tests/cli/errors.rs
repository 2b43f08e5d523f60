//! What a person sees when something is wrong: what, where, in what state things are, what next.

use insta::assert_snapshot;
use testkit::Workspace;

use crate::{users_and_posts, workspace};

pub fn failing(up: &str) -> Workspace {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.migration("20250101000000_bad", up, "select 0;");
    workspace.migration("20250202000000_later", "select 1;", "select 0;");
    workspace
}

#[test]
fn a_wrong_name_is_underlined() {
    let workspace =
        failing("-- größer\ncreate table titles (\n  id int,\n  title txet not null\n);\n");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed
     --> migrations/20250101000000_bad/up.sql:4:9
      |
    4 |   title txet not null
      |         ^^^^ type "txet" does not exist (SQLSTATE 42704)
      |
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
    assert_snapshot!(workspace.run("deploy --format json"), @r#"
    $ migrate deploy --format json
    --- stdout
    {
      "command": "deploy",
      "databases": [
        {
          "applied": [],
          "database": "main",
          "target": "postgres@[socket]:5432/[database]",
          "total_applied": 2
        }
      ],
      "errors": [
        {
          "code": "sql",
          "message": "migration 20250101000000_bad failed",
          "next": "fix up.sql, then `migrate deploy`",
          "place": {
            "column": 9,
            "file": "migrations/20250101000000_bad/up.sql",
            "label": "type \"txet\" does not exist (SQLSTATE 42704)",
            "line": 4
          },
          "sqlstate": "42704",
          "state": "rolled back; 2 migrations stay applied, 1 after it not tried"
        }
      ],
      "format": 1,
      "not_reached": [],
      "outcome": "failed"
    }
    --- exit 1
    "#);
}

#[test]
fn a_syntax_error_is_underlined() {
    assert_snapshot!(failing("select 1;\nselect 1 frm users;\n").run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed
     --> migrations/20250101000000_bad/up.sql:2:14
      |
    2 | select 1 frm users;
      |              ^^^^^ syntax error at or near "users" (SQLSTATE 42601)
      |
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
}

#[test]
fn a_file_that_stops_short_points_at_its_end() {
    assert_snapshot!(failing("create table a (\n  id int").run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed
     --> migrations/20250101000000_bad/up.sql:2:8
      |
    2 |   id int
      |        ^ syntax error at end of input (SQLSTATE 42601)
      |
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    ");
}

#[test]
fn an_error_without_a_position_shows_the_statement() {
    let workspace = failing(
        "insert into users values (1, 'a');\n\n-- twice\ninsert into users values (1, 'b');\n",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed
     --> migrations/20250101000000_bad/up.sql:4:1
      |
    4 | insert into users values (1, 'b');
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ duplicate key value violates unique constraint "users_pkey" (SQLSTATE 23505)
      |
      = detail: Key (id)=(1) already exists.
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
    let users = workspace.database().value("select count(*) from users");
    assert_eq!(users.as_deref(), Some("0"), "rolled back");
}

#[test]
fn an_error_inside_a_function_tells_its_context() {
    let workspace =
        failing("do $$\nbegin\n  perform 1;\n  execute 'select nothing from nowhere';\nend $$;\n");
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed
     --> migrations/20250101000000_bad/up.sql:4:32
      |
    4 |   execute 'select nothing from nowhere';
      |                                ^^^^^^^ relation "nowhere" does not exist (SQLSTATE 42P01)
      |
      = context: PL/pgSQL function inline_code_block line 4 at EXECUTE
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
}

#[test]
fn a_hint_and_a_detail_are_passed_on() {
    assert_snapshot!(failing("alter table users add column a int, add column b text default lowr('A');").run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed
     --> migrations/20250101000000_bad/up.sql:1:1
      |
    1 | alter table users add column a int, add column b text default lowr('A');
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ function lowr(unknown) does not exist (SQLSTATE 42883)
      |
      = hint: No function matches the given name and argument types. You might need to add explicit type casts.
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    ");
    assert_snapshot!(failing("create table x (id int references users (name));").run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed
     --> migrations/20250101000000_bad/up.sql:1:1
      |
    1 | create table x (id int references users (name));
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no unique constraint matching given keys for referenced table "users" (SQLSTATE 42830)
      |
      = state: rolled back; 2 migrations stay applied, 1 after it not tried
      = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
}

#[test]
fn a_deferred_constraint_fails_at_the_end() {
    let workspace = failing(
        "create table d (id int references users deferrable initially deferred);\n\
         insert into d values (42);\n",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[sql]: migration 20250101000000_bad failed: insert or update on table "d" violates foreign key constraint "d_id_fkey" (SQLSTATE 23503)
     |
     = detail: Key (id)=(42) is not present in table "users".
     = where: after all its statements: what is deferred is checked only then
     = state: rolled back; 2 migrations stay applied, 1 after it not tried
     = next: fix up.sql, then `migrate deploy`
    --- exit 1
    "#);
}

#[test]
fn transaction_control_is_refused_before_anything_runs() {
    let workspace = failing("create table a ();\nCOMMIT;\ncreate table b ();\n");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[migration]: a migration may not begin or end a transaction
     --> migrations/20250101000000_bad/up.sql:2:1
      |
    2 | COMMIT;
      | ^^^^^^ the transaction is the tool's: it holds the ledger row too
      |
      = state: nothing was applied
      = next: remove the statement; for one that cannot run in a transaction write `run_in_transaction = false` into metadata.toml
    --- exit 1
    ");
    assert_snapshot!(failing("select 1 /* never closed\n").run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[migration]: the file ends inside a comment
     --> migrations/20250101000000_bad/up.sql:1:10
      |
    1 | select 1 /* never closed
      |          ^^ begins here and never ends
      |
      = state: nothing was applied
      = next: close it
    --- exit 1
    ");
    assert_snapshot!(failing("copy users from stdin;\n1\ta\n\\.\n").run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[migration]: a migration cannot hold the rows of `COPY ... FROM STDIN`
     --> migrations/20250101000000_bad/up.sql:1:1
      |
    1 | copy users from stdin;
      | ^^^^^^^^^^^^^^^^^^^^^ the rows after it are not SQL
      |
      = state: nothing was applied
      = next: write them as `INSERT`, or dump with `pg_dump --inserts`
    --- exit 1
    ");
    let run = failing("\u{feff}create table a ();\n").run("deploy");
    assert_snapshot!(run, @r"
    $ migrate deploy
    --- stderr
    error[migration]: the file begins with a byte order mark
     --> migrations/20250101000000_bad/up.sql:1:1
      |
    1 | \u{feff}create table a ();
      | ^ PostgreSQL takes it for a part of the first word
      |
      = state: nothing was applied
      = next: save the file as UTF-8 without a byte order mark (BOM)
    --- exit 1
    ");
    assert_snapshot!(failing("\\set x 1\n").run("deploy"), @r"
    $ migrate deploy
    --- stderr
    error[migration]: a backslash command is for `psql`, not for the server
     --> migrations/20250101000000_bad/up.sql:1:1
      |
    1 | \set x 1
      | ^ only `psql` knows this
      |
      = state: nothing was applied
      = next: remove the line
    --- exit 1
    ");
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let workspace = users_and_posts();
    let url = [("DATABASE_URL", "postgresql://app@127.0.0.1:1/app")];
    assert_snapshot!(workspace.run_with("deploy", &url), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at app@127.0.0.1:1/app
     |
     = server: connection to server at "127.0.0.1", port 1 failed: Connection refused
               Is the server running on that host and accepting TCP/IP connections?
     = state: nothing was touched
     = next: check host and port, and that the server runs; `--wait 60` waits for it
    --- exit 1
    "#);
    assert_snapshot!(workspace.run_with("deploy --wait 1", &url), @r#"
    $ migrate deploy --wait 1
    --- stderr
         main waiting for app@127.0.0.1:1/app
    error[connection]: cannot connect to database main at app@127.0.0.1:1/app
     |
     = server: connection to server at "127.0.0.1", port 1 failed: Connection refused
               Is the server running on that host and accepting TCP/IP connections?
     = state: nothing was touched; tried for 1 s
     = next: check host and port, and that the server runs; `--wait 60` waits for it
    --- exit 1
    "#);
}

#[test]
fn a_database_that_is_not_there_can_be_created() {
    let workspace = users_and_posts();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\n[services.auth]\n[services.post]\nreads = [\"users\"]\n",
    );
    assert_snapshot!(workspace.run("deploy"), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at postgres@[socket]:5432/[database]
     |
     = server: connection to server on socket "[socket]/.s.PGSQL.5432" failed: FATAL:  database "[database]" does not exist
     = state: nothing was touched
     = next: `migrate db create --database main` creates it, or set `create = true` in `migrate.toml`
    --- exit 1
    "#);
    assert_snapshot!(workspace.run("db create"), @"
    $ migrate db create
    --- stderr
         main created database [database]
    --- exit 0
    ");
    workspace.run("deploy").success();
}

#[test]
fn two_migrations_with_one_version_are_refused() {
    let workspace = users_and_posts();
    workspace.migration("2024-01-01-000000_again", "select 1;", "select 0;");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[settings]: two migrations have the version 20240101000000: `2024-01-01-000000_again` and `20240101000000_users`
     |
     = hint: two branches chose one moment; only one of them would ever be run
     = next: rename the folder that no database has applied yet
    --- exit 2
    ");
}

#[test]
fn a_version_that_diesels_table_cannot_hold_is_refused() {
    let workspace = users_and_posts();
    let longest = "9".repeat(50);
    workspace.migration(&format!("{longest}_fits"), "select 1;", "select 0;");
    workspace.migration(&format!("{longest}9_long"), "select 1;", "select 0;");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[settings]: the version of migration `999999999999999999999999999999999999999999999999999_long` has 51 characters, and Diesel's table has room for 50
     |
     = hint: the version is what stands before the first `_`
     = next: rename the folder; a version is usually `YYYYMMDDHHMMSS`
    --- exit 2
    ");
    workspace.remove_migration(&format!("{longest}9_long"));
    workspace.run("deploy").success();
}

#[test]
fn a_ledger_of_no_known_format_is_refused() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let database = workspace.database();
    database.execute("update __migrate_format set format = -1");
    workspace.migration("20250101000000_more", "select 1;", "select 0;");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[ledger]: the ledger of database main: the ledger says that it has format -1, and there is no such format
     |
     = state: nothing was applied
     = next: somebody changed the table `__migrate_format`: put back the number that was there
    --- exit 1
    ");
    assert_eq!(workspace.run("status").code(), 1);
}

#[test]
fn a_folder_that_is_no_migration_is_refused() {
    let workspace = users_and_posts();
    workspace.write("migrations/20260101000000_empty/notes.txt", "x");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[settings]: `migrations/20260101000000_empty` is not a migration: it has no `up.sql`
     |
     = next: every folder below `migrations` is `<version>_<name>` with an `up.sql`
    --- exit 2
    ");
}

#[test]
fn an_edited_file_that_stopped_half_way_may_not_change_what_is_done() {
    let workspace = workspace();
    let metadata = "run_in_transaction = false\nservices = [\"auth\"]\n";
    workspace.migration_with("1_a", "create table a ();\nselect 1 / 0;\n", "", metadata);
    assert_eq!(workspace.run("deploy").code(), 1);
    workspace.migration_with("1_a", "create table b ();\nselect 1;\n", "", metadata);
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[edited]: 1_a was edited in the part that is done
     --> migrations/1_a/up.sql:1:1
      |
    1 | create table b ();
      | ^^^^^^^^^^^^^^^^^ this is not what was done
      |
      = state: 1 statement of it is done for good; nothing was run now
      = next: put these statements back as they were, what follows them may change; or undo by hand what is done, then `migrate resolve --rolled-back 1_a`
    --- exit 4
    ");
}

#[test]
fn a_folder_that_is_not_there() {
    assert_snapshot!(workspace().run("-C nowhere status"), @"
    $ migrate -C nowhere status
    --- stderr
    error[settings]: there is no folder `[workspace]/nowhere`
    --- exit 2
    ");
}

#[test]
fn files_that_are_no_migrations() {
    let workspace = users_and_posts();
    workspace.migration("20250101000000_empty", "", "");
    workspace.migration("20250202000000_latin", "", "");
    std::fs::write(
        workspace.path("migrations/20250202000000_latin/up.sql"),
        b"select 1;\n-- gr\xf6\xdfer\n",
    )
    .expect("it can be written");
    let folder = workspace.path("migrations/20250303000000_folder/up.sql");
    std::fs::create_dir_all(folder).expect("it can be created");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[settings]: `migrations/20250101000000_empty` is not a migration: its `up.sql` is empty; a comment is enough
     |
     = next: every folder below `migrations` is `<version>_<name>` with an `up.sql`
    error[settings]: `migrations/20250202000000_latin/up.sql` is not UTF-8: line 2 has another byte in it
     |
     = next: save the file as UTF-8
    error[settings]: cannot read `migrations/20250303000000_folder/up.sql`: it is a folder, and no file
    --- exit 2
    ");
}

/// What `pg_dump` writes at the head of a file: the search path is empty after it.
#[test]
fn a_dumps_preamble_does_no_harm() {
    let workspace = workspace();
    workspace.migration(
        "1_dump",
        "set statement_timeout = 0;\nset client_encoding = 'UTF8';\n\
         select pg_catalog.set_config('search_path', '', false);\nset row_security = off;\n\
         create table public.dumped (id int);\n",
        "drop table public.dumped;\n",
    );
    workspace.migration(
        "2_next",
        "create table plain (id int);",
        "drop table plain;",
    );
    workspace.run("deploy").success();
    assert_eq!(workspace.run("status --exit-code").code(), 0);
    workspace.run("revert --steps 2").success();
}

#[test]
fn urls_and_roles_that_do_not_exist() {
    let workspace = users_and_posts();
    workspace.run("db create").success();
    let wrong = [("DATABASE_URL", "mysql://app@localhost/app")];
    assert_snapshot!(workspace.run_with("deploy", &wrong), @r#"
    $ migrate deploy
    --- stderr
    error[settings]: the URL of database `main` is wrong: a database URL begins with `postgresql://` or `postgres://`
     --> migrate.toml:2:7
      |
    2 | url = "${DATABASE_URL}"
      |       ^^^^^^^^^^^^^^^^^
      |
      = next: write `postgresql://user:password@host:5432/name`, or `embedded:` for a private server
    --- exit 2
    "#);
    let url = workspace
        .database()
        .url()
        .replace("postgres@", "nobody_we_know@");
    assert_snapshot!(workspace.run_with("deploy", &[("DATABASE_URL", &url)]), @r#"
    $ migrate deploy
    --- stderr
    error[connection]: cannot connect to database main at nobody_we_know@[socket]:5432/[database]
     |
     = server: connection to server on socket "[socket]/.s.PGSQL.5432" failed: FATAL:  role "nobody_we_know" does not exist
     = state: nothing was touched
     = next: check the user: is there such a role, may it log in, is it you, and is a certificate that the server wants made out to it?
    --- exit 1
    "#);
}
