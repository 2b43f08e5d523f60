//! `revert`, `redo` and `reset`.

use std::time::Duration;

use crate::deploy::{Executor, Script};
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::history::History;
use crate::ledger;
use crate::lock;
use crate::plan::{DeployRequest, Reach, RevertStep, plan_revert};
use crate::report::{DatabaseDeploy, DeployReport, PlannedMigration, RevertReport};
use crate::source::SourceFile;
use crate::statement::{has_masked_passwords, mask_passwords};

use super::connect::{MissingDatabase, create};
use super::deploy::{DeployOptions, executed};
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
        observer: &mut dyn Observer,
    ) -> Result<RevertReport, Error> {
        let connect = &options.connect;
        self.one_database(&connect.selection)?;
        let (history, databases) = self.read(&connect.selection)?;
        let refuse = MissingDatabase::Refuse;
        let mut all = self.connect(databases, connect.wait, refuse, observer)?;
        // `one_database` has seen that exactly one is selected.
        let connected = all.first_mut().expect("one database is selected");
        let history = history.of_database(&connected.database.name);
        let mut report = RevertReport {
            dry_run: options.dry_run,
            database: connected.database.name.clone(),
            ..RevertReport::default()
        };
        let service = connect.selection.service.as_deref();
        if options.dry_run {
            let steps = connected.revert_steps(&history, &options.reach, service, &mut report)?;
            report.would_revert = steps.iter().map(planned).collect();
            return Ok(report);
        }
        let place = ledger::locate(&mut connected.session).map_err(connected.ledger_failed())?;
        let key = lock::key(&place.schema);
        connected.lock(key, options.lock_wait, observer)?;
        let place =
            ledger::ensure(&mut connected.session, &place).map_err(connected.ledger_failed())?;
        let steps = connected.revert_steps(&history, &options.reach, service, &mut report)?;
        observer.observe(&Event::Planned {
            database: connected.database.name.clone(),
            migrations: steps.iter().map(|(step, _)| step.reference()).collect(),
        });
        let mut executor = Executor {
            session: &mut connected.session,
            place: &place,
            client: &self.client,
            database: &connected.database.name,
            lock_timeout: connected.database.lock_timeout,
            statement_timeout: connected.database.statement_timeout,
            observer,
        };
        let result = executor.revert(&steps, &mut report.reverted);
        lock::release(&mut connected.session, key);
        report.total_applied -= report.reverted.len();
        result.map_err(|error| executed(error, &connected.database.name))?;
        Ok(report)
    }

    /// Reverts the last migrations of one database and applies them again.
    pub fn redo(
        &self,
        options: &RedoOptions,
        observer: &mut dyn Observer,
    ) -> Result<DatabaseDeploy, Error> {
        let revert = RevertOptions {
            connect: options.connect.clone(),
            reach: Reach::Steps(options.steps),
            dry_run: false,
            lock_wait: options.lock_wait,
        };
        let reverted = self.revert(&revert, observer)?.reverted;
        let versions = reverted.into_iter().map(|done| done.migration.version);
        let deploy = DeployOptions {
            connect: options.connect.clone(),
            request: DeployRequest {
                only: Some(versions.collect()),
                ..DeployRequest::default()
            },
            create_databases: false,
            dry_run: false,
            lock_wait: options.lock_wait,
        };
        let mut report = self.deploy(&deploy, observer)?;
        // `revert` has seen that exactly one database is selected.
        Ok(report.databases.pop().expect("one database is selected"))
    }

    /// Drops every selected database and builds it again from the history. Refuses production.
    pub fn reset(
        &self,
        options: &DeployOptions,
        observer: &mut dyn Observer,
    ) -> Result<DeployReport, Error> {
        self.refuse_production("reset")?;
        // A history that cannot be read must not cost the data.
        let connect = &options.connect;
        let (_, databases) = self.read(&connect.selection)?;
        for (database, target) in self.targets(databases, connect.wait, observer)? {
            self.drop_one(&database, &target)?;
            create(&database, &target, observer)?;
        }
        self.deploy(options, observer)
    }
}

impl Connected {
    /// The steps with their SQL, from disk or else from the ledger. Counts what is applied.
    fn revert_steps(
        &mut self,
        history: &History,
        reach: &Reach,
        service: Option<&str>,
        report: &mut RevertReport,
    ) -> Result<Vec<(RevertStep, Script)>, Error> {
        let ledger = self.read_ledger()?;
        report.total_applied = ledger
            .entries
            .iter()
            .filter(|entry| entry.in_diesel)
            .count();
        let steps = plan_revert(history, &ledger, reach, service).map_err(|error| Error::Plan {
            database: self.database.name.clone(),
            error,
            edits: Vec::new(),
        })?;
        if steps.is_empty() && !matches!(reach, Reach::To(_)) {
            return Err(Error::NothingApplied {
                database: self.database.name.clone(),
            });
        }
        steps
            .into_iter()
            .map(|step| {
                let on_disk = step.migration.as_ref().and_then(|m| m.down.clone());
                let file = match on_disk {
                    Some(file) => file,
                    None => self.saved_down(&ledger.place, &step)?,
                };
                Ok((step, Script::of(&file)?))
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
        if has_masked_passwords(&sql) {
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
        run_in_transaction: step.migration.as_ref().is_none_or(|m| m.run_in_transaction),
        sql: mask_passwords(script.file().text()).into_owned(),
    }
}
