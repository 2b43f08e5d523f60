//! Reverts migrations of one database, and applies them again where that is wanted.

use std::time::Duration;

use crate::deploy::DoneMigration;
use crate::error::Error;
use crate::event::Event;
use crate::ledger::LedgerState;
use crate::plan::{Reach, Step};
use crate::reach::{ConnectOptions, Connected};
use crate::report::{
    DatabaseDeploy, DeployReport, PlannedMigration, PrivilegesDone, RedoReport, RevertReport,
};
use migrate_sql::mask_passwords;

use super::approval::{Approval, Intent, PlanFingerprint, Planned};
use super::one::{LockedTurn, Turn, executed, executor};
use super::reverting::{Reverting, ToRevert};

/// How to revert.
#[derive(Debug, Clone)]
pub struct RevertOptions {
    /// Which database. Exactly one has to be selected.
    pub connect: ConnectOptions,
    /// How far.
    pub reach: Reach,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
    /// Whether somebody has said yes to it.
    pub approval: Approval,
}

/// How to redo.
#[derive(Debug, Clone)]
pub struct RedoOptions {
    /// Which database. Exactly one has to be selected.
    pub connect: ConnectOptions,
    /// How many migrations.
    pub steps: usize,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
    /// Whether somebody has said yes to it.
    pub approval: Approval,
}

impl Turn<'_> {
    /// What a revert would do. Writes nothing.
    pub(crate) fn plan_revert(
        &mut self,
        options: &RevertOptions,
    ) -> Result<Planned<RevertReport>, Error> {
        let service = options.connect.selection.service.as_deref();
        let ledger = self.connected.read_ledger()?;
        let to_revert = self.reverting(&ledger, &options.reach, service)?;
        Ok(Planned {
            fingerprint: PlanFingerprint::of(self.database(), downs(&to_revert.steps)),
            report: self.would_revert(&ledger, to_revert),
        })
    }

    /// What a redo would revert and apply again. Writes nothing.
    pub(crate) fn plan_redo(
        &mut self,
        options: &RedoOptions,
    ) -> Result<Planned<RevertReport>, Error> {
        let service = options.connect.selection.service.as_deref();
        let ledger = self.connected.read_ledger()?;
        let to_revert = self.reverting(&ledger, &Reach::Steps(options.steps), service)?;
        let (connected, attributed) = (&mut self.connected, &self.attributed);
        let again = connected.again(attributed, &ledger, &to_revert.steps)?;
        let both = downs_and_ups(&to_revert.steps, &again);
        Ok(Planned {
            fingerprint: PlanFingerprint::of(self.database(), both),
            report: self.would_revert(&ledger, to_revert),
        })
    }

    fn reverting(
        &mut self,
        ledger: &LedgerState,
        reach: &Reach,
        service: Option<&str>,
    ) -> Result<ToRevert, Error> {
        let connected = &mut self.connected;
        connected.reverting(&self.attributed, ledger, reach, service)
    }

    fn would_revert(&self, ledger: &LedgerState, to_revert: ToRevert) -> RevertReport {
        RevertReport {
            dry_run: true,
            database: self.database().name.clone(),
            reverted: Vec::new(),
            would_revert: to_revert.steps.iter().map(planned).collect(),
            uncertain: to_revert.uncertain,
            total_applied: applied(ledger),
        }
    }

    /// Reverts migrations, the last applied first, each in a transaction with its ledger rows.
    /// With a service selected only its migrations count.
    pub(crate) fn revert(&mut self, options: &RevertOptions) -> Result<RevertReport, Error> {
        let mut report = RevertReport {
            database: self.database().name.clone(),
            ..RevertReport::default()
        };
        let mut turn = self.lock_ledger(options.lock_wait)?;
        let ran = turn.revert(options, &mut report);
        // What comes back has no privileges on it yet.
        turn.settle_after(ran, false, &mut PrivilegesDone::default())?;
        Ok(report)
    }

    /// Reverts the last migrations and applies them again, under one lock. What could keep the
    /// second half from happening is looked for before the first.
    pub(crate) fn redo(&mut self, options: &RedoOptions) -> Result<RedoReport, Error> {
        let mut report = RedoReport {
            database: self.database().name.clone(),
            ..RedoReport::default()
        };
        let mut turn = self.lock_ledger(options.lock_wait)?;
        let ran = turn.redo(options, &mut report);
        let committed = !report.reverted.is_empty();
        turn.settle_after(ran, committed, &mut PrivilegesDone::default())?;
        Ok(report)
    }
}

impl LockedTurn<'_, '_> {
    fn revert(&mut self, options: &RevertOptions, report: &mut RevertReport) -> Result<(), Error> {
        let mut ledger = self.locked.read_ledger()?;
        let service = options.connect.selection.service.as_deref();
        let (reach, attributed) = (&options.reach, self.attributed);
        let ToRevert { steps, uncertain } =
            self.locked.reverting(attributed, &ledger, reach, service)?;
        let now = PlanFingerprint::of(&self.locked.database, downs(&steps));
        options.approval.check(&now)?;
        self.adopt(&mut ledger)?;
        let mut reverted = Vec::new();
        self.run_down(&ledger, &steps, &mut reverted)
            .map_err(|error| stopped(error, &self.locked, &ledger, &reverted, None))?;
        report.total_applied = applied(&ledger) - reverted.len();
        report.uncertain = uncertain;
        report.reverted = reverted;
        Ok(())
    }

    fn redo(&mut self, options: &RedoOptions, report: &mut RedoReport) -> Result<(), Error> {
        let mut ledger = self.locked.read_ledger()?;
        let service = options.connect.selection.service.as_deref();
        let (reach, attributed) = (Reach::Steps(options.steps), self.attributed);
        let ToRevert { steps, uncertain } = self
            .locked
            .reverting(attributed, &ledger, &reach, service)?;
        let again = self.locked.again(attributed, &ledger, &steps)?;
        let now = PlanFingerprint::of(&self.locked.database, downs_and_ups(&steps, &again));
        options.approval.check(&now)?;
        self.adopt(&mut ledger)?;
        report.uncertain = uncertain;
        self.run_down(&ledger, &steps, &mut report.reverted)
            .map_err(|error| stopped(error, &self.locked, &ledger, &report.reverted, Some(&[])))?;
        let references = again.iter().map(|step| step.migration.reference());
        self.run.observer.observe(&Event::Planned {
            database: self.locked.database.name.clone(),
            migrations: references.collect(),
        });
        let attribution = self.attributed.attribution();
        let mut executor = executor(self.run, self.locked.held(), &ledger.place, attribution);
        let result = executor.apply(&again, &mut report.applied);
        result.map_err(|error| {
            let error = executed(error, &self.locked.database.name);
            let again = Some(report.applied.as_slice());
            stopped(error, &self.locked, &ledger, &report.reverted, again)
        })
    }

    fn run_down(
        &mut self,
        ledger: &LedgerState,
        steps: &[Reverting],
        reverted: &mut Vec<DoneMigration>,
    ) -> Result<(), Error> {
        let references = steps.iter().map(|(step, _)| step.reference());
        self.run.observer.observe(&Event::Planned {
            database: self.locked.database.name.clone(),
            migrations: references.collect(),
        });
        let attribution = self.attributed.attribution();
        let mut executor = executor(self.run, self.locked.held(), &ledger.place, attribution);
        let result = executor.revert(steps, reverted);
        result.map_err(|error| executed(error, &self.locked.database.name))
    }
}

fn downs(steps: &[Reverting]) -> Vec<Intent> {
    let downs = steps.iter();
    downs
        .map(|(step, script)| Intent::down(step, script.file().text()))
        .collect()
}

fn downs_and_ups(steps: &[Reverting], again: &[Step]) -> Vec<Intent> {
    let ups = again.iter().map(Intent::up);
    downs(steps).into_iter().chain(ups).collect()
}

/// How many migrations are applied.
fn applied(ledger: &LedgerState) -> usize {
    ledger
        .entries
        .iter()
        .filter(|entry| entry.in_diesel)
        .count()
}

/// An error with what was reverted before it, and of a `redo` then applied again.
fn stopped(
    error: Error,
    connected: &Connected,
    ledger: &LedgerState,
    reverted: &[DoneMigration],
    applied_again: Option<&[DoneMigration]>,
) -> Error {
    let again = applied_again.unwrap_or_default();
    Error::Stopped {
        error: Box::new(error),
        report: Box::new(DeployReport {
            dry_run: false,
            not_reached: Vec::new(),
            databases: vec![DatabaseDeploy {
                database: connected.database.name.clone(),
                target: connected.database.address.to_string(),
                reverted: reverted.to_vec(),
                applied: again.to_vec(),
                total_applied: applied(ledger) - reverted.len() + again.len(),
                redo: applied_again.is_some(),
                ..DatabaseDeploy::default()
            }],
        }),
    }
}

fn planned((step, script): &Reverting) -> PlannedMigration {
    PlannedMigration {
        migration: step.reference(),
        run_in_transaction: step.run_in_transaction,
        statements_done: step.unfinished.statements_done,
        sql: mask_passwords(script.file().text()).into_owned(),
    }
}
