//! What a revert would take back, and what would stay.

use super::*;

#[test]
fn a_revert_goes_back_by_the_order_of_application() {
    let history = history(&["1_a", "2_b", "3_c"]);
    // The second came late, and the folder of the fourth is gone.
    let entries = [
        ("1_a", How::Applied),
        ("3_c", How::Applied),
        ("2_b", Edited),
        ("4_d", How::Applied),
        ("5_e", Failed(1)),
    ];
    let to = |version: &str| Reach::To(version.to_owned());
    for (reach, service, expected) in [
        (Reach::Steps(1), None, Ok(vec!["4"])),
        (Reach::Steps(2), None, Ok(vec!["4", "2"])),
        (Reach::Steps(9), None, Ok(vec!["4", "2", "3", "1"])),
        (Reach::Steps(0), None, Ok(vec![])),
        (Reach::All, None, Ok(vec!["4", "2", "3", "1"])),
        (to("3"), None, Ok(vec!["4", "2"])),
        (to("4"), None, Ok(vec![])),
        (to("5"), None, Err(("not applied", vec!["5"]))),
        // Of services only the ledger knows, where the folder is gone.
        (Reach::All, Some("auth"), Ok(vec!["4"])),
        (Reach::All, Some("chat"), Ok(vec![])),
    ] {
        let steps = plan_revert(&history, &ledger(&entries), &reach, service);
        let versions = steps.as_ref().map(|steps| {
            let versions = steps.iter().map(|step| step.version.as_str());
            versions.collect::<Vec<_>>()
        });
        assert_eq!(versions.map_err(refusal), expected, "{reach:?}");
    }
}

/// A history in which the second migration is of two services.
fn shared() -> History {
    let services: [(&str, &[&str]); 4] = [
        ("1_a", &["auth"]),
        ("2_b", &["auth", "post"]),
        ("3_c", &["post"]),
        ("4_d", &[]),
    ];
    let migrations = services.map(|(folder, of)| Migration::new(folder, SQL).of_services(of));
    History::of(migrations.into()).expect("versions that differ")
}

#[test]
fn what_is_of_others_too_is_not_reverted_for_one() {
    let history = shared();
    let entries = ["1_a", "2_b", "3_c", "4_d"].map(|folder| (folder, How::Applied));
    let to = |version: &str| Reach::To(version.to_owned());
    for (reach, service, refused) in [
        // Whose it is does not matter where nobody was chosen.
        (Reach::All, None, None),
        (Reach::Steps(3), None, None),
        // The last one of the service is its own.
        (Reach::Steps(1), Some("post"), None),
        (Reach::Steps(2), Some("post"), Some(("auth", 3))),
        (Reach::All, Some("post"), Some(("auth", 3))),
        (to("2"), Some("post"), None),
        (Reach::Steps(1), Some("auth"), Some(("post", 3))),
        (to("1"), Some("auth"), Some(("post", 3))),
        (to("2"), Some("auth"), None),
    ] {
        let plan = plan_revert(&history, &ledger(&entries), &reach, service);
        let told = plan.err().map(|error| match error {
            PlanError::OfOthersToo {
                migration,
                others,
                chosen,
                steps,
            } => {
                assert_eq!(migration, "2_b");
                assert_eq!(Some(chosen.as_str()), service);
                (others.join(","), steps)
            }
            other => panic!("{other}"),
        });
        let told = told
            .as_ref()
            .map(|(others, steps)| (others.as_str(), *steps));
        assert_eq!(told, refused, "{reach:?} {service:?}");
    }
}

#[test]
fn what_was_applied_after_it_stays_unless_it_is_reverted_too() {
    let history = history(&["1_a", "2_b", "3_c", "4_d", "5_e"]);
    // The second came late; the fourth is half done, and the fifth has done nothing.
    let entries = [
        ("1_a", How::Applied),
        ("3_c", ByDiesel),
        ("2_b", RevertFailed(1)),
        ("4_d", Failed(2)),
        ("5_e", Failed(0)),
    ];
    let ledger = ledger(&entries);
    let all = plan_revert(&history, &ledger, &Reach::All, None).expect("a plan");
    let some = |versions: &[&str]| -> Vec<&RevertStep> {
        let steps = all.iter();
        steps
            .filter(|step| versions.contains(&step.version.as_str()))
            .collect()
    };
    for (version, reverted, staying) in [
        ("1", &["1"][..], &["3", "2", "4"][..]),
        ("3", &["3"], &["2", "4"]),
        ("2", &["2"], &["4"]),
        ("1", &["1", "2"], &["3", "4"]),
        ("1", &["1", "2", "3"], &["4"]),
    ] {
        assert_eq!(staying_after(version, &some(reverted), &ledger), staying);
    }
    let back = |version| steps_back_to(version, &ledger);
    assert_eq!([back("1"), back("3"), back("2")], [3, 2, 1]);
}
