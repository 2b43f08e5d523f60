//! The catalogs of cases, read from a server and compared with those that are kept.

#[path = "../../../schema-rs/tests/cases/kept.rs"]
mod kept;

use std::fs;
use std::path::Path;

pub use kept::cases;
use migrate_catalog::Catalog;
use migrate_catalog::introspect::{self, Scope};
use testkit::{Database, server_version};

/// The version that the kept catalogs are of.
const KEPT_OF: i32 = 15;

/// A catalog of more bytes as text is not kept: what it is about is its size.
const TOO_LARGE: usize = 32 * 1024;

/// The catalog that a case's database has.
///
/// On the version that the kept ones are of, it must be as it was kept, or with `UPDATE_EXPECTED=1`
/// is kept anew.
pub fn catalog(case: &Path, database: &Database) -> Result<Catalog, String> {
    let catalog = introspect::read(&mut database.session(), Scope::Shape);
    let mut catalog = catalog.expect("the catalog can be read");
    // Whoever runs the tests owns all of it, and no one else is in it.
    let relations = catalog.relations.values_mut().map(|one| &mut one.about);
    let types = catalog.types.values_mut().map(|one| &mut one.about);
    let sequences = catalog.sequences.values_mut().map(|one| &mut one.about);
    let extensions = catalog.extensions.values_mut().map(|one| &mut one.about);
    let schemas = catalog.schemas.values_mut().map(|one| &mut one.about);
    let abouts = relations.chain(types).chain(sequences);
    for about in abouts.chain(extensions).chain(schemas) {
        about.owner.clear();
    }
    if server_version() == KEPT_OF {
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            keep(case, &catalog);
        }
        if kept::kept_catalog(case).is_some_and(|kept| kept != catalog) {
            return Err("the kept catalog is another".to_owned());
        }
    }
    Ok(catalog)
}

fn keep(case: &Path, catalog: &Catalog) {
    let path = case.join("catalog.json");
    let json = serde_json::to_string(catalog).expect("a catalog can be written");
    match json.len() <= TOO_LARGE {
        true => fs::write(path, json + "\n").expect("the case can be written to"),
        false => drop(fs::remove_file(path)),
    }
}
