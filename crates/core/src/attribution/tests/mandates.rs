//! What the guard in a migration's transaction is told.

use crate::attribution::{Attribution, Late};
use migrate_text::class::Class;
use migrate_text::name::QualifiedName;

use super::{SO_FAR, Written, of, two_services};

/// Whose something is before and after a migration, and once all are applied.
#[test]
fn a_mandate_knows_the_owners_of_its_moment() {
    let after: [Written<'_>; 3] = [
        (
            "20240201_logs",
            &["post"],
            "create table logs (id int); alter table settings rename to old_settings",
        ),
        ("20240202_drop", &["post"], "drop table logs"),
        ("20240203_logs", &["auth"], "create table logs (id int)"),
    ];
    let history = of(&[SO_FAR.as_slice(), &after].concat());
    let policy = two_services();
    let attribution = Attribution::of(&history, &policy);
    let cases: &[(&str, Late, Class, &str, &[&str])] = &[
        // What `owns` says holds at any time, and for nothing but tables.
        ("20240101", Late::No, Class::Relation, "users", &["auth"]),
        ("20240203", Late::No, Class::Relation, "users", &["auth"]),
        ("20240203", Late::No, Class::Relation, "auth_new", &["auth"]),
        ("20240203", Late::No, Class::Type, "auth_new", &[]),
        // Whoever made it has what `owns` does not name.
        ("20240203", Late::No, Class::Type, "mood", &["auth"]),
        (
            "20240203",
            Late::No,
            Class::Routine,
            "auth_check",
            &["auth"],
        ),
        ("20240203", Late::No, Class::Relation, "feed", &["post"]),
        ("20240203", Late::No, Class::Relation, "settings", &[]),
        ("20240203", Late::No, Class::Relation, "unknown", &[]),
        // A name that is used again is its maker's of the moment.
        ("20240103", Late::No, Class::Relation, "logs", &[]),
        ("20240201", Late::No, Class::Relation, "logs", &["post"]),
        ("20240202", Late::No, Class::Relation, "logs", &["post"]),
        ("20240203", Late::No, Class::Relation, "logs", &["auth"]),
        // Who comes late finds what there is now.
        ("20240201", Late::Yes, Class::Relation, "logs", &["auth"]),
    ];
    for (version, late, class, name, expected) in cases {
        let mandate = attribution.mandate(version, &[], *late);
        let name = QualifiedName::new("public", *name);
        assert_eq!(
            mandate.owners.of(*class, &name),
            *expected,
            "{version} {late:?}: {}",
            name.name
        );
    }
}

#[test]
fn a_mandate_is_for_the_services_that_are_named_or_found_out() {
    let after: [Written<'_>; 2] = [
        ("20240201_found", &[], "alter table posts add a int"),
        ("20240202_nobody", &[], "alter table settings add a int"),
    ];
    let history = of(&[SO_FAR.as_slice(), &after].concat());
    let policy = two_services();
    let attribution = Attribution::of(&history, &policy);
    let gone = ["post".to_owned()];
    for (version, services, reads_users) in [
        ("20240101", vec!["auth"], false),
        ("20240102", vec!["post"], true),
        ("20240201", vec!["post"], true),
        ("20240202", vec![], false),
        // One that is in the history no more is for whom the ledger says.
        ("20230101", vec!["post"], true),
    ] {
        let mandate = attribution.mandate(version, &gone, Late::No);
        assert_eq!(mandate.services, services, "{version}");
        let users = QualifiedName::new("public", "users");
        let reads = mandate.reads.iter().any(|pattern| pattern.fits(&users));
        assert_eq!(reads, reads_users, "{version}");
    }
}
