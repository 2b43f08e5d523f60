//! Settles one migration of one database by what a person says of it.

use std::time::Duration;

use crate::attribution::Attributed;
use crate::deploy::{self, attempted};
use crate::error::{Doing, Error};
use crate::ledger::{Attempted, LedgerState, record_by_hand};
use crate::plan::{Resolution, ResolveStep, plan_resolve};
use crate::reach::{ConnectOptions, Connected};
use crate::report::ResolveReport;

use super::approval::{Approval, PlanFingerprint, Planned};
use super::one::{LockedTurn, Turn};

/// What to resolve, and how.
#[derive(Debug, Clone)]
pub struct ResolveOptions {
    /// Which database. Where none is selected, the migration's.
    pub connect: ConnectOptions,
    /// The migration: its version, or its folder's name.
    pub version: String,
    /// What a person says of it.
    pub resolution: Resolution,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
    /// Whether somebody has said yes to it.
    pub approval: Approval,
}

impl Turn<'_> {
    /// Finds out whether what was said goes with how the migration stands, and what would be
    /// recorded. Writes nothing.
    pub(crate) fn plan_resolve(
        &mut self,
        options: &ResolveOptions,
    ) -> Result<Planned<ResolveReport>, Error> {
        let (report, fingerprint) = self.connected.resolve(&self.attributed, options)?;
        Ok(Planned {
            report: ResolveReport {
                dry_run: true,
                ..report
            },
            fingerprint,
        })
    }

    /// Records what was said. A deploy at work may be just what settles it: what is refused is
    /// refused after that.
    pub(crate) fn resolve(&mut self, options: &ResolveOptions) -> Result<ResolveReport, Error> {
        let mut turn = self.lock_ledger(options.lock_wait)?;
        let (report, now) = turn.locked.resolve(turn.attributed, options)?;
        // What is run again is approved as the deploy that it is.
        if options.resolution != Resolution::Retry {
            options.approval.check(&now)?;
        }
        turn.record(options)?;
        Ok(report)
    }
}

impl LockedTurn<'_, '_> {
    /// Records what was said; of what is run again there is nothing to record.
    fn record(&mut self, options: &ResolveOptions) -> Result<(), Error> {
        let Some(said) = options.resolution.by_hand() else {
            return Ok(());
        };
        let mut unadopted = self.locked.read_ledger()?;
        self.adopt(&mut unadopted)?;
        let ledger = self.locked.read_ledger_of(self.attributed.history)?;
        let step = self
            .locked
            .resolve_step(self.attributed, &ledger, options)?;
        let (mut held, _) = self.locked.held();
        let (place, client, entry) = (&ledger.place, self.run.client, step.entry.as_ref());
        record_by_hand(&mut held, place, client, told(&step), entry, said)
            .map_err(self.locked.failed(Doing::WritingLedger))
    }
}

/// What the ledger is told of it.
fn told(step: &ResolveStep) -> Attempted<'_> {
    match &step.migration {
        Some(migration) => attempted(migration),
        None => Attempted {
            version: &step.standing.version,
            name: &step.folder_name,
            run_in_transaction: step.run_in_transaction,
            services: &step.standing.services,
            up_sql: None,
            down_sql: None,
        },
    }
}

impl Connected {
    /// What comes of what a person says of a migration, and what stands for that.
    fn resolve(
        &mut self,
        attributed: &Attributed<'_>,
        options: &ResolveOptions,
    ) -> Result<(ResolveReport, PlanFingerprint), Error> {
        let ledger = self.read_ledger_of(attributed.history)?;
        let step = self.resolve_step(attributed, &ledger, options)?;
        // What is run again drops them.
        let stays = matches!(
            options.resolution,
            Resolution::Applied | Resolution::RolledBack
        );
        let begun = step.standing.unfinished.begun.as_ref().filter(|_| stays);
        let doubt = begun.and_then(|begun| deploy::look(&mut self.session, begun));
        let on_disk = step.migration.as_ref().map(|one| one.checksum().clone());
        let what = (options.resolution, &step.standing, on_disk);
        let fingerprint = PlanFingerprint::of(&self.database, what);
        let report = ResolveReport {
            dry_run: false,
            database: self.database.name.clone(),
            migration: step.reference(),
            resolution: options.resolution,
            was: step.standing.state,
            statements_done: step.standing.unfinished.statements_done,
            becomes: step.becomes,
            invalid_indexes: doubt.map_or_else(Vec::new, |doubt| doubt.invalid_indexes),
            edit: step.edit,
            retried: None,
        };
        Ok((report, fingerprint))
    }

    fn resolve_step(
        &self,
        attributed: &Attributed<'_>,
        ledger: &LedgerState,
        options: &ResolveOptions,
    ) -> Result<ResolveStep, Error> {
        let history = attributed.history;
        plan_resolve(history, ledger, &options.version, options.resolution).map_err(|error| {
            Error::Plan {
                database: self.database.name.clone(),
                error,
                edits: Vec::new(),
            }
        })
    }
}
