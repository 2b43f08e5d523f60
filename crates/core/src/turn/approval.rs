//! What a person approved is what runs, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Debug;

use sha2::{Digest, Sha256};

use crate::error::{Changing, Error};
use crate::history::{Exception, Migration, OwnLimits};
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
    /// `None` where its files are gone.
    terms: Option<Terms>,
    late: bool,
    unfinished: Unfinished,
}

/// What of a migration's files counts beside the text that is run: whom it acts for, what it may
/// touch, how long it waits, and what is kept to revert it by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Terms {
    services: Vec<String>,
    allow: Vec<Exception>,
    limits: OwnLimits,
    down: Option<Checksum>,
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
                resumed: false,
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
            terms: Some(Terms::of(&step.migration)),
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
            terms: step.migration.as_deref().map(Terms::of),
            late: false,
            unfinished: step.unfinished.clone(),
        }
    }

    /// Whether it is the same, wherever it goes on.
    fn is_of(&self, other: &Self) -> bool {
        self.version == other.version
            && self.direction == other.direction
            && self.checksum == other.checksum
            && self.terms == other.terms
    }
}

impl Terms {
    fn of(migration: &Migration) -> Self {
        Self {
            services: migration.services.clone(),
            allow: migration.allow.clone(),
            limits: migration.limits,
            down: migration
                .down
                .as_ref()
                .map(|down| Checksum::of(down.text())),
        }
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
                resumed: matches!(self, Self::ToRestOf(_)),
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
mod tests;
