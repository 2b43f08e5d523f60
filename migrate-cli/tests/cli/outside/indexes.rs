//! Indexes that are built, dropped and rebuilt `CONCURRENTLY`.

use insta::assert_snapshot;

use super::{
    OUTSIDE, kill_before_its_record, kill_while_it_waits, old_transaction, stopped_at, waiting,
};
use crate::robust::{spawn, until};

const INDEXES: &str = "select string_agg(relname || ' ' || indisvalid, ', ' order by relname) \
    from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = 'a'::regclass";

#[test]
fn an_index_whose_build_was_killed_is_named_dropped_and_built_again() {
    let workspace = stopped_at("select 1;\ncreate index concurrently a_b on a (b);\n");
    kill_while_it_waits(&workspace, "create index");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b false")
    );
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               stopped after 1 statement; killed, or the connection broke; statement 2 left the invalid index public.a_b
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    assert_snapshot!(workspace.run("status --format json"), @r#"
    $ migrate status --format json
    --- stdout
    {
      "command": "status",
      "databases": [
        {
          "database": "main",
          "exists": true,
          "migrations": [
            {
              "at": "[moment]",
              "by": "postgres",
              "duration_ms": 0,
              "name": "a",
              "order": 1,
              "services": [
                "auth"
              ],
              "state": "applied",
              "version": "1"
            },
            {
              "at": "[moment]",
              "by": "postgres",
              "in_doubt": {
                "happened": "partly",
                "invalid_indexes": [
                  "public.a_b"
                ],
                "statement": 2
              },
              "name": "b",
              "services": [
                "auth"
              ],
              "state": "failed",
              "statements_done": 1,
              "unended": true,
              "version": "2"
            }
          ],
          "target": "postgres@[socket]:5432/[database]"
        }
      ],
      "format": 1,
      "outcome": "done"
    }
    --- exit 0
    "#);
    assert_snapshot!(workspace.run("deploy --dry-run"), @"
    $ migrate deploy --dry-run
    --- stdout
      pending 2 b  auth  (outside a transaction, 1 statement is done)
      dry run 1 migration would be applied to main; nothing was touched
    --- exit 0
    ");
    assert_snapshot!(workspace.run("resolve --applied 2 --dry-run"), @"
    $ migrate resolve --applied 2 --dry-run
    --- stderr
      warning an unfinished build has left the index public.a_b invalid, and it stays: `drop index concurrently public.a_b`, and if it is wanted build it again
    --- stdout
      dry run 2_b would count as applied to main; nothing of it would be run; nothing was touched
    --- exit 0
    ");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main dropped index public.a_b, which an unfinished build had left invalid
    --- stdout
      applied 2 b  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn an_index_that_was_built_is_not_built_again() {
    let workspace = stopped_at("create index concurrently on a (b);\nselect 1;\n");
    kill_before_its_record(&workspace, "create index");
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               killed, or the connection broke; statement 1 happened
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    // What happened is done, so it may not be edited.
    workspace.migration_with(
        "2_b",
        "create index concurrently on a (b, b);\nselect 1;\n",
        "",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[edited]: 2_b was edited in the part that is done
     --> migrations/2_b/up.sql:1:1
      |
    1 | create index concurrently on a (b, b);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is not what was done
      |
      = state: 1 statement of it is done for good; nothing was run now
      = next: put these statements back as they were, what follows them may change; or undo by hand what is done, then `migrate resolve --rolled-back 2_b`
    --- exit 4
    ");
    assert_eq!(workspace.run("deploy --dry-run").code(), 4);
    workspace.migration(
        "2_b",
        "create index concurrently on a (b);\nselect 2;\n",
        "",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[edited]: 2_b stopped half way, and now wants to be one transaction
     |
     = state: 1 statement of it is done for good; nothing was run now
     = next: put `run_in_transaction = false` back into `migrations/2_b/metadata.toml`; or undo by hand what is done, then `migrate resolve --rolled-back 2_b`
    --- exit 4
    ");
    workspace.migration_with(
        "2_b",
        "create index concurrently on a (b);\nselect 2;\n",
        "",
        OUTSIDE,
    );
    assert_snapshot!(workspace.run("deploy --dry-run"), @"
    $ migrate deploy --dry-run
    --- stdout
      pending 2 b  auth  (outside a transaction, 1 statement is done)
      dry run 1 migration would be applied to main; nothing was touched
    --- exit 0
    ");
    workspace.run("deploy").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b_idx true"),
        "PostgreSQL would have made a second one"
    );
}

#[test]
fn an_index_of_somebody_else_is_not_taken_for_one_without_a_name() {
    let workspace = stopped_at("create index concurrently on a (b);\n");
    kill_before_its_record(&workspace, "create index");
    workspace
        .database()
        .execute("drop index a_b_idx; create index on a (b desc)");
    let run = workspace.run("deploy");
    assert!(run.stderr().contains("error[doubt]"), "{run}");
    workspace.run("resolve --retry 2_b").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b_idx true, a_b_idx1 true")
    );
}

#[test]
fn an_index_without_a_name_is_known_again_however_the_server_writes_it() {
    for (statement, index) in [
        (
            "create index concurrently on a (b) where b is not null;\n",
            "a_b_idx true",
        ),
        ("create index concurrently on a (\"b\");\n", "a_b_idx true"),
        (
            "create index concurrently on a (abs(b) nulls last);\n",
            "a_abs_idx true",
        ),
    ] {
        let workspace = stopped_at(statement);
        kill_while_it_waits(&workspace, "create index");
        let run = workspace.run("deploy").success();
        assert!(run.stderr().contains("dropped index"), "{run}");
        let indexes = workspace.database().value(INDEXES);
        assert_eq!(indexes.as_deref(), Some(index), "{statement}");
    }
}

#[test]
fn an_index_of_a_materialized_view_is_built_again_too() {
    let workspace = stopped_at(
        "create materialized view m as select b from a;\n\
         create index concurrently m_b on m (b);\n",
    );
    kill_while_it_waits(&workspace, "create index");
    workspace.run("deploy").success();
    let indexes = INDEXES.replace("'a'", "'m'");
    let indexes = workspace.database().value(&indexes);
    assert_eq!(indexes.as_deref(), Some("m_b true"));
}

#[test]
fn an_index_is_dropped_by_an_owner_who_may_not_touch_the_rows() {
    let workspace = stopped_at("create index concurrently a_b on a (b);\n");
    kill_while_it_waits(&workspace, "create index");
    let role = format!("owner_{}", workspace.database().name());
    let database = workspace.database();
    database.execute(&format!(
        "create role {role} login; grant all on schema public to {role}; \
         grant all on all tables in schema public to {role}; \
         grant all on all sequences in schema public to {role}; \
         alter table a owner to {role}; revoke all on a from {role}"
    ));
    let url = database.url().replace("postgres@", &format!("{role}@"));
    let run = workspace.run_with("deploy", &[("DATABASE_URL", &url)]);
    let indexes = database.value(INDEXES);
    database.execute(&format!("drop owned by {role}; drop role {role}"));
    run.success();
    assert_eq!(indexes.as_deref(), Some("a_b true"));
}

#[test]
fn an_index_that_somebody_else_is_building_is_not_dropped() {
    let workspace = stopped_at("create index concurrently a_b on a (b);\n");
    kill_while_it_waits(&workspace, "create index");
    workspace.database().execute("drop index a_b");
    let mut application = old_transaction(&workspace, "select * from a");
    let mut other = workspace.database().session();
    let building = std::thread::spawn(move || {
        other
            .execute("create index concurrently a_b on a (b)")
            .expect("it is built");
    });
    until(&workspace, &waiting("create index"));
    let deploy = spawn(&workspace, "deploy");
    until(&workspace, &waiting("lock table"));
    application.execute("commit").expect("the application ends");
    building.join().expect("it was built");
    let output = deploy.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(r#"relation "a_b" already exists"#), "{said}");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn an_index_that_was_dropped_is_not_dropped_again() {
    let workspace = stopped_at("drop index concurrently a_b;\nselect 1;\n");
    workspace.database().execute("create index a_b on a (b)");
    kill_before_its_record(&workspace, "drop index");
    assert_eq!(workspace.database().value(INDEXES), None);
    workspace.run("deploy").success();
}

#[test]
fn an_index_half_dropped_is_dropped() {
    let workspace = stopped_at("drop index concurrently a_b;\n");
    workspace.database().execute("create index a_b on a (b)");
    kill_while_it_waits(&workspace, "drop index");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b false")
    );
    workspace.run("deploy").success();
    assert_eq!(workspace.database().value(INDEXES), None);
}

#[test]
fn what_a_killed_reindex_left_is_dropped() {
    let workspace = stopped_at("reindex table concurrently a;\n");
    workspace.database().execute("create index a_b on a (b)");
    kill_while_it_waits(&workspace, "reindex");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true, a_b_ccnew false")
    );
    assert_snapshot!(workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment]
               killed, or the connection broke; statement 1 left the invalid index public.a_b_ccnew
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    ");
    workspace.run("deploy").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn an_index_that_could_not_be_built_is_built_when_the_rows_are_right() {
    let workspace = stopped_at("create unique index concurrently a_b on a (b);\n");
    workspace.database().execute("insert into a values (1)");
    assert_eq!(workspace.run("deploy").code(), 1);
    assert_snapshot!(workspace.run("status"), @r#"
    $ migrate status
    --- stdout
      applied  1  a  auth  [moment] [time]
       failed  2  b  auth  [moment] [time]
               could not create unique index "a_b" (SQLSTATE 23505); statement 1 left the invalid index public.a_b
         main  1 applied, 1 failed (postgres@[socket]:5432/[database])
    --- exit 0
    "#);
    workspace.database().execute("truncate a");
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
         main dropped index public.a_b, which an unfinished build had left invalid
    --- stdout
      applied 2 b  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn a_file_that_drops_what_is_left_may_do_so() {
    let workspace = stopped_at("create unique index concurrently a_b on a (b);\n");
    workspace.database().execute("insert into a values (1)");
    assert_eq!(workspace.run("deploy").code(), 1);
    let up = "drop index concurrently a_b;\ncreate index concurrently a_b on a (b);\n";
    workspace.migration_with("2_b", up, "", OUTSIDE);
    workspace.run("deploy").success();
    assert_eq!(
        workspace.database().value(INDEXES).as_deref(),
        Some("a_b true")
    );
}

#[test]
fn a_file_that_drops_later_what_it_builds_has_it_built_first() {
    let workspace =
        stopped_at("create index concurrently a_b on a (b);\ndrop index concurrently a_b;\n");
    kill_while_it_waits(&workspace, "create index");
    workspace.run("deploy").success();
    assert_eq!(workspace.database().value(INDEXES), None);
}

/// PostgreSQL itself would say that there is nothing to do.
#[test]
fn an_invalid_index_is_not_taken_for_the_one_to_be_built() {
    let workspace = stopped_at("create index concurrently if not exists a_b on a (b);\n");
    let database = workspace.database();
    database.execute(
        "create index a_b on a (b); \
         update pg_index set indisvalid = false where indexrelid = 'a_b'::regclass",
    );
    assert_snapshot!(workspace.run("deploy"), @"
    $ migrate deploy
    --- stderr
    error[sql]: migration 2_b failed
     --> migrations/2_b/up.sql:1:1
      |
    1 | create index concurrently if not exists a_b on a (b);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ index public.a_b exists, and is invalid (SQLSTATE 42P07)
      |
      = left: invalid index public.a_b
      = state: nothing of it was done; 1 migration stays applied
      = next: `migrate resolve --retry 2` drops the index and builds it again
    --- exit 1
    ");
    assert_eq!(workspace.run("deploy").code(), 1, "and so the next time");
    assert_snapshot!(workspace.run("resolve --retry 2"), @"
    $ migrate resolve --retry 2
    --- stderr
         main dropped index public.a_b, which an unfinished build had left invalid
    --- stdout
      applied 2 b  auth [time]
         done 1 migration applied to main in [time]
    --- exit 0
    ");
    assert_eq!(database.value(INDEXES).as_deref(), Some("a_b true"));
}
