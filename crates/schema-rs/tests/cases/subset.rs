//! What is printed of a case in `fixtures/subset`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use migrate_catalog::Catalog;
use migrate_schema_rs::{ReadTable, Subset, is_generated, print_subset, read_sections};
use migrate_text::name::QualifiedName;
use migrate_text::source::SourceFile;
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    service: String,
    #[serde(default)]
    versions: Vec<String>,
    owns: Vec<String>,
    #[serde(default)]
    reads: BTreeMap<String, String>,
}

/// The text of the case's subset.
pub fn printed(case: &Path, catalog: &Catalog) -> String {
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
    let printed = print_subset(catalog, &section.config, &subset);
    let text = printed.expect("the subset can be printed").text;
    assert!(is_generated(&text));
    text
}

/// A table as the settings name it; without a schema it is in `public`.
fn name(table: &str) -> QualifiedName {
    let (schema, name) = table.split_once('.').unwrap_or(("public", table));
    QualifiedName::new(schema, name)
}
