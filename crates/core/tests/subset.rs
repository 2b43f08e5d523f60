//! Every case in `fixtures/subset`: what a service sees of a schema.
//!
//! `UPDATE_EXPECTED=1` writes the expected files anew. `printed_schemas_compile.rs` compiles them.

#![expect(clippy::disallowed_methods, reason = "a test may ask its environment")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use migrate_catalog::Catalog;
use migrate_catalog::introspect::{self, Scope};
use migrate_schema_rs::{
    PrintConfig, PrintError, ReadTable, Subset, is_generated, print_subset, read_sections,
};
use migrate_text::name::QualifiedName;
use migrate_text::source::SourceFile;
use serde::Deserialize;
use testkit::Database;

#[derive(Deserialize)]
struct Settings {
    service: String,
    #[serde(default)]
    versions: Vec<String>,
    owns: Vec<String>,
    #[serde(default)]
    reads: BTreeMap<String, String>,
}

#[test]
fn every_case_is_printed_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/subset");
    let mut differing = Vec::new();
    for entry in fs::read_dir(folder).expect("the cases are there") {
        let case = entry.expect("the folder can be read").path();
        let printed = printed(&case);
        let expected = case.join("expected.rs");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &printed).expect("the case can be written to");
        }
        if fs::read_to_string(expected).ok().as_ref() != Some(&printed) {
            differing.push(format!("{}:\n{printed}", case.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn printed(case: &Path) -> String {
    let sql = fs::read_to_string(case.join("schema.sql")).expect("a case has a schema");
    let settings = fs::read_to_string(case.join("subset.toml")).expect("a case has a subset");
    let settings: Settings = toml::from_str(&settings).expect("the subset is right");
    let diesel_toml = fs::read_to_string(case.join("diesel.toml")).unwrap_or_default();
    let sections = read_sections(&SourceFile::new("diesel.toml", diesel_toml), |path| {
        fs::read_to_string(case.join(path))
    });
    let section = sections.expect("the case's diesel.toml is right").remove(0);

    let owns: Vec<QualifiedName> = settings.owns.iter().map(|table| name(table)).collect();
    let reads: Vec<ReadTable> = settings
        .reads
        .iter()
        .map(|(table, owner)| ReadTable {
            table: name(table),
            owner: owner.clone(),
        })
        .collect();
    let versions: Vec<&str> = settings.versions.iter().map(String::as_str).collect();
    let subset = Subset {
        service: &settings.service,
        versions: &versions,
        owns: &owns,
        reads: &reads,
    };
    let printed = print_subset(&catalog(&sql), &section.config, &subset);
    let text = printed.expect("the subset can be printed").text;
    assert!(is_generated(&text));
    text
}

fn catalog(sql: &str) -> Catalog {
    let database = Database::fresh();
    database.execute(sql);
    introspect::read(&mut database.session(), Scope::Shape).expect("the catalog can be read")
}

fn name(table: &str) -> QualifiedName {
    let (schema, name) = table.split_once('.').unwrap_or(("public", table));
    QualifiedName::new(schema, name)
}

#[test]
fn what_cannot_be_printed_is_said() {
    let catalog = catalog("CREATE TABLE log (line TEXT)");
    let print = |table: &str| {
        let subset = Subset {
            service: "auth",
            versions: &[],
            owns: &[name(table)],
            reads: &[],
        };
        print_subset(&catalog, &PrintConfig::default(), &subset).expect_err("it cannot be printed")
    };
    let missing = print("users");
    assert_eq!(
        missing.to_string(),
        "there is no table \"public\".\"users\""
    );
    let keyless = print("log");
    assert!(matches!(keyless, PrintError::NoPrimaryKey { table } if table == "log"));
}

#[test]
fn files_that_people_wrote_are_told_from_generated_ones() {
    assert!(is_generated("// @generated automatically by Diesel CLI.\n"));
    assert!(!is_generated(
        "diesel::table! { users (id) { id -> Int4, } }\n"
    ));
}
