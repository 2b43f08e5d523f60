//! Every case in `fixtures/subset` of `schema-rs`: what a service sees of a schema.
//!
//! `UPDATE_EXPECTED=1` writes the expected files anew. `printed_schemas_compile.rs` compiles them.

#![expect(clippy::disallowed_methods, reason = "a test may ask its environment")]

mod kept_catalogs;
#[path = "../../schema-rs/tests/cases/subset.rs"]
mod subset;

use std::fs;
use std::path::Path;

use testkit::Database;

#[test]
fn every_case_is_printed_as_expected() {
    let mut differing = Vec::new();
    for case in kept_catalogs::cases("subset") {
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
    let database = Database::fresh();
    let sql = fs::read_to_string(case.join("schema.sql")).expect("a case has a schema");
    database.execute(&sql);
    let catalog = kept_catalogs::catalog(case, &database);
    subset::printed(case, &catalog.expect("the catalog is as it was kept"))
}
