//! Applies and reverts migrations: the only place that holds lock, transaction and record
//! together.

mod alone;
mod doubt;
mod failure;
mod guard;
mod interrupt;
mod outside;
mod patience;
mod script;
mod together;
mod transaction;

use std::time::Instant;

use crate::attribution::{Attribution, Late};
use crate::event::{Event, Observer};
use crate::history::Migration;
use crate::ledger::{self, Attempted, Client, LedgerPlace, Unfinished};
use crate::lock::Held;
use crate::plan::{RevertStep, Step};
use migrate_postgres::Notice;
use migrate_sql::mask_passwords;
use migrate_text::migration_ref::{Direction, MigrationRef};

use alone::{Remedy, Settled};
pub use doubt::look;
pub use failure::{ExecuteError, MigrationFailure, Remains};

pub use guard::{ForeignChange, GuardBreach, Offence};
pub use interrupt::{Hold, Interrupt};
pub use patience::{Limits, Patience};
pub use script::{ForbiddenText, Script};
use together::Pace;
pub(crate) use transaction::clean;

/// A session that runs migrations of one database.
pub struct Executor<'a> {
    /// The session, with the lock.
    pub session: Held<'a>,
    /// Where the ledger is; its tables exist.
    pub place: &'a LedgerPlace,
    /// Who we are.
    pub client: &'a Client,
    /// The database's name in `migrate.toml`.
    pub database: &'a str,
    /// How long a migration may wait and work, unless it says otherwise.
    pub limits: Limits,
    /// Its waiting.
    pub patience: Patience,
    /// What each migration may touch; all, where there is nobody to be protected from anybody.
    pub attribution: Option<&'a Attribution<'a>>,
    /// Whether a person said that what stopped half way is to be run again: a statement of which
    /// nobody can say whether it happened too, and an invalid index in its way is dropped.
    pub retry: bool,
    /// Stops the run when asked.
    pub interrupt: &'a Interrupt,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
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
    late: Late,
    /// What an earlier attempt has left.
    unfinished: Unfinished,
    remedy: Remedy,
    commit: Commit,
    limits: Limits,
    /// Whether nobody else is there to wait for: in a database of our own.
    unlocked: bool,
}

impl Job<'_> {
    /// Whether its folder is there; the ledger has the `down.sql` of one that is gone.
    fn on_disk(&self) -> bool {
        self.attempted.up_sql.is_some()
    }
}

/// What ran and how long it took.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DoneMigration {
    /// The migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// In milliseconds: the round trip included, or the server's time for one that went together
    /// with others.
    pub duration_ms: f64,
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

/// What the ledger is told of a migration that is reverted.
fn reverted<'a>(step: &'a RevertStep, script: &'a Script) -> Attempted<'a> {
    match &step.migration {
        Some(migration) => attempted(migration),
        None => Attempted {
            version: &step.version,
            name: &step.folder_name,
            run_in_transaction: step.run_in_transaction,
            services: &step.services,
            up_sql: None,
            down_sql: Some(script.file().text()),
        },
    }
}

fn scripts(steps: &[Step]) -> Result<Vec<Script>, ForbiddenText> {
    let files = steps.iter().map(|step| &step.migration.up);
    files.map(Script::of).collect()
}

impl Executor<'_> {
    /// Applies the steps in their order and adds each to `done` once it is committed. Every file
    /// is looked through before the first is run.
    pub fn apply(
        &mut self,
        steps: &[Step],
        done: &mut Vec<DoneMigration>,
    ) -> Result<(), ExecuteError> {
        let scripts = scripts(steps)?;
        let jobs = self.jobs(steps, &scripts);
        self.run_all(jobs, done)
    }

    /// Finds out, of the same steps, what would refuse them before the first is run, and how many
    /// statements of each are done for good by now. Changes nothing.
    pub fn foresee(&mut self, steps: &mut [Step]) -> Result<(), ExecuteError> {
        let scripts = scripts(steps)?;
        let mut jobs = self.jobs(steps, &scripts);
        self.look_before(&mut jobs)?;
        let known: Vec<Unfinished> = jobs.into_iter().map(|job| job.unfinished).collect();
        for (step, known) in steps.iter_mut().zip(known) {
            step.unfinished = known;
        }
        Ok(())
    }

    fn jobs<'j>(&self, steps: &'j [Step], scripts: &'j [Script]) -> Vec<Job<'j>> {
        let job = |(index, (step, script)): (usize, (&'j Step, &'j Script))| Job {
            script,
            migration: step.migration.reference(),
            attempted: attempted(&step.migration),
            direction: Direction::Up,
            late: if step.late { Late::Yes } else { Late::No },
            unfinished: step.unfinished.clone(),
            remedy: Remedy::None,
            commit: if index + 1 == steps.len() {
                Commit::Synchronous
            } else {
                Commit::Asynchronous
            },
            limits: self.limits_of(Some(&step.migration)),
            unlocked: self.session.key().is_none(),
        };
        steps.iter().zip(scripts).enumerate().map(job).collect()
    }

    /// How long a migration may wait and work. In a database of our own there is nobody to be kept
    /// waiting.
    fn limits_of(&self, migration: Option<&Migration>) -> Limits {
        match (migration, self.session.key()) {
            (Some(migration), Some(_)) => self.limits.with(migration.limits),
            _ => self.limits,
        }
    }

    /// Finds out of jobs that stopped half way whether and where they can go on.
    fn look_before(&mut self, jobs: &mut [Job<'_>]) -> Result<(), ExecuteError> {
        for job in jobs {
            self.check_finished_part(job)?;
            if self.settle(job)? == Settled::OneMore {
                self.check_finished_part(job)?;
            }
            self.check_breach(job)?;
        }
        Ok(())
    }

    /// Runs jobs in their order. What can be found out about any is found out before the first.
    fn run_all(
        &mut self,
        mut jobs: Vec<Job<'_>>,
        done: &mut Vec<DoneMigration>,
    ) -> Result<(), ExecuteError> {
        self.look_before(&mut jobs)?;
        let mut pace = Pace::new(self.observer.looks_on());
        let mut rest = jobs.as_slice();
        while !rest.is_empty() {
            let (next, remaining) = rest.split_at(pace.next(rest));
            let before = done.len();
            if let [job] = next {
                done.push(self.run(job, remaining.len())?);
            } else {
                self.run_together(next, remaining.len(), done)?;
                pace.went(next.len(), &done[before..]);
            }
            rest = &rest[done.len() - before..];
        }
        Ok(())
    }

    /// Reverts the steps in their order and adds each to `done` once it is committed.
    pub fn revert(
        &mut self,
        steps: &[(RevertStep, Script)],
        done: &mut Vec<DoneMigration>,
    ) -> Result<(), ExecuteError> {
        let jobs: Vec<Job<'_>> = steps
            .iter()
            .map(|(step, script)| Job {
                script,
                migration: step.reference(),
                attempted: reverted(step, script),
                direction: Direction::Down,
                late: Late::No,
                unfinished: step.unfinished.clone(),
                remedy: Remedy::None,
                commit: Commit::Synchronous,
                limits: self.limits_of(step.migration.as_deref()),
                unlocked: self.session.key().is_none(),
            })
            .collect();
        self.run_all(jobs, done)
    }

    fn run(&mut self, job: &Job<'_>, remaining: usize) -> Result<DoneMigration, ExecuteError> {
        self.tell_started(job);
        let started = Instant::now();
        self.patience.begin(job, std::slice::from_ref(job));
        self.interrupt.begin(self.session.canceller());
        let result = if self.interrupt.was_asked() {
            // Between the last migration and this one.
            Err(None)
        } else if let Err(failure) = self.clear_the_way(job) {
            Err(Some(failure))
        } else if job.attempted.run_in_transaction {
            self.run_in_transaction(job).map_err(Some)
        } else {
            self.run_outside_transaction(job).map_err(Some)
        };
        self.interrupt.end();
        let result = result.map_err(|failure| Some(self.patience.blame(failure?)));
        self.patience.end();
        self.tell_notices(job);
        result.map_err(|failure| match failure {
            Some(failure) => self.failed(job, failure, remaining),
            None => ExecuteError::Interrupted {
                migration: job.migration.clone(),
                direction: job.direction,
                remains: None,
                commits_itself: false,
                invalid_indexes: Vec::new(),
                not_tried: remaining,
            },
        })?;
        Ok(self.tell_done(job, started.elapsed().as_secs_f64() * 1000.0))
    }

    /// The error of a run that a migration ended.
    fn failed(
        &self,
        job: &Job<'_>,
        mut failure: MigrationFailure,
        not_tried: usize,
    ) -> ExecuteError {
        if self.interrupt.was_asked() {
            return ExecuteError::Interrupted {
                migration: failure.migration,
                direction: failure.direction,
                remains: Some(failure.remains),
                commits_itself: failure.commits_itself,
                invalid_indexes: failure.invalid_indexes,
                not_tried,
            };
        }
        failure.not_tried = not_tried;
        let services = self.mandate(job).unwrap_or_default().services;
        match GuardBreach::of(&failure, services, job.on_disk()) {
            Some(breach) => ExecuteError::Breach(Box::new(breach)),
            None => ExecuteError::Migration(Box::new(failure)),
        }
    }

    fn tell_started(&mut self, job: &Job<'_>) {
        self.observer.observe(&Event::Started {
            database: self.database.to_owned(),
            migration: job.migration.clone(),
            direction: job.direction,
            sql: mask_passwords(job.script.file().text()).into_owned(),
        });
    }

    fn tell_done(&mut self, job: &Job<'_>, duration_ms: f64) -> DoneMigration {
        self.observer.observe(&Event::Done {
            database: self.database.to_owned(),
            migration: job.migration.clone(),
            direction: job.direction,
            duration_ms,
        });
        DoneMigration {
            migration: job.migration.clone(),
            duration_ms,
        }
    }

    fn tell_notices(&mut self, job: &Job<'_>) {
        for notice in self.session.take_notices() {
            self.tell_notice(job, notice);
        }
    }

    fn tell_notice(&mut self, job: &Job<'_>, notice: Notice) {
        self.observer.observe(&Event::Notice {
            database: self.database.to_owned(),
            version: job.migration.version.clone(),
            severity: notice.severity,
            message: notice.message,
        });
    }

    /// Records a failure if that is still possible. Its commit waits for the disk, and with it
    /// for all asynchronous commits before it.
    fn record_failure(&mut self, job: &Job<'_>, failure: &MigrationFailure) {
        // A cancel that is repeated must not hit this.
        self.interrupt.end();
        // The failure itself is what the caller has to hear of.
        let _ = ledger::record_failure(
            &mut self.session,
            self.place,
            self.client,
            job.attempted,
            job.direction,
            self.patience.since_begin(),
            &failure.error,
        );
    }
}
