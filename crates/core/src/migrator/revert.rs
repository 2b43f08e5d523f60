//! `revert`, `redo` and `reset`.

use std::time::Duration;

use crate::attribution::Attribution;
use crate::deploy::{DoneMigration, Script};
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::history::History;
use crate::ledger::{self, LedgerState};
use crate::lock;
use crate::plan::{Reach, RevertStep, Step, plan_revert};
use crate::report::{
    DatabaseDeploy, DeployReport, PlannedMigration, PrivilegesDone, RedoReport, RevertReport,
};
use migrate_sql::{SqlFile, mask_passwords};
use migrate_text::source::SourceFile;

use super::connect::create;
use super::deploy::{DeployOptions, executed};
use super::ownership::{Attributed, refuse};
use super::{ConnectOptions, Connected, Migrator};

/// How to revert.
#[derive(Debug, Clone)]
pub struct RevertOptions {
    /// Which database. Exactly one has to be selected.
    pub connect: ConnectOptions,
    /// How far.
    pub reach: Reach,
    /// Whether to only say what would be done.
    pub dry_run: bool,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
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
}

impl Migrator {
    /// Reverts migrations of one database, the last applied first, each in a transaction with
    /// its ledger rows. With a service selected only its migrations count.
    pub fn revert(
        &self,
        options: &RevertOptions,
        observer: &dyn Observer,
    ) -> Result<RevertReport, Error> {
        let connect = &options.connect;
        let (mut connected, guarded) = match options.dry_run {
            true => self.connect_one(connect, observer)?,
            false => self.connect_one_to_write(connect, observer)?,
        };
        let attributed = guarded.attributed();
        connected.know_owners(&attributed);
        let mut report = RevertReport {
            dry_run: options.dry_run,
            database: connected.database.name.clone(),
            ..RevertReport::default()
        };
        let service = connect.selection.service.as_deref();
        if options.dry_run {
            let ledger = connected.read_ledger()?;
            let steps = connected.revert_steps(&attributed, &ledger, &options.reach, service)?;
            report.total_applied = applied(&ledger);
            report.would_revert = steps.iter().map(planned).collect();
            return Ok(report);
        }
        let key = connected.lock_ledger(options.lock_wait, observer)?;
        let result = self.revert_locked(&mut connected, &attributed, options, key, observer);
        let ran = result.map(|(ledger, reverted)| {
            report.total_applied = applied(&ledger) - reverted.len();
            report.reverted = reverted;
        });
        // What comes back has no privileges on it yet.
        let done = &mut PrivilegesDone::default();
        let result = self.settle_after(&mut connected, ran, false, observer, done);
        lock::release(&mut connected.session, key);
        result.map(|()| report)
    }

    fn revert_locked(
        &self,
        connected: &mut Connected,
        attributed: &Attributed<'_>,
        options: &RevertOptions,
        key: i64,
        observer: &dyn Observer,
    ) -> Result<(LedgerState, Vec<DoneMigration>), Error> {
        let ledger = self.adopted_ledger(connected, attributed.history, observer)?;
        let service = options.connect.selection.service.as_deref();
        let steps = connected.revert_steps(attributed, &ledger, &options.reach, service)?;
        let mut reverted = Vec::new();
        let work = Work {
            ledger: &ledger,
            steps: &steps,
            key,
            attribution: attributed.attribution(),
        };
        let result = self.revert_steps(connected, &work, &mut reverted, observer);
        result.map_err(|error| stopped(error, connected, &ledger, &reverted, None))?;
        Ok((ledger, reverted))
    }

    /// Reverts the last migrations of one database and applies them again, under one lock. What
    /// could keep the second half from happening is looked for before the first.
    pub fn redo(
        &self,
        options: &RedoOptions,
        observer: &dyn Observer,
    ) -> Result<RedoReport, Error> {
        let (mut connected, guarded) = self.connect_one_to_write(&options.connect, observer)?;
        let attributed = guarded.attributed();
        connected.know_owners(&attributed);
        let key = connected.lock_ledger(options.lock_wait, observer)?;
        let mut report = RedoReport {
            database: connected.database.name.clone(),
            ..RedoReport::default()
        };
        let ran = self.redo_locked(
            &mut connected,
            &attributed,
            options,
            key,
            &mut report,
            observer,
        );
        let committed = !report.reverted.is_empty();
        let done = &mut PrivilegesDone::default();
        let result = self.settle_after(&mut connected, ran, committed, observer, done);
        lock::release(&mut connected.session, key);
        result.map(|()| report)
    }

    fn redo_locked(
        &self,
        connected: &mut Connected,
        attributed: &Attributed<'_>,
        options: &RedoOptions,
        key: i64,
        report: &mut RedoReport,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let ledger = self.adopted_ledger(connected, attributed.history, observer)?;
        let service = options.connect.selection.service.as_deref();
        let reach = Reach::Steps(options.steps);
        let steps = connected.revert_steps(attributed, &ledger, &reach, service)?;
        // An edited or missing migration is no obstacle if it is the one that is done again.
        let mut again = Vec::new();
        for (step, _) in steps.iter().rev() {
            let migration = step.migration.clone().ok_or_else(|| Error::NotOnDisk {
                database: connected.database.name.clone(),
                migration: step.folder_name.clone(),
            })?;
            Script::of(&migration.up)?;
            again.push(Step {
                migration,
                late: false,
                statements_done: 0,
                breach: None,
                begun: None,
            });
        }
        let attribution = attributed.attribution();
        let work = Work {
            ledger: &ledger,
            steps: &steps,
            key,
            attribution,
        };
        let result = self.revert_steps(connected, &work, &mut report.reverted, observer);
        result.map_err(|error| stopped(error, connected, &ledger, &report.reverted, Some(&[])))?;
        let references = again.iter().map(|step| step.migration.reference());
        observer.observe(&Event::Planned {
            database: connected.database.name.clone(),
            migrations: references.collect(),
        });
        let mut executor = self.executor(connected, &ledger.place, key, attribution, observer);
        let result = executor.apply(&again, &mut report.applied);
        result.map_err(|error| {
            let error = executed(error, &connected.database.name);
            let again = Some(report.applied.as_slice());
            stopped(error, connected, &ledger, &report.reverted, again)
        })
    }

    /// The ledger with our rows for what Diesel's own tool applied. Call it under the lock.
    pub(super) fn adopted_ledger(
        &self,
        connected: &mut Connected,
        history: &History,
        observer: &dyn Observer,
    ) -> Result<LedgerState, Error> {
        connected.ensure_ledger()?;
        let ledger = connected.read_ledger()?;
        self.adopt(connected, history, &ledger, observer)?;
        Ok(ledger)
    }

    fn revert_steps(
        &self,
        connected: &mut Connected,
        work: &Work<'_>,
        reverted: &mut Vec<DoneMigration>,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        observer.observe(&Event::Planned {
            database: connected.database.name.clone(),
            migrations: work
                .steps
                .iter()
                .map(|(step, _)| step.reference())
                .collect(),
        });
        let (place, attribution) = (&work.ledger.place, work.attribution);
        let mut executor = self.executor(connected, place, work.key, attribution, observer);
        let result = executor.revert(work.steps, reverted);
        result.map_err(|error| executed(error, &connected.database.name))
    }

    /// Drops every selected database and builds it again from the history. Refuses production.
    pub fn reset(
        &self,
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<DeployReport, Error> {
        self.refuse_production("reset")?;
        // A history that cannot be read must not cost the data.
        let connect = &options.connect;
        let (_, databases) = self.read(&connect.selection)?;
        // Nor one that cannot be reached.
        for mut one in self.open_all(databases.clone(), connect.wait, observer)? {
            // Nor one in which nothing could be built again.
            one.require_own_session()?;
        }
        let targets = self.targets(databases, connect.wait, observer)?;
        {
            // Whoever asks to stop meanwhile is heard by the deploy, which then begins nothing.
            let _without = self.interrupt.hold();
            for (database, target) in targets {
                self.drop_one(&database, &target)?;
                create(&database, &target, observer)?;
            }
        }
        self.deploy(options, observer)
    }
}

/// What is to be undone under the lock.
struct Work<'a> {
    ledger: &'a LedgerState,
    steps: &'a [(RevertStep, Script)],
    key: i64,
    attribution: Option<&'a Attribution<'a>>,
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

impl Connected {
    /// Takes the lock of this database's ledger, which can be written to; gives its key.
    pub(super) fn lock_ledger(
        &mut self,
        limit: Duration,
        observer: &dyn Observer,
    ) -> Result<i64, Error> {
        let place = ledger::locate(&mut self.session).map_err(self.ledger_failed())?;
        let key = lock::key(&place.schema);
        self.lock(key, limit, observer)?;
        Ok(key)
    }

    /// The steps with their SQL, from disk or else from the ledger.
    fn revert_steps(
        &mut self,
        attributed: &Attributed<'_>,
        ledger: &LedgerState,
        reach: &Reach,
        service: Option<&str>,
    ) -> Result<Vec<(RevertStep, Script)>, Error> {
        let steps = plan_revert(attributed.history, ledger, reach, service).map_err(|error| {
            Error::Plan {
                database: self.database.name.clone(),
                error,
                edits: Vec::new(),
            }
        })?;
        if steps.is_empty() && !matches!(reach, Reach::To(_)) {
            return Err(Error::NothingApplied {
                database: self.database.name.clone(),
            });
        }
        if let Some(attribution) = attributed.attribution() {
            let versions: Vec<&str> = steps.iter().map(|step| step.version.as_str()).collect();
            refuse(attribution.breaches_of_down(&versions))?;
        }
        steps
            .into_iter()
            .map(|step| {
                let on_disk = step.migration.as_ref().and_then(|m| m.down.clone());
                let file = match on_disk {
                    Some(file) => file,
                    None => self.saved_down(&ledger.place, &step)?,
                };
                let script = Script::of(&file)?;
                if script.statements().is_empty() {
                    // It would take the row away and leave what the row tells of.
                    return Err(Error::EmptyDownSql {
                        database: self.database.name.clone(),
                        migration: step.folder_name.clone(),
                    });
                }
                Ok((step, script))
            })
            .collect()
    }

    /// The `down.sql` that the ledger kept, for a migration whose files are gone.
    fn saved_down(
        &mut self,
        place: &ledger::LedgerPlace,
        step: &RevertStep,
    ) -> Result<SourceFile, Error> {
        let saved = match step.migration {
            // The file was removed on purpose.
            Some(_) => None,
            None => ledger::saved_down_sql(&mut self.session, place, &step.version)
                .map_err(self.failed("reading the ledger"))?,
        };
        let sql = saved.ok_or_else(|| Error::NoDownSql {
            database: self.database.name.clone(),
            standing: step.folder_name.clone(),
        })?;
        if SqlFile::of(&sql).has_masked_passwords() {
            return Err(Error::PasswordNotKept {
                database: self.database.name.clone(),
                migration: step.folder_name.clone(),
            });
        }
        let path = format!("{}/down.sql (kept in the ledger)", step.folder_name);
        Ok(SourceFile::new(path, sql))
    }
}

fn planned((step, script): &(RevertStep, Script)) -> PlannedMigration {
    PlannedMigration {
        migration: step.reference(),
        run_in_transaction: step.run_in_transaction,
        statements_done: step.statements_done,
        sql: mask_passwords(script.file().text()).into_owned(),
    }
}
