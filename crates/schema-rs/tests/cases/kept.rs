//! The cases in `fixtures`, as the tests here and those of the core take them: there the schema is
//! made on a server and read, here its catalog is taken as it was kept.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_catalog::Catalog;

/// The folders of the cases of one sort, sorted.
pub fn cases(sort: &str) -> Vec<PathBuf> {
    // From either package.
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema-rs/tests/fixtures");
    let entries = fs::read_dir(fixtures.join(sort)).expect("the cases are there");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    cases.sort();
    cases
}

/// The catalog of a case as PostgreSQL 15 gave it; `None` if it was too large to be kept.
pub fn kept_catalog(case: &Path) -> Option<Catalog> {
    let json = fs::read_to_string(case.join("catalog.json")).ok()?;
    Some(serde_json::from_str(&json).expect("a kept catalog is one"))
}
