//! What counts as building on what is reverted.

use crate::attribution::{Attribution, Undone};
use crate::ownership::Policy;
use migrate_text::source::SourceFile;

use super::of;

const FIRST: &str = "20240101000000";
const UNDONE: &str = "20240202000000";
const LATER: &str = "20240303000000";

const BEFORE: &str = "create schema app; create extension if not exists citext; \
    create type mood as enum ('a'); \
    create table t (id int primary key, n int); create table u (id int primary key); \
    create view v as select id from u; \
    create function f() returns int language sql as 'select 1';";

/// What a revert of `up` by `down` collides with where `later` stays.
fn collisions(up: &str, down: &str, later: &str) -> Vec<String> {
    let history = of(&[(FIRST, &[], BEFORE), (UNDONE, &[], up), (LATER, &[], later)]);
    let policy = Policy::default();
    let attribution = Attribution::of(&history, &policy);
    let down = SourceFile::new("down.sql", down.to_owned());
    let undone = |staying| Undone {
        version: UNDONE,
        down: &down,
        staying,
    };
    // What was there before it does not stay on it.
    let nothing = attribution.of_undone(&undone(&[])).expect("it is there");
    assert_eq!(nothing.collisions, []);
    let found = attribution.of_undone(&undone(&[LATER]));
    let found = found.expect("it is there").collisions.into_iter();
    let told = found.map(|one| format!("{} {} {}", one.verb, one.kind, one.name.name));
    told.collect()
}

#[test]
fn what_counts_as_building_on_what_is_reverted() {
    for (up, down, later, refused) in [
        // Its table: with another's column, rows, index, view or foreign key.
        (
            "create table x (id int primary key)",
            "drop table x",
            "alter table x add a int",
            true,
        ),
        (
            "create table x (id int primary key)",
            "drop table x",
            "insert into x values (1)",
            true,
        ),
        (
            "create table x (id int primary key)",
            "drop table x cascade",
            "create index on x (id)",
            true,
        ),
        (
            "create table x (id int primary key)",
            "drop table x cascade",
            "create view w as select * from x",
            true,
        ),
        (
            "create table x (id int primary key)",
            "drop table x cascade",
            "create table y (x int references x)",
            true,
        ),
        (
            "create table x (id int primary key)",
            "drop table x",
            "alter table x rename to y",
            true,
        ),
        (
            "create table x (id int primary key)",
            "drop table x",
            "create table y (id int); alter table t add a int",
            false,
        ),
        // The text of neither shows what the other does, but each shows the name.
        (
            "create table x ()",
            "do $$ begin execute 'drop table x'; end $$",
            "alter table x add a int",
            true,
        ),
        (
            "do $$ begin execute 'create table x ()'; end $$",
            "drop table x",
            "alter table x add a int",
            true,
        ),
        // Only `down.sql` touches it.
        (
            "select 1",
            "drop table t cascade",
            "insert into t values (1)",
            true,
        ),
        (
            "select 1",
            "drop table u",
            "insert into t values (1)",
            false,
        ),
        // A column of a table that was there before.
        (
            "alter table t add a int",
            "alter table t drop a",
            "update t set a = 1",
            true,
        ),
        (
            "alter table t add a int",
            "alter table t drop a",
            "create view w as select * from t",
            true,
        ),
        (
            "alter table t add a int",
            "alter table t drop a",
            "create table y (t int references t)",
            false,
        ),
        (
            "alter table t add a int",
            "alter table t drop a",
            "alter table u add b int",
            false,
        ),
        // With the unique index goes the foreign key that needs it; of a plain one nobody knows.
        (
            "create unique index i on t (n)",
            "drop index i cascade",
            "create table y (n int references t (n))",
            true,
        ),
        (
            "create index i on t (n)",
            "drop index i",
            "create table y (t int references t)",
            false,
        ),
        (
            "create index i on t (n)",
            "drop index i",
            "create view w as select * from t",
            false,
        ),
        // Both had use for it: who only made sure that it is there does not take it away.
        (
            "create extension if not exists citext; create table x ()",
            "drop table x",
            "create extension if not exists citext; create table y (e citext)",
            false,
        ),
        (
            "create extension if not exists citext",
            "drop extension citext",
            "create extension if not exists citext; create table y (e citext)",
            true,
        ),
        (
            "create schema if not exists app",
            "drop schema app cascade",
            "create table app.y ()",
            true,
        ),
        // Functions and types.
        (
            "create function g() returns int language sql as 'select 1'",
            "drop function g()",
            "create or replace function g() returns int language sql as 'select 2'",
            true,
        ),
        (
            "alter type mood add value 'b'",
            "select 1",
            "alter type mood add value 'c'",
            true,
        ),
        // What only reads, and is read.
        (
            "create view w as select * from t",
            "drop view w",
            "create view x as select * from t",
            false,
        ),
        (
            "create view w as select * from t",
            "drop view w cascade",
            "create view x as select * from w",
            true,
        ),
        // What is temporary is nobody else's.
        (
            "create temp table x ()",
            "create temp table x (); drop table x",
            "create temp table x ()",
            false,
        ),
    ] {
        let found = collisions(up, down, later);
        assert_eq!(
            !found.is_empty(),
            refused,
            "{up} | {down} | {later}: {found:?}"
        );
    }
}

#[test]
fn each_object_is_told_once_by_what_takes_it_back() {
    let up = "create table x (id int); create index on x (id); alter table t add a int;";
    let down = "drop table x; alter table t drop a;";
    let later = "alter table x add b int; alter table t add c int; drop table t;";
    assert_eq!(
        collisions(up, down, later),
        ["drop table x", "alter table t"]
    );
}

#[test]
fn what_cannot_be_seen_of_it_or_of_those_that_stay_is_told() {
    let unseen = "do $$ begin execute 'sele' || 'ct 1'; end $$";
    let history = of(&[
        (FIRST, &[], unseen),
        (UNDONE, &[], unseen),
        (LATER, &[], unseen),
    ]);
    let policy = Policy::default();
    let attribution = Attribution::of(&history, &policy);
    let down = SourceFile::new("down.sql", unseen.to_owned());
    let seen_of = |version, staying| {
        let undone = Undone {
            version,
            down: &down,
            staying,
        };
        attribution
            .of_undone(&undone)
            .map(|found| found.unseen.len())
    };
    assert_eq!(seen_of(UNDONE, &[LATER]), Some(3));
    assert_eq!(seen_of(UNDONE, &[]), Some(2));
    assert_eq!(seen_of("20990101000000", &[LATER]), None);
}
