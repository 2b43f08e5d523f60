//! Where statements end, as PostgreSQL sees it: outside a transaction each is sent by itself.

use insta::assert_snapshot;
use testkit::server_version;

use crate::workspace;

const OUTSIDE: &str = "run_in_transaction = false\nservices = [\"auth\"]\n";

#[test]
fn statements_end_where_the_server_says() {
    let workspace = workspace();
    let mut statements = vec![
        "create table said (text text)",
        "/* outer; /* inner; */ still; */ insert into said values ('a;b')",
        "insert into said values (E'c\\';d'), (E'e'\n  'f\\';g')",
        "insert into said values ($$h;i$$), ($x$j$$;$$k$x$)",
        "insert into said select \"l;m\" from (select 'n' as \"l;m\") n -- a comment; with one\n",
        "insert into said values (U&'\\003b'), (B'1'::text), (N'o;p')",
        "do $body$ begin perform 1; execute $$insert into said values ('q;r')$$; end; $body$",
        "create table heard (text text)",
        "create rule twice as on insert to heard \
         do also (insert into said values ('s'); insert into said values ('t;u'))",
        "insert into heard values ('z')",
    ];
    workspace.run("db create").success();
    let with_standard_bodies = server_version() >= 14;
    if with_standard_bodies {
        statements.extend([
            "create function f(a int) returns int begin atomic \
             select case when a > 0 then 1 else 2 end; select a; end",
            "create procedure p() begin atomic \
             insert into said values ('v;w'); insert into said values ('x'); end",
            "call p()",
        ]);
    }
    let up = statements.join(";\n");
    workspace.migration_with("1_a", &up, "", OUTSIDE);
    workspace.run("deploy").success();
    let database = workspace.database();
    let done = "select statements_done from __migrate_ledger";
    assert_eq!(
        database.value(done),
        Some(statements.len().to_string()),
        "each has its record"
    );
    let said = "select string_agg(text, ' ' order by text collate \"C\") from said";
    let said = database.value(said).unwrap_or_default();
    match with_standard_bodies {
        true => {
            assert_snapshot!(said, @"1 ; a;b c';d ef';g h;i j$$;$$k n o;p q;r s t;u v;w x");
        }
        false => {
            assert_snapshot!(said, @"1 ; a;b c';d ef';g h;i j$$;$$k n o;p q;r s t;u");
        }
    }
}

#[test]
fn what_only_psql_understands_is_refused_before_anything_runs() {
    for (up, place) in [
        (
            "insert into t values ('a');\ncopy t (a) from stdin;\nit's\n\\.\n",
            "up.sql:2:1",
        ),
        (
            "insert into t values ('a');\nCOPY t FROM STDIN WITH (FORMAT csv);\n",
            "up.sql:2:1",
        ),
        (
            "insert into t values ('a');\n\\copy t from 'file'\n",
            "up.sql:2:1",
        ),
        ("select 'drop table t' \\gexec\n", "up.sql:1:23"),
        (
            "insert into t values ('a');\n  \\i other.sql\n",
            "up.sql:2:3",
        ),
    ] {
        let workspace = workspace();
        workspace.migration("1_t", "create table t (a text);", "");
        workspace.migration_with("2_bad", up, "", OUTSIDE);
        let run = workspace.run("deploy");
        assert_eq!(run.code(), 1, "{run}");
        assert!(run.stderr().contains("error[migration]"), "{run}");
        assert!(run.stderr().contains(place), "{run}");
        assert!(run.stderr().contains("nothing was applied"), "{run}");
        let database = workspace.database();
        let exists = migrate_postgres::database_exists(database.target());
        assert_eq!(exists, Ok(false), "nothing was touched");
    }
}

#[test]
fn what_only_looks_like_psql_is_not() {
    let workspace = workspace();
    workspace.migration_with(
        "1_a",
        "create table t (stdin text);\n\
         insert into t values ('\\copy t from stdin'), ($$\\.$$), (E'\\\\i');\n\
         -- \\set x 1\n/* copy t from stdin; */ comment on table t is 'copy from stdin';\n",
        "",
        OUTSIDE,
    );
    workspace.run("deploy").success();
}
