//! `resolve`: what a person says of a migration that no deploy can settle by itself.

use std::time::Duration;

use crate::deploy::{self, attempted};
use crate::error::Error;
use crate::event::Observer;
use crate::ledger::{Attempted, LedgerState, record_by_hand};
use crate::lock;
use crate::plan::{DeployRequest, Resolution, ResolveStep, plan_resolve};
use crate::report::{DatabaseDeploy, ResolveReport};

use super::deploy::DeployOptions;
use super::ownership::Guarded;
use super::{ConnectOptions, Connected, Migrator};

/// What to resolve, and how.
#[derive(Debug, Clone)]
pub struct ResolveOptions {
    /// Which database. Where none is selected, the migration's.
    pub connect: ConnectOptions,
    /// The migration: its version, or its folder's name.
    pub version: String,
    /// What a person says of it.
    pub resolution: Resolution,
    /// Whether to only say what would be done.
    pub dry_run: bool,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
}

impl Migrator {
    /// Settles one migration of one database: records what a person says of it, or runs it again.
    pub fn resolve(
        &self,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<ResolveReport, Error> {
        let connect = self.database_of(options)?;
        let (mut connected, guarded) = match options.dry_run {
            true => self.connect_one(&connect, observer)?,
            false => self.connect_one_to_write(&connect, observer)?,
        };
        // A deploy at work may be just what settles it: what is refused is refused after that.
        let key = match options.dry_run {
            true => None,
            false => Some(connected.lock_ledger(options.lock_wait, observer)?),
        };
        let result = self.resolve_one(&mut connected, &guarded, options, observer);
        if let Some(key) = key {
            lock::release(&mut connected.session, key);
        }
        let mut report = result?;
        if options.resolution == Resolution::Retry {
            drop(connected);
            let version = report.migration.version.clone();
            report.retried = self.retry(&version, &connect, options, observer)?;
        }
        Ok(report)
    }

    /// Finds out whether what was said goes with how the migration stands, and records it.
    fn resolve_one(
        &self,
        connected: &mut Connected,
        guarded: &Guarded,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<ResolveReport, Error> {
        let ledger = connected.read_ledger_of(&guarded.history)?;
        let step = connected.resolve_step(guarded, &ledger, options)?;
        // What is run again drops them.
        let stays = matches!(
            options.resolution,
            Resolution::Applied | Resolution::RolledBack
        );
        let begun = step.standing.unfinished.begun.as_ref().filter(|_| stays);
        let doubt = begun.and_then(|begun| deploy::look(&mut connected.session, begun));
        if !options.dry_run {
            self.record(connected, guarded, options, observer)?;
        }
        Ok(ResolveReport {
            dry_run: options.dry_run,
            database: connected.database.name.clone(),
            migration: step.reference(),
            resolution: options.resolution,
            was: step.standing.state,
            statements_done: step.standing.unfinished.statements_done,
            becomes: step.becomes,
            invalid_indexes: doubt.map_or_else(Vec::new, |doubt| doubt.invalid_indexes),
            edit: step.edit,
            retried: None,
        })
    }

    /// Runs a failed migration again: a deploy of nothing else, with all that a deploy looks at.
    fn retry(
        &self,
        version: &str,
        connect: &ConnectOptions,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<Option<DatabaseDeploy>, Error> {
        let deploy = DeployOptions {
            connect: connect.clone(),
            request: DeployRequest {
                only: Some(vec![version.to_owned()]),
                retry: true,
                ..DeployRequest::default()
            },
            create_databases: false,
            dry_run: options.dry_run,
            lock_wait: options.lock_wait,
        };
        let mut report = self.deploy(&deploy, observer)?;
        Ok(report.databases.pop())
    }

    /// Records what was said; of what is run again there is nothing to record.
    fn record(
        &self,
        connected: &mut Connected,
        guarded: &Guarded,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let Some(said) = options.resolution.by_hand() else {
            return Ok(());
        };
        self.adopted_ledger(connected, &guarded.history, observer)?;
        let ledger = connected.read_ledger_of(&guarded.history)?;
        let step = connected.resolve_step(guarded, &ledger, options)?;
        let (session, entry) = (&mut connected.session, step.entry.as_ref());
        record_by_hand(
            session,
            &ledger.place,
            &self.client,
            told(&step),
            entry,
            said,
        )
        .map_err(connected.failed("writing the ledger"))
    }

    /// The selected database, or else that of the migration.
    fn database_of(&self, options: &ResolveOptions) -> Result<ConnectOptions, Error> {
        let mut connect = options.connect.clone();
        let selection = &mut connect.selection;
        if selection.database.is_none() && selection.service.is_none() {
            let history = self.history()?;
            let named = |name: &str| name == options.version;
            let mut all = history.migrations().iter();
            let migration = all.find(|m| named(&m.version) || named(&m.folder_name));
            selection.database = migration.and_then(|migration| migration.database.clone());
        }
        Ok(connect)
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
    fn resolve_step(
        &self,
        guarded: &Guarded,
        ledger: &LedgerState,
        options: &ResolveOptions,
    ) -> Result<ResolveStep, Error> {
        let history = &guarded.history;
        plan_resolve(history, ledger, &options.version, options.resolution).map_err(|error| {
            Error::Plan {
                database: self.database.name.clone(),
                error,
                edits: Vec::new(),
            }
        })
    }
}
