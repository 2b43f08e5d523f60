//! Applies and reverts migrations: the only place that holds lock, transaction and record
//! together.

mod failure;
mod outside;
mod script;
mod transaction;

use std::time::{Duration, Instant};

use crate::database::Session;
use crate::event::{Direction, Event, MigrationRef, Observer};
use crate::history::Migration;
use crate::ledger::{self, Attempted, Client, LedgerPlace};
use crate::plan::{RevertStep, Step};
use crate::statement::mask_passwords;

pub use failure::{ExecuteError, MigrationFailure, Remains};
pub use script::{ForbiddenText, Script};

/// A session that runs migrations of one database.
pub struct Executor<'a> {
    /// The session; holds the lock.
    pub session: &'a mut Session,
    /// Where the ledger is; its tables exist.
    pub place: &'a LedgerPlace,
    /// Who we are.
    pub client: &'a Client,
    /// The database's name in `migrate.toml`.
    pub database: &'a str,
    /// How long a statement waits for a lock; zero for ever.
    pub lock_timeout: Duration,
    /// How long a statement may take; zero for ever.
    pub statement_timeout: Duration,
    /// Is told what happens.
    pub observer: &'a mut dyn Observer,
}

/// Whether a commit waits for the disk. All but the last of a deploy need not: a crash can then
/// lose a suffix of the deploy, ledger rows included, never a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commit {
    /// Returns before it is on disk.
    Asynchronous,
    /// As the server is configured.
    Synchronous,
}

/// One way of one migration, ready to run.
struct Job<'a> {
    script: &'a Script,
    migration: MigrationRef,
    attempted: Attempted<'a>,
    direction: Direction,
    statements_done: usize,
    commit: Commit,
}

/// What ran and how long it took.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DoneMigration {
    /// The migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// In milliseconds, the round trip included.
    pub duration_ms: f64,
}

impl MigrationRef {
    /// Names a migration.
    pub fn of(migration: &Migration) -> Self {
        Self {
            version: migration.version.clone(),
            name: migration.name().to_owned(),
            services: migration.services.clone(),
        }
    }
}

/// What the ledger is told of a migration on disk.
pub fn attempted(migration: &Migration) -> Attempted<'_> {
    Attempted {
        version: &migration.version,
        name: &migration.folder_name,
        run_in_transaction: migration.run_in_transaction,
        services: &migration.services,
        up_sql: Some(migration.up.text()),
        down_sql: migration.down.as_ref().map(|down| down.text()),
    }
}

impl Executor<'_> {
    /// Applies the steps in their order and adds each to `done` once it is committed. Every file
    /// is looked through before the first is run.
    pub fn apply(
        &mut self,
        steps: &[Step],
        done: &mut Vec<DoneMigration>,
    ) -> Result<(), ExecuteError> {
        let scripts = steps
            .iter()
            .map(|step| Script::of(&step.migration.up))
            .collect::<Result<Vec<_>, _>>()?;
        for (index, (step, script)) in steps.iter().zip(&scripts).enumerate() {
            let remaining = steps.len() - index - 1;
            let job = Job {
                script,
                migration: MigrationRef::of(&step.migration),
                attempted: attempted(&step.migration),
                direction: Direction::Up,
                statements_done: step.statements_done,
                commit: if remaining == 0 {
                    Commit::Synchronous
                } else {
                    Commit::Asynchronous
                },
            };
            done.push(self.run(&job, remaining)?);
        }
        Ok(())
    }

    /// Reverts the steps in their order and adds each to `done` once it is committed.
    pub fn revert(
        &mut self,
        steps: &[(RevertStep, Script)],
        done: &mut Vec<DoneMigration>,
    ) -> Result<(), ExecuteError> {
        for (index, (step, script)) in steps.iter().enumerate() {
            let migration = step.migration.as_ref();
            let job = Job {
                script,
                migration: step.reference(),
                attempted: migration.map_or_else(
                    || Attempted {
                        version: &step.version,
                        name: &step.folder_name,
                        // What is gone from disk was kept whole; in a transaction is the safe way.
                        run_in_transaction: true,
                        services: &step.services,
                        up_sql: None,
                        down_sql: Some(script.file().text()),
                    },
                    attempted,
                ),
                direction: Direction::Down,
                statements_done: 0,
                commit: Commit::Synchronous,
            };
            done.push(self.run(&job, steps.len() - index - 1)?);
        }
        Ok(())
    }

    fn run(&mut self, job: &Job<'_>, remaining: usize) -> Result<DoneMigration, ExecuteError> {
        self.observer.observe(&Event::Started {
            database: self.database.to_owned(),
            migration: job.migration.clone(),
            direction: job.direction,
            sql: mask_passwords(job.script.file().text()).into_owned(),
        });
        self.check_finished_part(job)?;
        let started = Instant::now();
        let result = if job.attempted.run_in_transaction {
            self.run_in_transaction(job)
        } else {
            self.run_outside_transaction(job)
        };
        self.tell_notices(job);
        result.map_err(|mut failure| {
            failure.not_tried = remaining;
            ExecuteError::Migration(Box::new(failure))
        })?;
        let done = DoneMigration {
            migration: job.migration.clone(),
            duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        };
        self.observer.observe(&Event::Done {
            database: self.database.to_owned(),
            migration: job.migration.clone(),
            direction: job.direction,
            duration_ms: done.duration_ms,
        });
        Ok(done)
    }

    fn tell_notices(&mut self, job: &Job<'_>) {
        for notice in self.session.take_notices() {
            self.observer.observe(&Event::Notice {
                database: self.database.to_owned(),
                version: job.migration.version.clone(),
                severity: notice.severity,
                message: notice.message,
            });
        }
    }

    /// Records a failure if that is still possible. Its commit waits for the disk, and with it
    /// for all asynchronous commits before it.
    fn record_failure(&mut self, job: &Job<'_>, failure: &MigrationFailure, done: usize) {
        // The failure itself is what the caller has to hear of.
        let _ = ledger::record_failure(
            self.session,
            self.place,
            self.client,
            job.attempted,
            job.direction.as_str(),
            done,
            &failure.error,
        );
    }
}
