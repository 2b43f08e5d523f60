//! Every case whose catalog is kept is printed as expected, without a server.
//!
//! `tests/print_schema.rs` and `tests/subset.rs` of the core read the same cases from a server, and
//! see to it that the kept catalogs are what it gives.

#[path = "cases/kept.rs"]
mod kept;
#[path = "cases/print_schema.rs"]
mod print_schema;
#[path = "cases/subset.rs"]
mod subset;

use std::fs;

use kept::{cases, kept_catalog};
use migrate_catalog::Catalog;
use migrate_schema_rs::{PrintConfig, PrintError, Subset, is_generated, print_subset};
use migrate_text::name::QualifiedName;
use print_schema::{compare, expected, ours};

#[test]
fn every_kept_catalog_is_printed_as_diesel_does() {
    let mut count = 0;
    let mut failures = Vec::new();
    for case in cases("print_schema") {
        let Some(catalog) = kept_catalog(&case) else {
            continue;
        };
        count += 1;
        let wanted = expected(&case, "expected.rs");
        if let Err(difference) = compare(&ours(&case, &catalog), &wanted) {
            failures.push(format!("{}: {difference}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(count >= 100, "only {count} catalogs are kept");
}

#[test]
fn every_kept_subset_is_printed_as_expected() {
    let cases = cases("subset");
    assert!(cases.len() >= 7, "only {} cases were found", cases.len());
    for case in cases {
        let catalog = kept_catalog(&case).expect("the catalogs of subsets are small");
        let expected = fs::read_to_string(case.join("expected.rs")).expect("a case has a text");
        let printed = subset::printed(&case, &catalog);
        assert_eq!(printed, expected, "{}", case.display());
    }
}

#[test]
fn a_kept_catalog_is_written_as_it_was_read() {
    for case in cases("print_schema") {
        if let Some(catalog) = kept_catalog(&case) {
            let json = serde_json::to_string(&catalog).expect("a catalog can be written");
            let back: Catalog = serde_json::from_str(&json).expect("it can be read back");
            assert_eq!(catalog, back, "{}", case.display());
        }
    }
}

#[test]
fn what_cannot_be_printed_is_said() {
    let mut cases = cases("print_schema").into_iter();
    let case = cases.find(|case| case.ends_with("table_without_primary_key"));
    let catalog = case.and_then(|case| kept_catalog(&case));
    let catalog = catalog.expect("the catalog of the case is kept");
    let keyless = catalog
        .relations
        .values()
        .find(|relation| relation.primary_key().is_empty());
    let keyless = &keyless.expect("a table has no primary key").name;
    let print = |table| {
        let subset = Subset {
            service: "auth",
            versions: &[],
            owns: &[table],
            reads: &[],
        };
        print_subset(&catalog, &PrintConfig::default(), &subset).expect_err("it cannot be printed")
    };
    let missing = print(QualifiedName::new("public", "nowhere"));
    assert_eq!(
        missing.to_string(),
        "there is no table \"public\".\"nowhere\""
    );
    let error = print(keyless.clone());
    assert!(matches!(error, PrintError::NoPrimaryKey { table } if table == keyless.name));
}

#[test]
fn files_that_people_wrote_are_told_from_generated_ones() {
    assert!(is_generated("// @generated automatically by Diesel CLI.\n"));
    assert!(!is_generated(
        "diesel::table! { users (id) { id -> Int4, } }\n"
    ));
}
