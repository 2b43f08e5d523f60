//! What a person approved is what runs, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Debug;

use sha2::{Digest, Sha256};

use crate::error::{Changing, Error};
use crate::ledger::Unfinished;
use crate::plan::{RevertStep, Step};
use crate::workspace::Database;
use migrate_text::checksum::{Checksum, hex};
use migrate_text::migration_ref::Direction;

/// Whether somebody has said yes to what is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Approval {
    /// Nobody was asked. Production takes no such deploy.
    #[default]
    NotAsked,
    /// Yes to whatever there is to do, said beforehand, as with `--yes`.
    ToAnything,
    /// Yes to a plan that was looked at, and to no other.
    ToPlan(PlanFingerprint),
}

/// Stands for all that a plan would do: to which databases, what would be created there, which
/// migrations run which way with which texts, where those that stopped go on, what is taken over
/// from Diesel's own tool, and which privileges change. Two plans that differ in any of it have
/// different ones.
///
/// All of it is compared before anything is touched. Under the lock of each database it is
/// compared again, before anything is created or written there: whatever runs has to be just what
/// was approved; what is created, taken over or, without a deploy, given and taken has to be a part
/// of that, as another may have done the rest. Only the privileges that a deploy sets are not
/// compared again: they go by `migrate.toml`, and by tables that its approved migrations leave and
/// that no plan has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFingerprint(BTreeMap<String, String>);

/// A plan, and what it is approved by.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned<R> {
    /// What would be done.
    pub report: R,
    /// Stands for it.
    pub fingerprint: PlanFingerprint,
}

/// What would be run of one migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    version: String,
    direction: Direction,
    checksum: Checksum,
    run_in_transaction: bool,
    late: bool,
    unfinished: Unfinished,
}

/// What a deploy means to do to a database, as a look tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Intended {
    /// What it runs, in order.
    pub(super) runs: Vec<Intent>,
    /// The versions that it takes over from Diesel's own tool.
    pub(super) adopts: Vec<String>,
    /// What it creates before the first migration, in words.
    pub(super) creates: Vec<String>,
}

/// To what of that there is a yes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Consent<'c> {
    /// Whatever it is.
    All,
    /// To run exactly this; what others have created or taken over since is not missed.
    To(&'c Intended),
    /// What is left of this, as some of it was done before the connection was lost.
    ToRestOf(&'c Intended),
}

impl Approval {
    /// Refuses production where nobody was asked.
    pub(crate) fn require(&self, is_production: bool, command: Changing) -> Result<(), Error> {
        match self {
            Self::NotAsked if is_production => Err(Error::NotApproved { command }),
            _ => Ok(()),
        }
    }

    /// Refuses another plan than the one that was approved.
    pub(crate) fn check(&self, now: &PlanFingerprint) -> Result<(), Error> {
        let Self::ToPlan(approved) = self else {
            return Ok(());
        };
        let names = approved.0.keys().chain(now.0.keys());
        let mut changed = names.filter(|name| approved.0.get(*name) != now.0.get(*name));
        match changed.next() {
            Some(name) => Err(Error::Changed {
                database: name.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Whether only one plan was approved.
    pub(crate) fn is_to_plan(&self) -> bool {
        matches!(self, Self::ToPlan(_))
    }

    /// The consent to what a plan that was checked means to run.
    pub(super) fn consent<'c>(&self, checked: &'c Intended) -> Consent<'c> {
        match self {
            Self::ToPlan(_) => Consent::To(checked),
            Self::NotAsked | Self::ToAnything => Consent::All,
        }
    }
}

impl PlanFingerprint {
    /// Takes in what would be done to a database.
    pub(crate) fn add(&mut self, database: &Database, what: impl Debug) {
        // The derived form names every field, and puts quotes around what comes from outside.
        let text = format!("{} {what:?}", database.address);
        let digest = hex(&Sha256::digest(text));
        self.0.insert(database.name.clone(), digest);
    }

    /// Of a plan for one database.
    pub(crate) fn of(database: &Database, what: impl Debug) -> Self {
        let mut fingerprint = Self::default();
        fingerprint.add(database, what);
        fingerprint
    }
}

impl Intent {
    /// To apply a migration.
    pub(super) fn up(step: &Step) -> Self {
        Self {
            version: step.migration.version.clone(),
            direction: Direction::Up,
            checksum: step.migration.checksum().clone(),
            run_in_transaction: step.migration.run_in_transaction,
            late: step.late,
            unfinished: step.unfinished.clone(),
        }
    }

    /// To revert a migration by this text.
    pub(super) fn down(step: &RevertStep, text: &str) -> Self {
        Self {
            version: step.version.clone(),
            direction: Direction::Down,
            checksum: Checksum::of(text),
            run_in_transaction: step.run_in_transaction,
            late: false,
            unfinished: step.unfinished.clone(),
        }
    }

    /// Whether it is the same, wherever it goes on.
    fn is_of(&self, other: &Self) -> bool {
        let of = |one: &Self| (one.version.clone(), one.direction, one.checksum.clone());
        of(self) == of(other)
    }
}

impl Intended {
    /// Whether it creates and takes over nothing that another does not.
    fn prepares_within(&self, other: &Self) -> bool {
        let within = |all: &[String], of: &[String]| all.iter().all(|one| of.contains(one));
        within(&self.adopts, &other.adopts) && within(&self.creates, &other.creates)
    }
}

impl<'c> Consent<'c> {
    /// Refuses what was not agreed to.
    pub(super) fn check(self, now: &Intended, database: &str) -> Result<(), Error> {
        let is_agreed = match self {
            Self::All => true,
            Self::To(approved) => now.runs == approved.runs && now.prepares_within(approved),
            Self::ToRestOf(approved) => {
                let mut runs = now.runs.iter();
                runs.all(|one| approved.runs.iter().any(|agreed| one.is_of(agreed)))
                    && now.prepares_within(approved)
            }
        };
        match is_agreed {
            true => Ok(()),
            false => Err(Error::Changed {
                database: database.to_owned(),
            }),
        }
    }

    /// The consent once a part may have been done.
    pub(super) fn rest(self) -> Self {
        match self {
            Self::To(approved) => Self::ToRestOf(approved),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use migrate_postgres::target::Target;
    use migrate_sql::LoneDeed;
    use migrate_text::prerequisites::Prerequisites;

    use super::*;
    use crate::history::Migration;
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
                Error::Changed { database } => database,
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
    }
}
