//! The catalog as it is read from a real server.

use std::fmt::Write;

use migrate_catalog::introspect::{self, Scope};
use migrate_catalog::{Catalog, GrantChange, Object, ObjectId, ObjectKind};
use migrate_postgres::Session;
use migrate_text::name::QualifiedName;
use testkit::large_history::{HistoryOptions, write_large_history_with};
use testkit::{Database, server_version};

const EVERYTHING: &str = include_str!("fixtures/catalog/everything.sql");

/// How many messages reading sends: one for each kind of object, and one each to begin and end.
const MESSAGES: u64 = 21;

fn read(database: &Database) -> Catalog {
    read_through(&mut database.session())
}

fn read_through(session: &mut Session) -> Catalog {
    introspect::read(session, Scope::Everything).expect("the catalog can be read")
}

fn with_schema(sql: &str) -> Database {
    let database = Database::fresh();
    database.execute(sql);
    database
}

/// One line for each object, and one for each thing to say about it. Members of extensions are
/// left out: they are many.
fn summary(catalog: &Catalog, kinds: impl Fn(ObjectKind) -> bool) -> String {
    let owner = &catalog.relations.values().next().map(|r| &r.about.owner);
    let mut text = String::new();
    for object in catalog.objects() {
        if !kinds(object.id.kind) || object.extension.is_some() {
            continue;
        }
        let definition = object.definition.replace('\n', "\n    ");
        let _ = writeln!(text, "{}\n    {definition}", object.id);
        if !object.owner.is_empty() && owner.is_some_and(|owner| owner != object.owner) {
            let _ = writeln!(text, "    owner: {}", object.owner);
        }
        if let Some(comment) = object.comment {
            let _ = writeln!(text, "    comment: {comment:?}");
        }
        for grant in object.grants {
            let role = grant.role.as_deref().unwrap_or("PUBLIC");
            let change = match grant.change {
                GrantChange::Granted => "to",
                GrantChange::GrantedWithGrantOption => "with grant option to",
                GrantChange::Revoked => "revoked from",
            };
            let _ = writeln!(text, "    {} {change} {role}", grant.privilege);
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    without_superuser(catalog, &lines.join("\n"))
}

/// What is not the same on every server: the version since which it differs, the snapshot that has
/// it, how it was before, and how it is since.
const DIFFERENT: [(i32, &str, &str, &str); 8] = [
    (
        14,
        "others",
        "subtype_diff = float8mi",
        "subtype_diff = float8mi, multirange \"app\".\"float_multirange\"",
    ),
    (
        15,
        "others",
        "schema public\n\n",
        "schema public\n\n    owner: pg_database_owner\n",
    ),
    (15, "others", "\n    CREATE to PUBLIC\n", "\n"),
    (16, "relations", "SELECT ladder.n\n", "SELECT n\n"),
    (18, "others", "app VERSION 1.6", "app VERSION 1.8"),
    (18, "others", "public VERSION 1.3", "public VERSION 1.4"),
    (
        18,
        "others",
        "\"pubviaroot\"",
        "\"pubgencols\": \"n\", \"pubviaroot\"",
    ),
    (
        18,
        "changes",
        "    routine public.gen_random_bytes(integer)\n",
        "    routine public.fips_mode()\n    routine public.gen_random_bytes(integer)\n",
    ),
];

/// What a snapshot has to show, as it would be on PostgreSQL 15.
fn as_on_15(snapshot: &str, mut text: String) -> String {
    for (since, of, before, now) in DIFFERENT {
        let on = |version| if version < since { before } else { now };
        let (here, there) = (on(server_version()), on(15));
        if of == snapshot && here != there {
            assert_eq!(text.matches(here).count(), 1, "{here:?} in {text}");
            text = text.replace(here, there);
        }
    }
    text
}

/// The tests' own role is not called the same everywhere.
fn without_superuser(catalog: &Catalog, text: &str) -> String {
    let mut relations = catalog.relations.values();
    let superuser = relations.next().map_or("", |first| &first.about.owner);
    text.replace(&format!(" of {superuser}"), " of SUPERUSER")
}

/// The identities of what two catalogs do not share or do not agree on.
fn differences(before: &Catalog, after: &Catalog) -> Vec<String> {
    let (before, after) = (before.objects(), after.objects());
    let changed = |of: &[Object<'_>], other: &[Object<'_>]| -> Vec<ObjectId> {
        let only_here = of.iter().filter(|object| !other.contains(object));
        only_here.map(|object| object.id.clone()).collect()
    };
    let mut ids = changed(&before, &after);
    ids.extend(changed(&after, &before));
    ids.sort();
    ids.dedup();
    ids.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_is_read() {
    let catalog = read(&with_schema(EVERYTHING));
    use ObjectKind as Kind;
    let of_tables = [
        Kind::Table,
        Kind::PartitionedTable,
        Kind::ForeignTable,
        Kind::View,
        Kind::MaterializedView,
        Kind::Column,
        Kind::Constraint,
        Kind::Index,
    ];
    let relations = summary(&catalog, |kind| of_tables.contains(&kind));
    insta::assert_snapshot!("relations", as_on_15("relations", relations));
    let others = summary(&catalog, |kind| !of_tables.contains(&kind));
    insta::assert_snapshot!("others", as_on_15("others", others));
}

#[test]
fn a_column_tells_a_code_generator_all_it_asks() {
    let catalog = read(&with_schema(EVERYTHING));
    let tenants = &catalog.relations[&QualifiedName::new("app", "tenants")];
    let mut text = String::new();
    for column in &tenants.columns {
        let data_type = &column.data_type;
        let _ = write!(
            text,
            "{}: {} = {}",
            column.name, data_type.sql, data_type.name
        );
        let _ = write!(text, " {:?}", data_type.kind);
        if let Some(element) = &data_type.element {
            let _ = write!(text, " [{} {:?}]", element.name, element.kind);
        }
        let beneath = data_type.beneath_domains();
        if beneath != data_type {
            let _ = write!(text, " over {}", beneath.name);
        }
        if let Some(length) = data_type.max_length {
            let _ = write!(text, " max {length}");
        }
        let null = if column.takes_null() { " null" } else { "" };
        let fills = if column.fills_itself() { " fills" } else { "" };
        let _ = writeln!(text, "{null}{fills}");
    }
    insta::assert_snapshot!(text, @r#"
    id: bigint = "pg_catalog"."int8" Base fills
    name: app.citext = "app"."citext" Base
    tags: text[] = "pg_catalog"."_text" Base ["pg_catalog"."text" Base] fills
    grid: integer[] = "pg_catalog"."_int4" Base ["pg_catalog"."int4" Base] null
    mood: app.mood = "app"."mood" Enum null fills
    moods: app.mood[] = "app"."_mood" Base ["app"."mood" Enum] null
    contact: app.short_email = "app"."short_email" Domain over "pg_catalog"."text"
    place: app.address = "app"."address" Composite null
    spread: app.float_range = "app"."float_range" Range null
    code: character(3) = "pg_catalog"."bpchar" Base max 3 null
    bits: bit varying(5) = "pg_catalog"."varbit" Base max 5 null
    since: timestamp with time zone = "pg_catalog"."timestamptz" Base fills
    amount: numeric(12,2) = "pg_catalog"."numeric" Base null
    doubled: numeric = "pg_catalog"."numeric" Base null fills
    "#);

    let members = &catalog.relations[&QualifiedName::new("app", "members")];
    assert_eq!(members.primary_key(), ["tenant", "id"]);
    let keys: Vec<String> = members
        .foreign_keys()
        .map(|(key, to)| {
            let from = key.columns.join(", ");
            format!(
                "{}: ({from}) -> {} ({})",
                key.name,
                to.table,
                to.columns.join(", ")
            )
        })
        .collect();
    assert_eq!(
        keys,
        [
            r#"boss_is_member: (tenant, boss) -> "app"."members" (tenant, id)"#,
            r#"members_tenant_fkey: (tenant) -> "app"."tenants" (id)"#,
        ]
    );
}

#[test]
fn what_an_extension_brings_along_is_marked() {
    let catalog = read(&with_schema(EVERYTHING));
    let citext = &catalog.types[&QualifiedName::new("app", "citext")];
    assert_eq!(citext.about.extension.as_deref(), Some("citext"));
    let mood = &catalog.types[&QualifiedName::new("app", "mood")];
    assert_eq!(mood.about.extension, None);
    let members = |extension: &str| {
        let objects = catalog.objects();
        let of = |object: &&Object<'_>| object.extension == Some(extension);
        objects.iter().filter(of).count()
    };
    assert!(members("pgcrypto") >= 30, "{}", members("pgcrypto"));
    assert!(members("citext") >= 60, "{}", members("citext"));
    assert!(catalog.extensions.contains_key("plpgsql"));
}

#[test]
fn the_ledger_is_no_part_of_it() {
    let database = Database::fresh();
    let before = read(&database);
    database.execute(
        "create table __diesel_schema_migrations (version varchar(50) primary key); \
         create table __migrate_ledger (id bigserial primary key, note text check (note <> '')); \
         create index on __migrate_ledger (note); \
         comment on column __migrate_ledger.note is 'a note'; \
         grant select on __migrate_ledger to public; \
         alter table __migrate_ledger enable row level security; \
         create policy p on __migrate_ledger; \
         create statistics s on id, note from __migrate_ledger",
    );
    assert_eq!(differences(&before, &read(&database)), Vec::<String>::new());
    assert_eq!(before, read(&database));
}

#[test]
fn the_order_of_creation_does_not_show() {
    let one = with_schema(
        "create schema a; create schema b; \
         create type a.t as enum ('x'); create type b.t as (n integer); \
         create table a.one (id integer primary key, gone text, t a.t, c text check (c <> '')); \
         alter table a.one drop column gone; \
         create table b.two (id integer references a.one, t b.t); \
         create index i on a.one (t); create index j on a.one (c); \
         create function a.f(integer) returns integer language sql as 'select 1'; \
         create function a.f(text) returns integer language sql as 'select 2'; \
         comment on table a.one is 'One'; grant select, insert on a.one to public",
    );
    let other = with_schema(
        "create schema b; create schema a; create table unrelated (); drop table unrelated; \
         create function a.f(text) returns integer language sql as 'select 2'; \
         create type b.t as (n integer); create type a.t as enum ('x'); \
         create table b.two (id integer, t b.t); \
         create table a.one (id integer not null, t a.t, c text); \
         grant insert on a.one to public; comment on table a.one is 'One'; \
         create function a.f(integer) returns integer language sql as 'select 1'; \
         create index j on a.one (c); create index i on a.one (t); \
         grant select on a.one to public; \
         alter table a.one add check (c <> ''); alter table a.one add primary key (id); \
         alter table b.two add foreign key (id) references a.one",
    );
    let (one, other) = (read(&one), read(&other));
    assert_eq!(differences(&one, &other), Vec::<String>::new());
    assert_eq!(one, other);
}

#[test]
fn a_change_of_each_kind_is_seen() {
    let database = with_schema(EVERYTHING);
    let mut session = database.session();
    let before = read_through(&mut session);
    let mut text = String::new();
    for change in include_str!("fixtures/catalog/changes.sql").lines() {
        if change.is_empty() || change.starts_with("--") {
            continue;
        }
        session
            .execute(&format!("begin; {change}"))
            .unwrap_or_else(|error| panic!("{change}: {error}"));
        // Inside the transaction: it sees what that has done, and leaves it open.
        let after = read_through(&mut session);
        session
            .execute("rollback")
            .expect("it was in a transaction");
        assert_ne!(before, after, "{change}");
        let _ = writeln!(text, "{change}");
        for difference in differences(&before, &after) {
            let _ = writeln!(text, "    {difference}");
        }
    }
    assert_eq!(before, read_through(&mut session));
    let text = as_on_15("changes", without_superuser(&before, &text));
    insta::assert_snapshot!("changes", text);
}

#[test]
fn the_number_of_queries_does_not_depend_on_the_number_of_tables() {
    let database = with_schema("create table first (id integer primary key)");
    let mut session = database.session();
    let count = |session: &mut Session, scope| {
        let before = session.messages_sent();
        introspect::read(session, scope).expect("the catalog can be read");
        session.messages_sent() - before
    };
    assert_eq!(count(&mut session, Scope::Everything), MESSAGES);
    let shape = count(&mut session, Scope::Shape);
    assert!(shape < MESSAGES);
    database.execute(
        "do $$ begin for i in 1..200 loop execute format( \
         'create table t%s (id serial primary key, first integer references first, \
          name varchar(20) check (name <> ''''))', i); \
         execute format('create index on t%s (name)', i); end loop; end $$",
    );
    assert_eq!(count(&mut session, Scope::Everything), MESSAGES);
    assert_eq!(count(&mut session, Scope::Shape), shape);
}

#[test]
fn the_shape_is_everything_without_the_details() {
    let database = with_schema(EVERYTHING);
    let mut session = database.session();
    let shape = introspect::read(&mut session, Scope::Shape).expect("the shape can be read");
    let everything = read_through(&mut session);
    let names = |catalog: &Catalog| catalog.relations.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&shape), names(&everything));
    for (name, whole) in &everything.relations {
        let part = &shape.relations[name];
        assert_eq!(part.primary_key(), whole.primary_key());
        let targets = |keys: &migrate_catalog::Relation| -> Vec<_> {
            keys.foreign_keys()
                .map(|(key, to)| (key.columns.clone(), to.clone()))
                .collect()
        };
        assert_eq!(targets(part), targets(whole));
        assert_eq!(part.about.comment, whole.about.comment);
        let types = |relation: &migrate_catalog::Relation| -> Vec<_> {
            let columns = relation.columns.iter();
            columns
                .map(|column| (column.name.clone(), column.data_type.clone()))
                .collect()
        };
        assert_eq!(types(part), types(whole));
    }
    assert!(shape.routines.is_empty());
}

#[test]
fn the_session_is_left_as_it_was() {
    let database = with_schema("create schema app");
    let mut session = database.session();
    session
        .execute("set search_path = app; set timezone = 'Asia/Tokyo'; set jit = on")
        .expect("settings can be set");
    let settings =
        "select current_setting('search_path') as path, current_setting('TimeZone') as zone";
    let check = |session: &mut Session| {
        let rows = session.query(settings, &[]).expect("settings can be read");
        let row = rows.first().expect("there is one row");
        assert_eq!((row.str("path"), row.str("zone")), ("app", "Asia/Tokyo"));
    };
    let catalog = read_through(&mut session);
    assert!(!session.in_transaction());
    check(&mut session);

    session
        .execute("begin; create table inside ()")
        .expect("a transaction can be begun");
    let inside = read_through(&mut session);
    assert!(session.in_transaction());
    check(&mut session);
    assert_eq!(differences(&catalog, &inside), ["table app.inside"]);
    session
        .execute("commit")
        .expect("the transaction still stands");
    assert_eq!(inside, read_through(&mut session));
}

#[test]
fn nothing_depends_on_the_settings_of_the_role() {
    let database = with_schema(EVERYTHING);
    let plain = read(&database);
    let mut session = database.session();
    session
        .execute(
            "set search_path = app, public; set timezone = 'Asia/Tokyo'; \
             set datestyle = 'German'; set quote_all_identifiers = on; \
             set standard_conforming_strings = off; set bytea_output = 'escape'",
        )
        .expect("settings can be set");
    assert_eq!(plain, read_through(&mut session));
}

#[test]
fn a_catalog_survives_being_written_and_read() {
    let catalog = read(&with_schema(EVERYTHING));
    let json = serde_json::to_string(&catalog).expect("a catalog can be written");
    let back: Catalog = serde_json::from_str(&json).expect("a catalog can be read back");
    assert_eq!(catalog, back);
}

#[test]
fn a_large_history_survives_too() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_large_history_with(folder.path(), 400, HistoryOptions::of_server())
        .expect("it can be written");
    let database = Database::with_history(folder.path());
    let catalog = read(&database);
    assert!(catalog.relations.len() > 80, "{}", catalog.relations.len());
    let ids: Vec<ObjectId> = catalog
        .objects()
        .into_iter()
        .map(|object| object.id)
        .collect();
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len(), "an identity is given twice");
    let json = serde_json::to_string(&catalog).expect("a catalog can be written");
    let back: Catalog = serde_json::from_str(&json).expect("a catalog can be read back");
    assert_eq!(catalog, back);
    assert_eq!(catalog, read(&database));
}
