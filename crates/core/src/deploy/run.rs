//! Runs migrations in their order: what can be found out about any is found out before the first.

use std::time::Instant;

use crate::attribution::Late;
use crate::history::Migration;
use crate::plan::{RevertStep, Step};
use migrate_text::migration_ref::Direction;

use super::executor::{DoneMigration, Executor};
use super::failure::ExecuteError;
use super::foresight::{Foresight, scripts};
use super::guard::GuardBreach;
use super::job::{Commit, Job, Remedy, reverted};
use super::limits::Limits;
use super::remains::{Escape, MigrationFailure};
use super::script::Script;
use super::together::Pace;

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

    /// The session, only to ask.
    fn foresight(&mut self) -> Foresight<'_> {
        Foresight {
            session: &mut self.session,
            place: self.place,
            attribution: self.attribution,
            retry: self.retry,
        }
    }

    fn jobs<'j>(&self, steps: &'j [Step], scripts: &'j [Script]) -> Vec<Job<'j>> {
        let job = |(index, (step, script)): (usize, (&'j Step, &'j Script))| Job {
            commit: if index + 1 == steps.len() {
                Commit::Synchronous
            } else {
                Commit::Asynchronous
            },
            limits: self.limits_of(Some(&step.migration)),
            unlocked: self.session.key().is_none(),
            ..Job::up(step, script)
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

    /// Runs jobs in their order. What can be found out about any is found out before the first.
    fn run_all(
        &mut self,
        mut jobs: Vec<Job<'_>>,
        done: &mut Vec<DoneMigration>,
    ) -> Result<(), ExecuteError> {
        self.foresight().look_before(&mut jobs)?;
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
    pub(super) fn failed(
        &self,
        job: &Job<'_>,
        mut failure: MigrationFailure,
        not_tried: usize,
    ) -> ExecuteError {
        failure.not_tried = not_tried;
        if let Some(escape) = Escape::of(&failure) {
            return ExecuteError::Escaped(Box::new(escape));
        }
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
        let services = job.mandate(self.attribution).unwrap_or_default().services;
        match GuardBreach::of(&failure, services, job.on_disk()) {
            Some(breach) => ExecuteError::Breach(Box::new(breach)),
            None => ExecuteError::Migration(Box::new(failure)),
        }
    }
}
