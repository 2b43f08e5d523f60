//! Catalogs as values: written and read, compared, listed.

use migrate_catalog::{Catalog, Keyed, ObjectKind};
use migrate_text::name::QualifiedName;

/// A little of everything, in no order.
const CATALOG: &str = r#"{
    "schemas": [
        {"name": "public", "about": {"owner": "admin"}},
        {"name": "app", "about": {"owner": "admin", "comment": "The application's",
            "grants": [{"role": "reader", "privilege": "USAGE", "change": "granted"}]}}
    ],
    "extensions": [
        {"name": "citext", "schema": "app", "version": "1.6", "about": {"owner": "admin"}}
    ],
    "types": [
        {"name": {"schema": "app", "name": "mood"}, "about": {"owner": "admin"},
            "definition": {"enum": {"labels": ["sad", "it's ok"]}}}
    ],
    "sequences": [
        {"name": {"schema": "app", "name": "t_id_seq"}, "about": {"owner": "admin"},
            "data_type": "integer", "start": 1, "increment": 1, "minimum": 1, "maximum": 9,
            "cache": 1, "owned_by": {"table": {"schema": "app", "name": "t"}, "column": "id",
            "identity": false}}
    ],
    "relations": [
        {"name": {"schema": "app", "name": "v"}, "kind": "view", "about": {"owner": "admin"},
            "columns": [], "query": " SELECT 1"},
        {"name": {"schema": "app", "name": "t"}, "kind": "table", "about": {"owner": "admin"},
            "columns": [{"name": "id", "not_null": true, "default": "nextval('app.t_id_seq')",
                "data_type": {"sql": "integer", "kind": "base",
                    "name": {"schema": "pg_catalog", "name": "int4"}}}],
            "constraints": [{"name": "t_pkey", "kind": "primary_key", "columns": ["id"],
                "validated": true, "definition": "PRIMARY KEY (id)"}],
            "indexes": [{"name": "t_pkey", "columns": ["id"], "unique": true, "primary": true,
                "of_constraint": true, "valid": true, "definition": "CREATE UNIQUE INDEX ..."}]}
    ],
    "others": [
        {"kind": "publication", "identity": "news", "definition": "", "about": {"owner": "admin"}}
    ]
}"#;

fn catalog() -> Catalog {
    serde_json::from_str(CATALOG).expect("it is a catalog")
}

#[test]
fn a_catalog_is_equal_to_the_one_read_back() {
    let catalog = catalog();
    let json = serde_json::to_string(&catalog).expect("a catalog can be written");
    let back: Catalog = serde_json::from_str(&json).expect("it can be read back");
    assert_eq!(catalog, back);
    // What is as usual is not written, so that files stay small and old ones readable.
    assert!(!json.contains("row_security"), "{json}");
}

#[test]
fn what_is_unknown_is_refused() {
    let json = CATALOG.replace(
        "\"version\": \"1.6\"",
        "\"version\": \"1.6\", \"colour\": 1",
    );
    let error = serde_json::from_str::<Catalog>(&json).expect_err("there are no colours");
    assert!(error.to_string().contains("colour"), "{error}");
}

#[test]
fn two_objects_of_one_name_are_refused() {
    let json = CATALOG.replace("\"name\": \"v\"", "\"name\": \"t\"");
    let error = serde_json::from_str::<Catalog>(&json).expect_err("views are relations too");
    assert!(error.to_string().contains("same name"), "{error}");
}

#[test]
fn any_difference_makes_catalogs_unequal() {
    let changes = [
        ("\"it's ok\"", "\"ok\""),
        ("\" SELECT 1\"", "\" SELECT 2\""),
        ("\"not_null\": true", "\"not_null\": false"),
        ("\"The application's\"", "\"Another\""),
        ("\"change\": \"granted\"", "\"change\": \"revoked\""),
        ("\"identity\": \"news\"", "\"identity\": \"olds\""),
        ("\"cache\": 1", "\"cache\": 2"),
    ];
    for (before, after) in changes {
        let changed = CATALOG.replace(before, after);
        let changed: Catalog = serde_json::from_str(&changed).expect("it is a catalog");
        assert_ne!(catalog(), changed, "{before}");
    }
}

#[test]
fn objects_come_by_name_whatever_their_order_in_the_file() {
    let catalog = catalog();
    let ids: Vec<String> = catalog
        .objects()
        .iter()
        .map(|object| object.id.to_string())
        .collect();
    assert_eq!(
        ids,
        [
            "schema app",
            "schema public",
            "extension citext",
            "enum app.mood",
            "sequence app.t_id_seq",
            "table app.t",
            "constraint app.t.t_pkey",
            "index app.t.t_pkey",
            "column app.t.id",
            "view app.v",
            "object publication news",
        ]
    );
}

#[test]
fn an_object_tells_what_it_is_and_whose() {
    let catalog = catalog();
    let objects = catalog.objects();
    let of_kind = |kind| {
        let found = objects.iter().find(|object| object.id.kind == kind);
        found.expect("there is one of each")
    };
    let cases = [
        (ObjectKind::Schema, "", "admin"),
        (ObjectKind::Extension, "SCHEMA app VERSION 1.6", "admin"),
        (ObjectKind::Enum, "(E'sad', E'it''s ok')", "admin"),
        (
            ObjectKind::Sequence,
            "AS integer START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9 CACHE 1 \
             OWNED BY \"app\".\"t\".\"id\"",
            "admin",
        ),
        (ObjectKind::Table, "(\"id\")", "admin"),
        (
            ObjectKind::Column,
            "integer DEFAULT nextval('app.t_id_seq') NOT NULL",
            "",
        ),
        (ObjectKind::Constraint, "PRIMARY KEY (id)", ""),
        (ObjectKind::View, "() AS SELECT 1", "admin"),
    ];
    for (kind, definition, owner) in cases {
        let object = of_kind(kind);
        assert_eq!(
            (object.definition.as_str(), object.owner),
            (definition, owner),
            "{kind:?}"
        );
    }
    let schema = of_kind(ObjectKind::Schema);
    assert_eq!(schema.comment, Some("The application's"));
    assert_eq!(schema.grants.len(), 1);
}

#[test]
fn a_relation_is_known_by_its_name_and_knows_its_key() {
    let catalog = catalog();
    let name = QualifiedName::new("app", "t");
    let table = &catalog.relations[&name];
    assert_eq!(table.key(), name);
    assert_eq!(table.primary_key(), ["id"]);
    assert!(
        table
            .column("id")
            .is_some_and(|column| column.fills_itself())
    );
    assert!(table.column("name").is_none());
}
