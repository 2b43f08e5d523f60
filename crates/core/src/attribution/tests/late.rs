//! What counts as touching the same, where a migration comes late.

use crate::attribution::Attribution;
use crate::history::History;
use crate::ownership::Policy;

use super::of;

const FIRST: &str = "20240101000000";
const LATE: &str = "20240202000000";
const LATER: &str = "20240303000000";

/// A history of three migrations.
fn history(first: &str, late: &str, later: &str) -> History {
    of(&[(FIRST, &[], first), (LATE, &[], late), (LATER, &[], later)])
}

/// What both do, and whether the late one is refused.
#[test]
fn what_counts_as_touching_the_same() {
    const BEFORE: &str = "create schema app; create extension if not exists citext; \
        create type mood as enum ('a'); \
        create table t (id int primary key, n int); create table u (id int primary key); \
        create table p (id int) partition by range (id); create sequence s; \
        create view v as select id from u; \
        create function f() returns int language sql as 'select 1';";
    for (later, late, refused) in [
        // Changed by both.
        ("alter table t add a int", "alter table t add b int", true),
        (
            "alter table public.t add a int",
            "alter table t add b int",
            true,
        ),
        ("insert into t values (1)", "insert into t values (2)", true),
        (
            "create index i on t (n)",
            "alter table t drop column n",
            true,
        ),
        ("alter table t add a int", "alter table u add b int", false),
        (
            "insert into t values (1)",
            "insert into u values (1)",
            false,
        ),
        ("drop table u cascade", "alter table u add b int", true),
        ("alter table u rename to w", "alter table u add b int", true),
        ("drop view v", "alter table u add b int", false),
        ("insert into v values (1)", "insert into u values (2)", true),
        ("alter function f() stable", "drop function f()", true),
        (
            "alter type mood add value 'b'",
            "alter type mood add value 'c'",
            true,
        ),
        ("comment on table t is 'x'", "alter table t add b int", true),
        // Taken by both.
        (
            "create table n ()",
            "create table if not exists n (a int)",
            true,
        ),
        ("create table app.n ()", "create table n ()", false),
        (
            "create extension if not exists citext; create schema if not exists app",
            "create extension if not exists citext; create schema if not exists app",
            false,
        ),
        // Its parts are the table's.
        (
            "create table p1 partition of p for values from (1) to (2)",
            "alter table p add a int",
            true,
        ),
        (
            "create trigger x after insert on t execute function pg_catalog.suppress_redundant_updates_trigger()",
            "alter table t add b int",
            true,
        ),
        // Only read or referred to by one.
        (
            "create view w as select * from t",
            "alter table t add b int",
            true,
        ),
        (
            "create view w as select * from t",
            "insert into t values (1)",
            true,
        ),
        (
            "create view w as select * from t",
            "create index on t (n)",
            false,
        ),
        (
            "alter table t add a int",
            "create view w as select * from t",
            true,
        ),
        (
            "insert into t values (1)",
            "create table c as select * from t",
            true,
        ),
        (
            "create view w as select * from t",
            "create view x as select * from t",
            false,
        ),
        (
            "create table c (t int references t)",
            "alter table t add b int",
            false,
        ),
        (
            "create table c (t int references t)",
            "alter table t rename to w",
            true,
        ),
        (
            "alter table t add a int",
            "create table c (t int references t)",
            true,
        ),
        (
            "insert into t values (1)",
            "create table c (t int references t)",
            false,
        ),
        (
            "create table c (t int references t)",
            "create table d (t int references t)",
            false,
        ),
        // What stands beside the rows matters neither to who reads them nor to who refers to them.
        (
            "create view w as select * from t",
            "create statistics st on id, n from t",
            false,
        ),
        (
            "create view w as select * from t",
            "create index i on t (n)",
            false,
        ),
        (
            "create view w as select * from t",
            "create trigger x after insert on t execute function pg_catalog.suppress_redundant_updates_trigger()",
            false,
        ),
        (
            "create view w as select * from t",
            "create publication pub for table t",
            false,
        ),
        (
            "create view w as select * from t",
            "create policy own on t using (n = 1)",
            true,
        ),
        (
            "create index i on t (n); comment on table t is 'x'; grant select on t to public",
            "create view w as select * from t",
            false,
        ),
        (
            "create index i on t (n)",
            "create table c (t int references t)",
            false,
        ),
        (
            "comment on table t is 'x'; comment on column t.n is 'y'",
            "create table c (t int references t)",
            false,
        ),
        (
            "create statistics st on id, n from t; grant select on t to public",
            "create table c (t int references t)",
            false,
        ),
        (
            "create table c (t int references t)",
            "create unique index i on t (n)",
            false,
        ),
        // The foreign key may need that index, and in a new database it comes before it.
        (
            "create unique index i on t (n)",
            "create table c (t int references t (n))",
            true,
        ),
        (
            "alter table t add unique (n)",
            "create table c (t int references t (n))",
            true,
        ),
        ("truncate t", "create table c (t int references t)", true),
        // A table that is made like another takes over what stands beside the rows.
        (
            "create index i on t (n)",
            "create table x (like t including all)",
            true,
        ),
        (
            "create table x (like t including indexes)",
            "create unique index i on t (n)",
            true,
        ),
        (
            "comment on table t is 'x'",
            "create table x (like t including comments)",
            true,
        ),
        (
            "create table x (like t including all)",
            "create statistics st on id, n from t",
            true,
        ),
        (
            "create view w as select * from t",
            "create table x (like t)",
            false,
        ),
        // What two say beside the rows may be about the same.
        (
            "comment on table t is 'x'",
            "comment on table t is 'y'",
            true,
        ),
        ("create index i on t (n)", "create index j on t (n)", true),
        // What a body does is done some time.
        (
            "create function g() returns void language sql as 'insert into t values (1)'",
            "alter table t add b int",
            true,
        ),
        // Functions that are called, and those that something is made with.
        ("alter function f() stable", "update t set n = f()", true),
        (
            "alter function f() stable",
            "select pg_catalog.now()",
            false,
        ),
        (
            "alter function f() stable",
            "alter table t alter n set default f()",
            false,
        ),
        (
            "alter type mood add value 'b'",
            "create table c (m mood)",
            false,
        ),
        // What is temporary is nobody else's.
        ("create temp table x ()", "create temp table x ()", false),
    ] {
        let history = history(BEFORE, late, later);
        let policy = Policy::default();
        let attribution = Attribution::of(&history, &policy);
        let conflicts = attribution.conflicts_of_late(&[LATE], &[LATER]);
        assert_eq!(
            !conflicts.is_empty(),
            refused,
            "{later} | {late}: {conflicts:#?}"
        );
        // What comes before it does not count, nor what is not applied.
        assert_eq!(attribution.conflicts_of_late(&[LATE], &[FIRST]), []);
        assert_eq!(attribution.conflicts_of_late(&[LATE], &[]), []);
    }
}

#[test]
fn what_is_told_is_the_table_and_both_places() {
    let late = "create table x ();\ncreate index on t (n);\ncreate index on t (id);\ndrop table u;";
    let history = history(
        "create table t (id int, n int); create table u ();",
        late,
        "\nalter table t add a int; alter table u add a int;",
    );
    let policy = Policy::default();
    let attribution = Attribution::of(&history, &policy);
    let conflicts = attribution.conflicts_of_late(&[LATE], &[LATER]);
    let told: Vec<String> = conflicts
        .iter()
        .map(|conflict| {
            let (at, applied) = (
                conflict.location.position(),
                conflict.applied_location.position(),
            );
            format!(
                "{} {} {} {}:{} {} {}:{}",
                conflict.verb,
                conflict.kind,
                conflict.name.name,
                at.line,
                at.column,
                conflict.applied_verb,
                applied.line,
                applied.column
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "index table t 2:17 alter 2:13",
            "drop table u 4:12 alter 2:38"
        ]
    );
}
