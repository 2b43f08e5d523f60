use std::sync::Arc;
use std::time::Duration;

use migrate_postgres::target::Target;
use migrate_sql::LoneDeed;
use migrate_text::prerequisites::Prerequisites;

use super::*;
use crate::ledger::{Begun, Sent};
use crate::workspace::{Address, Pool};

const LOOKED_AT: &str = "create table t ()";

fn step(version: &str, up: &str) -> Step {
    Step {
        migration: Arc::new(Migration::kept(version, "it", &[], up.to_owned())),
        late: false,
        unfinished: Unfinished::default(),
    }
}

fn intent() -> Intent {
    Intent::up(&step("1", LOOKED_AT))
}

fn database(name: &str, url: &str) -> Database {
    Database {
        name: name.to_owned(),
        address: Address::Server(Target::parse(url).expect("a URL")),
        create: false,
        prerequisites: Prerequisites::default(),
        pool: Pool {
            max_size: 1,
            idle_timeout: Duration::ZERO,
        },
        lock_timeout: Duration::ZERO,
        lock_retries: 0,
        statement_timeout: Duration::ZERO,
        roles: false,
        strict_order: false,
        services: Vec::new(),
    }
}

/// The plan that was looked at, and each way in which another may differ from it.
fn others() -> Vec<(&'static str, Vec<Intent>)> {
    let with = |change: &dyn Fn(&mut Intent)| {
        let mut intent = intent();
        change(&mut intent);
        vec![intent]
    };
    let with_terms = |change: &dyn Fn(&mut Terms)| {
        with(&|one| change(one.terms.as_mut().expect("its files are there")))
    };
    let exception = Exception {
        object: "users".to_owned(),
        reason: "it has to be".to_owned(),
    };
    let begun = Begun {
        sent: Sent {
            statement: 1,
            does: LoneDeed::Unknown,
        },
        unended: true,
    };
    vec![
        ("another version", with(&|one| one.version = "2".to_owned())),
        (
            "another direction",
            with(&|one| one.direction = Direction::Down),
        ),
        (
            "another text",
            vec![Intent::up(&step("1", "create table u ()"))],
        ),
        (
            "outside a transaction",
            with(&|one| one.run_in_transaction = false),
        ),
        (
            "for another service",
            with_terms(&|terms| terms.services.push("post".to_owned())),
        ),
        (
            "more is allowed",
            with_terms(&|terms| terms.allow.push(exception.clone())),
        ),
        (
            "it waits otherwise",
            with_terms(&|terms| terms.limits.lock_retries = Some(1)),
        ),
        (
            "another way back",
            with_terms(&|terms| terms.down = Some(Checksum::of("drop table t"))),
        ),
        ("its files are gone", with(&|one| one.terms = None)),
        ("a later one came first", with(&|one| one.late = true)),
        (
            "a statement was done",
            with(&|one| one.unfinished.statements_done = 1),
        ),
        (
            "a statement was begun",
            with(&|one| one.unfinished.begun = Some(begun.clone())),
        ),
        (
            "something of another's was changed",
            with(&|one| one.unfinished.breach = Some("{}".to_owned())),
        ),
        ("nothing", vec![]),
        ("one more", vec![intent(), Intent::up(&step("2", ""))]),
        ("twice", vec![intent(), intent()]),
    ]
}

#[test]
fn equal_plans_have_equal_fingerprints_and_each_difference_another() {
    let main = database("main", "postgresql://app@one/app");
    let looked_at = PlanFingerprint::of(&main, [intent()].as_slice());
    assert_eq!(looked_at, PlanFingerprint::of(&main, [intent()].as_slice()));
    for (what, other) in others() {
        let other = PlanFingerprint::of(&main, other.as_slice());
        assert_ne!(looked_at, other, "{what}");
    }
    for (name, url) in [
        ("main", "postgresql://app@two/app"),
        ("main", "postgresql://app@one/other"),
        ("other", "postgresql://app@one/app"),
    ] {
        let other = database(name, url);
        let other = PlanFingerprint::of(&other, [intent()].as_slice());
        assert_ne!(looked_at, other, "{name} at {url}");
    }
}

#[test]
fn the_order_counts() {
    let main = database("main", "postgresql://app@one/app");
    let (one, two) = (intent(), Intent::up(&step("2", "")));
    assert_ne!(
        PlanFingerprint::of(&main, [&one, &two]),
        PlanFingerprint::of(&main, [&two, &one])
    );
}

#[test]
fn a_password_is_no_part_of_it() {
    let with = |url| PlanFingerprint::of(&database("main", url), [intent()].as_slice());
    assert_eq!(
        with("postgresql://app:secret@one/app"),
        with("postgresql://app:other@one/app")
    );
}

#[test]
fn production_wants_a_yes_and_nobody_else_needs_one() {
    let to_plan = || Approval::ToPlan(PlanFingerprint::default());
    for (approval, is_production, is_enough) in [
        (Approval::NotAsked, false, true),
        (Approval::NotAsked, true, false),
        (Approval::ToAnything, false, true),
        (Approval::ToAnything, true, true),
        (to_plan(), false, true),
        (to_plan(), true, true),
    ] {
        let required = approval.require(is_production, Changing::Deploy);
        assert_eq!(required.is_ok(), is_enough, "{approval:?} {is_production}");
    }
}

#[test]
fn a_yes_to_one_plan_is_none_to_another() {
    let main = database("main", "postgresql://app@one/app");
    let other = database("other", "postgresql://app@one/other");
    let of = |databases: &[&Database], version: &str| {
        let mut fingerprint = PlanFingerprint::default();
        for database in databases {
            fingerprint.add(database, version);
        }
        fingerprint
    };
    let approved = of(&[&main, &other], "1");
    for (now, changed) in [
        (of(&[&main, &other], "1"), None),
        (of(&[&main, &other], "2"), Some("main")),
        (of(&[&main], "1"), Some("other")),
        (PlanFingerprint::default(), Some("main")),
    ] {
        let refused = Approval::ToPlan(approved.clone()).check(&now).err();
        let refused = refused.map(|error| match error {
            Error::Changed { database, .. } => database,
            other => panic!("{other}"),
        });
        assert_eq!(refused.as_deref(), changed);
        for approval in [Approval::NotAsked, Approval::ToAnything] {
            assert!(approval.check(&now).is_ok());
        }
    }
}

fn to_run(runs: Vec<Intent>) -> Intended {
    Intended {
        runs,
        adopts: vec!["0".to_owned()],
        creates: vec!["schema one".to_owned()],
    }
}

#[test]
fn under_the_lock_only_what_was_agreed_to_is_run() {
    let agreed = to_run(vec![intent()]);
    for (what, now) in others() {
        let now = to_run(now);
        assert!(Consent::All.check(&now, "main").is_ok(), "{what}");
        assert!(Consent::To(&agreed).check(&now, "main").is_err(), "{what}");
    }
    assert!(Consent::To(&agreed).check(&agreed, "main").is_ok());
}

#[test]
fn under_the_lock_nothing_is_created_or_taken_over_that_was_not_agreed_to() {
    let agreed = to_run(vec![intent()]);
    let with = |change: &dyn Fn(&mut Intended)| {
        let mut now = agreed.clone();
        change(&mut now);
        now
    };
    for (what, now, may) in [
        ("created by now", with(&|now| now.creates.clear()), true),
        ("taken over by now", with(&|now| now.adopts.clear()), true),
        (
            "one more schema",
            with(&|now| now.creates.push("schema two".to_owned())),
            false,
        ),
        (
            "one more version",
            with(&|now| now.adopts.push("00".to_owned())),
            false,
        ),
    ] {
        for consent in [Consent::To(&agreed), Consent::ToRestOf(&agreed)] {
            assert_eq!(consent.check(&now, "main").is_ok(), may, "{what}");
        }
        assert!(Consent::All.check(&now, "main").is_ok(), "{what}");
    }
}

#[test]
fn after_a_lost_connection_the_rest_of_it_is_run_wherever_it_goes_on() {
    let agreed = to_run(vec![intent(), Intent::up(&step("2", ""))]);
    let mut half_done = intent();
    half_done.unfinished.statements_done = 1;
    for (what, now, may) in [
        ("all", agreed.runs.clone(), true),
        ("the second", agreed.runs[1..].to_vec(), true),
        ("nothing", vec![], true),
        ("the first, half done", vec![half_done], true),
        ("another", vec![Intent::up(&step("3", ""))], false),
        ("another text", vec![Intent::up(&step("2", "x"))], false),
    ] {
        let rest = Consent::To(&agreed).rest();
        let now = to_run(now);
        assert_eq!(rest.check(&now, "main").is_ok(), may, "{what}");
    }
    let another = to_run(vec![Intent::up(&step("3", ""))]);
    for (consent, was_resumed) in [
        (Consent::To(&agreed), false),
        (Consent::To(&agreed).rest(), true),
    ] {
        match consent.check(&another, "main") {
            Err(Error::Changed { resumed, .. }) => assert_eq!(resumed, was_resumed),
            other => panic!("{other:?}"),
        }
    }
}
