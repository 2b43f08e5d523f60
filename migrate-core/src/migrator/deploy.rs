//! `deploy`: what is pending, to every database, once.

use std::collections::HashMap;
use std::time::Duration;

use crate::deploy::{ExecuteError, Executor, Script, attempted};
use crate::error::{Edit, Error};
use crate::event::{Event, MigrationRef, Observer};
use crate::history::History;
use crate::ledger::{self, LedgerError, LedgerState};
use crate::lock::{self, LockError};
use crate::plan::{DeployPlan, DeployRequest, PlanError, plan_deploy};
use crate::prerequisites::Prerequisites;
use crate::report::{DatabaseDeploy, DeployReport, PlannedMigration};
use crate::statement::mask_passwords;

use super::connect::MissingDatabase;
use super::{ConnectOptions, Connected, Migrator};

/// How to deploy.
#[derive(Debug, Clone)]
pub struct DeployOptions {
    /// Which databases, and how long to wait for them.
    pub connect: ConnectOptions,
    /// What to apply.
    pub request: DeployRequest,
    /// Whether to create a missing database even where `create` does not say so.
    pub create_databases: bool,
    /// Whether to only say what would be done.
    pub dry_run: bool,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
}

impl Migrator {
    /// Applies what is pending to each selected database, in the order of the file.
    ///
    /// All variables, connections and plans of all databases are looked at before anything is
    /// applied to any. Where nothing is pending, nothing is locked or written.
    pub fn deploy(
        &self,
        options: &DeployOptions,
        observer: &mut dyn Observer,
    ) -> Result<DeployReport, Error> {
        let connect = &options.connect;
        let (history, databases) = self.read(&connect.selection)?;
        let missing = match (options.dry_run, options.create_databases) {
            (true, _) => MissingDatabase::Refuse,
            (false, false) => MissingDatabase::CreateIfAllowed,
            (false, true) => MissingDatabase::Create,
        };
        let mut connected = self.connect(databases, connect.wait, missing, observer)?;
        let mut work = Vec::new();
        for connected in &mut connected {
            let history = history.of_database(&connected.database.name);
            let looked = connected.look(&history, &options.request)?;
            for step in &looked.plan.steps {
                // A file that cannot be run must not be found out half way.
                Script::of(&step.migration.up)?;
            }
            work.push((history, looked));
        }
        let mut report = DeployReport {
            dry_run: options.dry_run,
            databases: Vec::new(),
        };
        for (connected, (history, looked)) in connected.iter_mut().zip(work) {
            let mut done = looked.report(connected);
            let result = if options.dry_run {
                done.would_apply = looked.planned();
                Ok(())
            } else if looked.nothing_to_do() {
                Ok(())
            } else {
                self.deploy_one(connected, &history, options, &mut done, observer)
            };
            report.databases.push(done);
            if let Err(error) = result {
                return Err(with_report(error, report));
            }
        }
        Ok(report)
    }

    /// Everything that happens under the lock of one database.
    fn deploy_one(
        &self,
        connected: &mut Connected,
        history: &History,
        options: &DeployOptions,
        done: &mut DatabaseDeploy,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let missing = connected.missing_prerequisites()?;
        let key = match ledger::locate(&mut connected.session) {
            Ok(place) => lock::key(&place.schema),
            // The search path may name a schema that we are about to create.
            Err(LedgerError::NoSchema) if !missing.schemas.is_empty() => {
                lock::key(&missing.schemas[0])
            }
            Err(error) => return Err(connected.ledger_failed()(error)),
        };
        connected.lock(key, options.lock_wait, observer)?;
        let result = self.deploy_locked(connected, &missing, history, options, done, observer);
        lock::release(&mut connected.session, key);
        result
    }

    fn deploy_locked(
        &self,
        connected: &mut Connected,
        missing: &Prerequisites,
        history: &History,
        options: &DeployOptions,
        done: &mut DatabaseDeploy,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        connected.create_prerequisites(missing, observer)?;
        let place = ledger::locate(&mut connected.session).map_err(connected.ledger_failed())?;
        let place =
            ledger::ensure(&mut connected.session, &place).map_err(connected.ledger_failed())?;
        // Whoever held the lock before us may have applied what we saw pending.
        let looked = connected.look(history, &options.request)?;
        *done = looked.report(connected);
        self.adopt(connected, history, &looked, observer)?;
        let steps = &looked.plan.steps;
        observer.observe(&Event::Planned {
            database: connected.database.name.clone(),
            migrations: steps
                .iter()
                .map(|step| MigrationRef::of(&step.migration))
                .collect(),
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
        let result = executor.apply(steps, &mut done.applied);
        done.total_applied += done.applied.len();
        result.map_err(|error| executed(error, &connected.database.name))
    }

    fn adopt(
        &self,
        connected: &mut Connected,
        history: &History,
        looked: &Looked,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let adopted: Vec<_> = looked
            .plan
            .adopt
            .iter()
            .filter_map(|version| history.find(version))
            .collect();
        let place = &looked.ledger.place;
        let rows: Vec<_> = adopted
            .iter()
            .map(|migration| attempted(migration))
            .collect();
        ledger::adopt(&mut connected.session, place, &self.client, &rows)
            .map_err(connected.failed("taking over what Diesel's own tool applied"))?;
        for migration in adopted {
            observer.observe(&Event::Adopted {
                database: connected.database.name.clone(),
                version: migration.version.clone(),
            });
        }
        Ok(())
    }
}

/// What a look at a database gave.
struct Looked {
    ledger: LedgerState,
    plan: DeployPlan,
    prerequisites_missing: bool,
}

impl Looked {
    fn nothing_to_do(&self) -> bool {
        self.plan.steps.is_empty() && self.plan.adopt.is_empty() && !self.prerequisites_missing
    }

    fn planned(&self) -> Vec<PlannedMigration> {
        let steps = self.plan.steps.iter();
        steps
            .map(|step| PlannedMigration {
                migration: MigrationRef::of(&step.migration),
                run_in_transaction: step.migration.run_in_transaction,
                sql: mask_passwords(step.migration.up.text()).into_owned(),
            })
            .collect()
    }

    fn report(&self, connected: &Connected) -> DatabaseDeploy {
        let late = self.plan.steps.iter().filter(|step| step.late);
        let applied = self.ledger.entries.iter().filter(|entry| entry.in_diesel);
        DatabaseDeploy {
            database: connected.database.name.clone(),
            late: late.map(|step| MigrationRef::of(&step.migration)).collect(),
            ahead: self.plan.ahead.clone(),
            total_applied: applied.count(),
            ..DatabaseDeploy::default()
        }
    }
}

impl Connected {
    /// Reads the ledger and plans. Writes nothing.
    fn look(&mut self, history: &History, request: &DeployRequest) -> Result<Looked, Error> {
        let missing = self.missing_prerequisites()?;
        let ledger = match self.read_ledger() {
            Err(Error::Ledger {
                error: LedgerError::NoSchema,
                ..
            }) if !missing.schemas.is_empty() => LedgerState {
                place: ledger::LedgerPlace {
                    schema: missing.schemas[0].clone(),
                    diesel_table: false,
                    format: None,
                },
                entries: Vec::new(),
            },
            other => other?,
        };
        match plan_deploy(history, &ledger, request) {
            Ok(plan) => Ok(Looked {
                ledger,
                plan,
                prerequisites_missing: !missing.is_empty(),
            }),
            Err(error) => Err(self.refused(history, &ledger, error)),
        }
    }

    /// Reads how every version stands.
    pub(super) fn read_ledger(&mut self) -> Result<LedgerState, Error> {
        let place = ledger::locate(&mut self.session).map_err(self.ledger_failed())?;
        ledger::read(&mut self.session, place).map_err(self.failed("reading the ledger"))
    }

    /// Takes the lock for this session.
    pub(super) fn lock(
        &mut self,
        key: i64,
        limit: Duration,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let database = &self.database.name;
        let acquired = lock::acquire(&mut self.session, key, limit, |holder| {
            observer.observe(&Event::WaitingForLock {
                database: database.clone(),
                holder: holder.clone(),
            });
        });
        acquired.map_err(|error| match error {
            LockError::Held { holder, waited } => Error::Locked {
                database: database.clone(),
                holder,
                waited,
            },
            LockError::Server(error) => Error::Server {
                database: database.clone(),
                doing: "taking the lock",
                error,
            },
        })
    }

    /// A plan's refusal, with the texts of edited migrations for a diff.
    fn refused(&mut self, history: &History, ledger: &LedgerState, error: PlanError) -> Error {
        let edits = match &error {
            PlanError::Modified(standings) => {
                let versions: Vec<&str> = standings.iter().map(|s| s.version.as_str()).collect();
                let mut applied = ledger::saved_up_sql(&mut self.session, &ledger.place, &versions)
                    .unwrap_or_else(|_| HashMap::new());
                standings
                    .iter()
                    .filter_map(|standing| {
                        let migration = history.find(&standing.version)?;
                        Some(Edit {
                            standing: standing.clone(),
                            file: migration.up.path().display().to_string(),
                            applied: applied.remove(&standing.version),
                            present: mask_passwords(migration.up.text()).into_owned(),
                        })
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        Error::Plan {
            database: self.database.name.clone(),
            error,
            edits,
        }
    }
}

/// Words an executor's error; the report is added where it is known.
pub(super) fn executed(error: ExecuteError, database: &str) -> Error {
    match error {
        ExecuteError::Forbidden(forbidden) => Error::Forbidden(forbidden),
        ExecuteError::FinishedPartEdited {
            migration,
            statements_done,
            location,
        } => Error::FinishedPartEdited {
            migration,
            statements_done,
            location,
        },
        ExecuteError::Migration(failure) => Error::Migration {
            database: database.to_owned(),
            failure,
            report: Box::default(),
        },
    }
}

fn with_report(error: Error, done: DeployReport) -> Error {
    match error {
        Error::Migration {
            database, failure, ..
        } => Error::Migration {
            database,
            failure,
            report: Box::new(done),
        },
        other => other,
    }
}
