//! What a person may say of a migration.

use std::sync::Arc;

use crate::history::{History, Migration, name_of};
use crate::ledger::{Applied, LedgerState};
use migrate_text::migration_ref::{Direction, MigrationRef};

use super::edit::Edit;
use super::error::{PlanError, Resolution, Unfit, check_version};
use super::standing::{Standing, State, standings};

/// A migration that a person decides on.
#[derive(Debug, Clone)]
pub struct ResolveStep {
    /// The migration on disk, if it is there.
    pub migration: Option<Arc<Migration>>,
    /// The folder's name as far as it is known.
    pub folder_name: String,
    /// Whether it is one transaction, as far as that is known.
    pub run_in_transaction: bool,
    /// How it stands in the ledger, if that knows of it.
    pub entry: Option<Applied>,
    /// How it stands.
    pub standing: Standing,
    /// How it will stand; not at all, where nothing of it is left anywhere.
    pub becomes: Option<State>,
    /// What was edited, where that is accepted.
    pub edit: Option<Edit>,
}

impl ResolveStep {
    /// What identifies it to a reader.
    pub fn reference(&self) -> MigrationRef {
        MigrationRef {
            version: self.standing.version.clone(),
            name: name_of(&self.folder_name).to_owned(),
            services: self.standing.services.clone(),
        }
    }
}

/// Finds the migration, by its version or its folder's name, and whether that may be said of it.
pub fn plan_resolve(
    history: &History,
    ledger: &LedgerState,
    version: &str,
    resolution: Resolution,
) -> Result<ResolveStep, PlanError> {
    let standings = standings(history, ledger);
    let entry_of = |standing: &Standing| {
        let mut entries = ledger.entries.iter();
        entries.find(|entry| entry.version == standing.version)
    };
    let named = |standing: &&Standing| {
        let on_disk = history.find(&standing.version).map(|m| &m.folder_name);
        let entry = entry_of(standing);
        let kept = entry.and_then(|entry| entry.record.as_ref().or(entry.stopped.as_deref()));
        let folder = on_disk.or(kept.map(|attempt| &attempt.name));
        standing.version == version || folder.is_some_and(|folder| folder == version)
    };
    let Some(standing) = standings.iter().find(named) else {
        check_version(history, version)?;
        return Err(PlanError::UnknownVersion {
            version: version.to_owned(),
            nearest: None,
        });
    };
    let entry = entry_of(standing);
    let attempt = entry.and_then(|entry| entry.stopped.as_deref());
    let stopped = attempt.map(|attempt| attempt.direction);
    let migration = history.find(&standing.version);
    let case = Case {
        standing,
        is_applied: entry.is_some_and(|entry| entry.in_diesel),
        needs_adoption: entry.is_some_and(Applied::needs_adoption),
        on_disk: migration.is_some(),
        stopped,
    };
    if let Some(unfit) = case.unfit(resolution) {
        return Err(PlanError::Unfit {
            resolution,
            unfit,
            standing: Box::new(standing.clone()),
        });
    }
    let record = entry.and_then(|entry| entry.record.as_ref());
    let (folder_name, run_in_transaction) = match (migration, record.or(attempt)) {
        (Some(migration), _) => (&migration.folder_name, migration.run_in_transaction),
        (None, Some(attempt)) => (&attempt.name, attempt.run_in_transaction),
        (None, None) => (&standing.version, true),
    };
    let accepted = migration.filter(|_| resolution == Resolution::AcceptModified);
    Ok(ResolveStep {
        migration: migration.cloned(),
        folder_name: folder_name.clone(),
        run_in_transaction,
        entry: entry.cloned(),
        becomes: case.becomes(resolution),
        edit: accepted.map(|migration| Edit::of(standing, migration, ledger)),
        standing: standing.clone(),
    })
}

/// What decides whether something can be said of a migration.
struct Case<'c> {
    standing: &'c Standing,
    is_applied: bool,
    needs_adoption: bool,
    on_disk: bool,
    /// The direction in which an attempt stopped before its end.
    stopped: Option<Direction>,
}

impl Case<'_> {
    fn unfit(&self, resolution: Resolution) -> Option<Unfit> {
        match resolution {
            Resolution::Applied => self.unfit_for_applied(),
            Resolution::RolledBack => self.unfit_for_rolled_back(),
            Resolution::Retry => self.unfit_for_retry(),
            Resolution::AcceptModified => self.unfit_for_accepting(),
        }
    }

    fn unfit_for_applied(&self) -> Option<Unfit> {
        match (self.is_applied, self.stopped) {
            (true, None) => Some(Unfit::IsApplied),
            // A revert that stopped half way may have been taken back.
            (true, Some(_)) => None,
            (false, _) => (!self.on_disk).then_some(Unfit::NotOnDisk),
        }
    }

    fn unfit_for_rolled_back(&self) -> Option<Unfit> {
        match (self.is_applied, self.stopped) {
            (false, None) => Some(Unfit::NeverTried),
            // A revert that stopped half way may have been finished.
            (_, Some(_)) => None,
            (true, None) => match self.standing.state {
                // Whose folder is gone has no other way.
                State::Missing => None,
                State::Ahead => Some(Unfit::IsAhead),
                _ => Some(Unfit::IsApplied),
            },
        }
    }

    fn unfit_for_retry(&self) -> Option<Unfit> {
        match (self.is_applied, self.stopped) {
            (_, Some(Direction::Down)) => Some(Unfit::RevertFailed),
            (true, _) => Some(Unfit::IsApplied),
            (false, None) => Some(Unfit::NeverTried),
            (false, Some(_)) => (!self.on_disk).then_some(Unfit::NotOnDisk),
        }
    }

    fn unfit_for_accepting(&self) -> Option<Unfit> {
        if self.needs_adoption {
            return Some(Unfit::NotKept);
        }
        let is_edited = self.standing.state == State::Modified || self.standing.reformatted;
        (!is_edited).then_some(Unfit::NotModified)
    }

    fn becomes(&self, resolution: Resolution) -> Option<State> {
        match resolution {
            Resolution::RolledBack => self.on_disk.then_some(State::Pending),
            // What became of its files since is another matter.
            Resolution::Applied if self.is_applied => Some(self.standing.state),
            _ => Some(State::Applied),
        }
    }
}
