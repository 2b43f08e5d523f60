//! The questions that dependencies answer, on values made in memory.

use EdgeKind::{BelongsTo, ColumnOf, Default, Inherits, Lists, OwnedBy, PartOf, Uses};
use migrate_catalog::{Dependencies, Edge, EdgeKind, ObjectId, ObjectKind};
use migrate_text::name::QualifiedName;

/// `table t`, `column t.c`, `schema s`: an object in the schema `public`, if it lives in one.
fn id(text: &str) -> ObjectId {
    let (kind, name) = text.split_once(' ').expect("a kind and a name");
    let kind = match kind {
        "schema" => return ObjectId::global(ObjectKind::Schema, name),
        "publication" => return ObjectId::other(kind, name),
        "enum" => ObjectKind::Enum,
        "sequence" => ObjectKind::Sequence,
        "routine" => ObjectKind::Routine,
        "table" => ObjectKind::Table,
        "view" => ObjectKind::View,
        "column" => ObjectKind::Column,
        "constraint" => ObjectKind::Constraint,
        "index" => ObjectKind::Index,
        _ => panic!("{kind} is no kind of these tests"),
    };
    match name.split_once('.') {
        Some((whole, part)) => ObjectId::part(kind, &QualifiedName::new("public", whole), part),
        None => ObjectId::of(kind, &QualifiedName::new("public", name)),
    }
}

type Edges = &'static [(&'static str, EdgeKind, &'static str)];

fn dependencies(edges: Edges) -> Dependencies {
    let edges = edges.iter();
    Dependencies::of(edges.map(|(from, kind, to)| (id(from), *kind, id(to))))
}

fn shown<'i>(objects: impl IntoIterator<Item = &'i ObjectId>) -> Vec<String> {
    let objects = objects.into_iter().map(ToString::to_string);
    objects
        .map(|object| object.replace("public.", ""))
        .collect()
}

fn shown_edges(edges: Vec<Edge<'_>>) -> Vec<String> {
    let edges = edges.into_iter().map(|edge| {
        let names = shown([edge.from, edge.to]);
        format!("{} {:?} {}", names[0], edge.kind, names[1])
    });
    edges.collect()
}

/// Two tables with keys, a foreign key between them, a serial, a view and a view on it.
const SHOP: Edges = &[
    ("table users", Uses, "schema app"),
    ("column users.id", ColumnOf, "table users"),
    ("column users.mood", ColumnOf, "table users"),
    ("column users.mood", Uses, "enum mood"),
    ("constraint users.pkey", BelongsTo, "column users.id"),
    ("index users.pkey", PartOf, "constraint users.pkey"),
    ("column orders.id", ColumnOf, "table orders"),
    ("column orders.id", Default, "sequence orders_id"),
    ("sequence orders_id", OwnedBy, "column orders.id"),
    ("column orders.user", ColumnOf, "table orders"),
    ("constraint orders.fkey", BelongsTo, "column orders.user"),
    ("constraint orders.fkey", Uses, "column users.id"),
    ("constraint orders.fkey", Uses, "index users.pkey"),
    ("view names", Uses, "column users.mood"),
    ("view again", Uses, "view names"),
    ("publication news", Lists, "table orders"),
    ("publication news", Uses, "column orders.id"),
];

#[test]
fn what_an_object_needs_is_what_its_columns_need_too() {
    let shop = dependencies(SHOP);
    let cases: [(&str, &[&str]); 5] = [
        (
            "table users",
            &[
                "table users Uses schema app",
                "column users.mood Uses enum mood",
            ],
        ),
        (
            "column users.mood",
            &[
                "column users.mood Uses enum mood",
                "column users.mood ColumnOf table users",
            ],
        ),
        (
            "table orders",
            &["column orders.id Default sequence orders_id"],
        ),
        ("view again", &["view again Uses view names"]),
        ("table unknown", &[]),
    ];
    for (object, expected) in cases {
        assert_eq!(shown_edges(shop.needs(&id(object))), expected, "{object}");
    }
}

#[test]
fn what_needs_an_object_is_what_needs_its_columns_too() {
    let shop = dependencies(SHOP);
    let cases: [(&str, &[&str]); 4] = [
        (
            "table users",
            &[
                "view names Uses column users.mood",
                "constraint orders.fkey Uses column users.id",
                "constraint users.pkey BelongsTo column users.id",
            ],
        ),
        (
            "column users.id",
            &[
                "constraint orders.fkey Uses column users.id",
                "constraint users.pkey BelongsTo column users.id",
            ],
        ),
        (
            "sequence orders_id",
            &["column orders.id Default sequence orders_id"],
        ),
        ("view again", &[]),
    ];
    for (object, expected) in cases {
        let edges = shown_edges(shop.needed_by(&id(object)));
        assert_eq!(edges, expected, "{object}");
    }
}

#[test]
fn needs_are_followed_to_their_end() {
    let shop = dependencies(SHOP);
    let needs: [(&str, &[&str]); 3] = [
        (
            "view again",
            &[
                "schema app",
                "enum mood",
                "table users",
                "view names",
                "column users.id",
                "column users.mood",
            ],
        ),
        (
            "sequence orders_id",
            &["table orders", "column orders.id", "column orders.user"],
        ),
        ("schema app", &[]),
    ];
    for (object, expected) in needs {
        assert_eq!(shown(shop.all_needs(&id(object))), expected, "{object}");
    }
    let needed_by: [(&str, &[&str]); 3] = [
        (
            "enum mood",
            &["view again", "view names", "column users.mood"],
        ),
        (
            "constraint users.pkey",
            &["constraint orders.fkey", "index users.pkey"],
        ),
        ("view again", &[]),
    ];
    for (object, expected) in needed_by {
        let all = shown(shop.all_needed_by(&id(object)));
        assert_eq!(all, expected, "{object}");
    }
}

#[test]
fn what_belongs_to_an_object_is_dropped_with_it() {
    let shop = dependencies(SHOP);
    let cases: [(&str, &[&str]); 4] = [
        (
            "table orders",
            &[
                "sequence orders_id",
                "column orders.id",
                "column orders.user",
                "constraint orders.fkey",
            ],
        ),
        ("column orders.user", &["constraint orders.fkey"]),
        ("constraint users.pkey", &["index users.pkey"]),
        ("enum mood", &[]),
    ];
    for (object, expected) in cases {
        assert_eq!(shown(shop.dropped_with(&id(object))), expected, "{object}");
    }
}

#[test]
fn an_object_is_dropped_unless_something_that_stays_needs_it() {
    let shop = dependencies(SHOP);
    let cases: [(&str, &[&str]); 9] = [
        (
            "table users",
            &[
                "view names Uses column users.mood",
                "constraint orders.fkey Uses column users.id",
                "constraint orders.fkey Uses index users.pkey",
            ],
        ),
        // The publication forgets it, and with it the column that it names.
        ("table orders", &[]),
        ("column orders.user", &[]),
        (
            "column orders.id",
            &["object publication news Uses column orders.id"],
        ),
        // The default that needs it is not its own.
        (
            "sequence orders_id",
            &["column orders.id Default sequence orders_id"],
        ),
        // It goes with the constraint only.
        (
            "index users.pkey",
            &[
                "constraint orders.fkey Uses index users.pkey",
                "index users.pkey PartOf constraint users.pkey",
            ],
        ),
        ("constraint orders.fkey", &[]),
        ("view names", &["view again Uses view names"]),
        ("table unknown", &[]),
    ];
    for (object, expected) in cases {
        let edges = shown_edges(shop.in_the_way(&id(object)));
        assert_eq!(edges, expected, "{object}");
    }
}

#[test]
fn the_index_of_a_partition_goes_with_either_of_its_wholes() {
    let partitions = dependencies(&[
        ("index whole.i", BelongsTo, "table whole"),
        ("table part", BelongsTo, "table whole"),
        ("index part.i", BelongsTo, "table part"),
        ("index part.i", Inherits, "index whole.i"),
    ]);
    for whole in ["table whole", "index whole.i", "table part"] {
        assert!(partitions.in_the_way(&id(whole)).is_empty(), "{whole}");
        let going = partitions.dropped_with(&id(whole));
        assert!(going.contains(&id("index part.i")), "{whole}");
    }
    assert_eq!(
        shown_edges(partitions.in_the_way(&id("index part.i"))),
        ["index part.i Inherits index whole.i"]
    );
}

/// What is created in which order, and what is left for later.
fn order(edges: Edges, objects: &[&str]) -> (Vec<String>, Vec<String>) {
    let dependencies = dependencies(edges);
    let objects: Vec<ObjectId> = objects.iter().map(|object| id(object)).collect();
    let order = dependencies.creation_order(&objects);
    (shown(order.objects), shown_edges(order.later))
}

#[test]
fn objects_are_created_after_what_they_need() {
    let (objects, later) = order(
        SHOP,
        &[
            "view again",
            "view names",
            "constraint orders.fkey",
            "index users.pkey",
            "constraint users.pkey",
            "column users.mood",
            "column users.id",
            "column orders.id",
            "table users",
            "table orders",
            "sequence orders_id",
            "enum mood",
            "schema app",
        ],
    );
    assert_eq!(
        objects,
        [
            "schema app",
            "enum mood",
            "sequence orders_id",
            "table orders",
            "column orders.id",
            "table users",
            "column users.id",
            "column users.mood",
            "view names",
            "view again",
            "constraint users.pkey",
            "index users.pkey",
            "constraint orders.fkey",
        ]
    );
    assert_eq!(later, ["sequence orders_id OwnedBy column orders.id"]);
}

#[test]
fn what_is_between_two_objects_orders_them_though_it_is_there_already() {
    let chain: Edges = &[
        ("routine z", Uses, "view between"),
        ("view between", Uses, "column t.c"),
        ("column t.c", ColumnOf, "table t"),
    ];
    assert_eq!(
        order(chain, &["routine z", "table t"]).0,
        ["table t", "routine z"]
    );
    // A column that is added to a table comes by itself.
    assert_eq!(
        order(chain, &["routine z", "column t.c", "schema new"]).0,
        ["schema new", "column t.c", "routine z"]
    );
}

#[test]
fn a_circle_is_broken_where_that_is_easiest() {
    let cases: [(&str, Edges, &[&str], &[&str]); 5] = [
        (
            "tables that refer to each other: their keys come later anyway",
            &[
                ("constraint a.fkey", BelongsTo, "table a"),
                ("constraint a.fkey", Uses, "table b"),
                ("constraint b.fkey", BelongsTo, "table b"),
                ("constraint b.fkey", Uses, "table a"),
            ],
            &[
                "table a",
                "table b",
                "constraint a.fkey",
                "constraint b.fkey",
            ],
            &[],
        ),
        (
            "views that were replaced until they looked at each other",
            &[
                ("view a", Uses, "view b"),
                ("view b", Uses, "view c"),
                ("view c", Uses, "view a"),
            ],
            &["view a", "view c", "view b"],
            &["view a Uses view b"],
        ),
        (
            "a default by a function that reads the table",
            &[
                ("column t.c", ColumnOf, "table t"),
                ("column t.c", Default, "routine f"),
                ("routine f", Uses, "column t.c"),
            ],
            &["table t", "column t.c", "routine f"],
            &["column t.c Default routine f"],
        ),
        (
            "a function that takes what a view gives",
            &[("view v", Uses, "routine f"), ("routine f", Uses, "view v")],
            &["view v", "routine f"],
            &["view v Uses routine f"],
        ),
        (
            "two circles in one",
            &[
                ("routine a", Uses, "routine b"),
                ("routine b", Uses, "routine a"),
                ("routine b", Uses, "routine c"),
                ("routine c", Uses, "routine b"),
            ],
            &["routine a", "routine b", "routine c"],
            &["routine a Uses routine b", "routine b Uses routine c"],
        ),
    ];
    for (case, edges, objects, expected) in cases {
        let (objects_in_order, later) = order(edges, objects);
        assert_eq!(objects_in_order, objects, "{case}");
        assert_eq!(later, expected, "{case}");
    }
}

#[test]
fn the_order_does_not_depend_on_the_order_of_the_question() {
    let shop = dependencies(SHOP);
    let forwards = shop.creation_order(shop.objects());
    let backwards = shop.creation_order(shop.objects().iter().rev());
    assert_eq!(forwards, backwards);
    assert_eq!(forwards.objects.len(), shop.objects().len());
}

#[test]
fn equal_dependencies_are_equal_however_they_were_found() {
    let mut turned = SHOP.to_vec();
    turned.reverse();
    turned.push(SHOP[0]);
    let turned = turned.iter();
    let turned = Dependencies::of(turned.map(|(from, kind, to)| (id(from), *kind, id(to))));
    let shop = dependencies(SHOP);
    assert_eq!(shop, turned);
    assert_ne!(shop, dependencies(&SHOP[1..]));
    assert!(shop.edges().is_sorted());
    assert_eq!(shop.edges().count(), SHOP.len());
}

#[test]
fn nothing_needs_itself() {
    let itself = dependencies(&[("view v", Uses, "view v")]);
    assert_eq!(itself, Dependencies::default());
    assert!(itself.objects().is_empty());
}

#[test]
fn dependencies_survive_being_written_and_read() {
    let shop = dependencies(SHOP);
    let json = serde_json::to_string(&shop).expect("dependencies can be written");
    let back: Dependencies = serde_json::from_str(&json).expect("they can be read back");
    assert_eq!(shop, back);
}

#[test]
fn a_dependency_of_nothing_is_refused() {
    let json = r#"{"objects": [{"kind": "table", "name": "t"}], "edges": [[0, 1, "uses"]]}"#;
    let error = serde_json::from_str::<Dependencies>(json).expect_err("1 is not listed");
    assert!(error.to_string().contains("not listed"), "{error}");
}
