//! What the objects of a real database need of each other.

#![expect(
    clippy::disallowed_macros,
    reason = "a test may say that it is skipped"
)]

mod dropping;
mod restoring;

use std::collections::BTreeSet;

use migrate_catalog::introspect::{self, Scope};
use migrate_catalog::{Catalog, Dependencies};
use migrate_postgres::Session;
use testkit::large_history::{HistoryOptions, write_large_history_with};
use testkit::{Database, server_version};

/// How many messages reading sends: one for each of two queries, and one each to begin and end.
const MESSAGES: u64 = 4;

fn read(database: &Database) -> Dependencies {
    read_through(&mut database.session())
}

fn read_through(session: &mut Session) -> Dependencies {
    introspect::read_dependencies(session).expect("dependencies can be read")
}

fn catalog(database: &Database) -> Catalog {
    let catalog = introspect::read(&mut database.session(), Scope::Everything);
    catalog.expect("the catalog can be read")
}

fn large() -> Database {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_large_history_with(folder.path(), 400, HistoryOptions::of_server())
        .expect("it can be written");
    Database::with_history(folder.path())
}

/// A schema, the version since which PostgreSQL knows it, and what is to be read of it: all edges
/// but those of columns to their tables and of objects to their schemas.
struct Case {
    what: &'static str,
    since: i32,
    sql: &'static str,
    edges: &'static [&'static str],
}

const fn case(what: &'static str, sql: &'static str, edges: &'static [&'static str]) -> Case {
    Case {
        what,
        since: 13,
        sql,
        edges,
    }
}

const CASES: &[Case] = &[
    case(
        "an identity column",
        "create table t (id integer generated always as identity)",
        &["sequence t_id_seq PartOf column t.id"],
    ),
    case(
        "a serial column",
        "create table t (id serial)",
        &[
            "sequence t_id_seq OwnedBy column t.id",
            "column t.id Default sequence t_id_seq",
        ],
    ),
    case(
        "a default that calls a function",
        "create function one() returns integer language sql as 'select 1';
         create table t (a integer default one())",
        &["column t.a Default routine one()"],
    ),
    case(
        "a foreign key",
        "create table t (id integer primary key);
         create table u (t integer references t)",
        &[
            "constraint t.t_pkey BelongsTo column t.id",
            "constraint u.u_t_fkey Uses column t.id",
            "constraint u.u_t_fkey BelongsTo column u.t",
            "constraint u.u_t_fkey Uses index t.t_pkey",
            "index t.t_pkey PartOf constraint t.t_pkey",
        ],
    ),
    case(
        "a check that calls a function",
        "create function fine(integer) returns boolean language sql as 'select true';
         create table t (a integer, check (fine(a)))",
        &[
            "constraint t.t_a_check Uses routine fine(integer)",
            "constraint t.t_a_check Uses column t.a",
            "constraint t.t_a_check BelongsTo column t.a",
        ],
    ),
    case(
        "an index on a column, an expression and a condition",
        "create function low(text) returns text immutable language sql as 'select $1';
         create table t (a text, b text, c integer);
         create index i on t (a, low(b)) where c > 0",
        &[
            "index t.i Uses routine low(text)",
            "index t.i BelongsTo column t.a",
            "index t.i BelongsTo column t.b",
            "index t.i BelongsTo column t.c",
        ],
    ),
    case(
        "views on columns, on whole tables and on each other",
        "create table t (a integer, b integer);
         create view columns as select a from t;
         create view rows as select count(*) from t;
         create materialized view kept as select a from columns;
         create view nothing as select 1",
        &[
            "view columns Uses column t.a",
            "view rows Uses table t",
            "materialized view kept Uses column columns.a",
        ],
    ),
    case(
        "a view that only a primary key makes right",
        "create table t (id integer primary key, name text);
         create view v as select id, name, count(*) from t group by id",
        &[
            "view v Uses column t.id",
            "view v Uses column t.name",
            "view v Uses constraint t.t_pkey",
            "constraint t.t_pkey BelongsTo column t.id",
            "index t.t_pkey PartOf constraint t.t_pkey",
        ],
    ),
    case(
        "a policy that asks another table and a function",
        "create function me() returns integer language sql as 'select 1';
         create table members (id integer);
         create table t (owner integer);
         create policy p on t using (owner = me() and owner in (select id from members))",
        &[
            "policy t.p Uses routine me()",
            "policy t.p BelongsTo table t",
            "policy t.p Uses column members.id",
            "policy t.p Uses column t.owner",
        ],
    ),
    case(
        "a trigger of a column with a condition",
        "create function f() returns trigger language plpgsql as 'begin return new; end';
         create table t (a integer, b integer);
         create trigger g before update of a on t for each row when (new.b > 0)
             execute function f()",
        &[
            "routine f() Uses extension plpgsql",
            "trigger t.g Uses routine f()",
            "trigger t.g BelongsTo table t",
            "trigger t.g Uses column t.a",
            "trigger t.g Uses column t.b",
        ],
    ),
    case(
        "a rule that writes to another table",
        "create table t (a integer);
         create table log (a integer);
         create rule r as on insert to t do also insert into log values (new.a)",
        &[
            "rule t.r BelongsTo table t",
            "rule t.r Uses column log.a",
            "rule t.r Uses column t.a",
        ],
    ),
    case(
        "inheritance",
        "create table parent (a integer, check (a > 0));
         create table child () inherits (parent)",
        &[
            "table child Uses table parent",
            "column child.a Inherits column parent.a",
            "constraint child.parent_a_check Uses column child.a",
            "constraint child.parent_a_check BelongsTo column child.a",
            "constraint child.parent_a_check Inherits constraint parent.parent_a_check",
            "constraint parent.parent_a_check Uses column parent.a",
            "constraint parent.parent_a_check BelongsTo column parent.a",
        ],
    ),
    case(
        "partitions with an index",
        "create table whole (a integer) partition by list (a);
         create table part partition of whole for values in (1);
         create index i on whole (a)",
        &[
            "table part BelongsTo partitioned table whole",
            "column part.a Inherits column whole.a",
            "column whole.a PartOf partitioned table whole",
            "index part.part_a_idx BelongsTo table part",
            "index part.part_a_idx BelongsTo column part.a",
            "index part.part_a_idx Inherits index whole.i",
            "index whole.i BelongsTo column whole.a",
        ],
    ),
    case(
        "a typed table and a column of a row type",
        "create type pair as (a integer, b integer);
         create table typed of pair;
         create table t (p pair, rows typed[])",
        &[
            "table typed Uses composite type pair",
            "column t.p Uses composite type pair",
            "column t.rows Uses table typed",
        ],
    ),
    case(
        "enums, domains and ranges in columns, arrays and each other",
        "create type mood as enum ('fine');
         create domain d as mood check (value = 'fine');
         create type span as range (subtype = date);
         create type row_type as (m mood[]);
         create table t (a d, b mood[], c span)",
        &[
            "domain d Uses enum mood",
            "column row_type.m Uses enum mood",
            "column t.a Uses domain d",
            "column t.b Uses enum mood",
            "column t.c Uses range type span",
            "constraint d.d_check Uses enum mood",
            "constraint d.d_check BelongsTo domain d",
        ],
    ),
    Case {
        since: 14,
        ..case(
            "a column of the multirange that came with a range",
            "create type span as range (subtype = date); create table t (a span_multirange)",
            &["column t.a Uses range type span"],
        )
    },
    case(
        "casts and operators",
        "create type mood as enum ('fine');
         create function as_number(mood) returns integer language sql as 'select 1';
         create function same(mood, mood) returns boolean language sql as 'select true';
         create cast (mood as integer) with function as_number(mood);
         create operator ~~~ (leftarg = mood, rightarg = mood, function = same)",
        &[
            "routine as_number(mood) Uses enum mood",
            "routine same(mood, mood) Uses enum mood",
            "object cast (mood AS integer) Uses enum mood",
            "object cast (mood AS integer) Uses routine as_number(mood)",
            "object operator ~~~(mood,mood) Uses enum mood",
            "object operator ~~~(mood,mood) Uses routine same(mood, mood)",
        ],
    ),
    case(
        "a routine that takes rows and gives rows",
        "create table t (a integer);
         create function f(t) returns setof t language sql as 'select $1'",
        &["routine f(t) Uses table t"],
    ),
    Case {
        since: 14,
        ..case(
            "a body that is parsed when the function is made",
            "create table t (a integer, b integer);
             create function f() returns bigint begin atomic select count(a) from t; end",
            &["routine f() Uses column t.a"],
        )
    },
    case(
        "a body that is text",
        "create table t (a integer);
         create function f() returns bigint language sql as 'select count(a) from t'",
        &[],
    ),
    case(
        "statistics",
        "create table t (a integer, b integer);
         create statistics s on a, b from t",
        &[
            "statistics s BelongsTo column t.a",
            "statistics s BelongsTo column t.b",
        ],
    ),
    case(
        "an event trigger",
        "create function f() returns event_trigger language plpgsql as 'begin end';
         create event trigger e on ddl_command_end execute function f()",
        &[
            "routine f() Uses extension plpgsql",
            "event trigger e Uses routine f()",
        ],
    ),
    case(
        "a publication of a table",
        "create table t (a integer); create publication p for table t",
        &["object publication p Lists table t"],
    ),
    Case {
        since: 15,
        ..case(
            "a publication of a schema and of some columns",
            "create schema s; create table t (a integer primary key, b integer);
             create publication ofs for tables in schema s;
             create publication p for table t (a) where (a > 0)",
            &[
                "constraint t.t_pkey BelongsTo column t.a",
                "index t.t_pkey PartOf constraint t.t_pkey",
                "object publication ofs Lists schema s",
                "object publication p Lists table t",
                "object publication p Uses column t.a",
            ],
        )
    },
    case(
        "what an extension brought along",
        "create extension citext; create table t (a citext);
         create view v as select a = 'x'::citext as b, a from t",
        &[
            "view v Uses extension citext",
            "view v Uses column t.a",
            "column t.a Uses extension citext",
            "column v.a Uses extension citext",
        ],
    ),
    case(
        "a function that goes with an extension",
        "create extension citext;
         create function f() returns integer language sql as 'select 1';
         alter function f() depends on extension citext",
        &["routine f() BelongsTo extension citext"],
    ),
    case(
        "default privileges in a schema, and a foreign table",
        "create schema s;
         alter default privileges in schema s grant select on tables to public;
         create foreign data wrapper w; create server far foreign data wrapper w;
         create foreign table t (a integer) server far",
        &[
            "foreign table t Uses object server far",
            "default privileges on TABLES of SUPERUSER in schema s BelongsTo schema s",
            "object server far Uses object foreign-data wrapper w",
        ],
    ),
];

/// As it would be on PostgreSQL 15 to 18: before, a generated column went with what it is computed
/// from, and a publication could not name columns.
#[test]
fn every_kind_of_need_is_read() {
    let mut wrong = Vec::new();
    for case in CASES.iter().filter(|case| case.since <= server_version()) {
        let database = Database::fresh();
        database.execute(case.sql);
        let edges = lines(&database);
        if edges != case.edges {
            wrong.push(format!("{}:\n{}", case.what, edges.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The edges as the cases have them.
fn lines(database: &Database) -> Vec<String> {
    let role = database.value("select current_user").unwrap_or_default();
    let dependencies = read(database);
    let edges = dependencies.edges().map(|edge| {
        let line = format!("{} {:?} {}", edge.from, edge.kind, edge.to);
        let line = line.replace(&format!(" of {role} "), " of SUPERUSER ");
        line.replace("public.", "")
    });
    edges
        .filter(|line| !line.contains(" ColumnOf ") && !line.ends_with(" Uses schema public"))
        .collect()
}

#[test]
fn a_generated_column_needs_the_columns_that_it_is_computed_from() {
    let database = Database::fresh();
    database.execute("create table t (a integer, b integer generated always as (a + 1) stored)");
    // Before 15 it went with them.
    let kind = match server_version() {
        15.. => "Default",
        _ => "BelongsTo",
    };
    assert_eq!(lines(&database), [format!("column t.b {kind} column t.a")]);
}

#[test]
fn every_object_that_is_named_is_in_the_catalog() {
    let database = Database::fresh();
    database.execute(include_str!("../fixtures/catalog/everything.sql"));
    let catalog = catalog(&database);
    let objects: BTreeSet<_> = catalog.objects().into_iter().map(|o| o.id).collect();
    let dependencies = read(&database);
    assert!(dependencies.objects().len() > 100);
    for object in dependencies.objects() {
        assert!(objects.contains(object), "{object} is not in the catalog");
    }
}

#[test]
fn the_number_of_queries_does_not_depend_on_the_number_of_objects() {
    let database = Database::fresh();
    let mut session = database.session();
    let mut count = || {
        let before = session.messages_sent();
        read_through(&mut session);
        session.messages_sent() - before
    };
    assert_eq!(count(), MESSAGES);
    database.execute(include_str!("../fixtures/catalog/everything.sql"));
    assert_eq!(count(), MESSAGES);
}
