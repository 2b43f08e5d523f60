//! Runs migrations in their order: what can be found out about any is found out before the first.

use std::time::Instant;

use crate::attribution::Late;
use crate::history::Migration;
use crate::ledger::Unfinished;
use crate::plan::{RevertStep, Step};
use migrate_text::migration_ref::Direction;

use super::executor::{DoneMigration, Executor};
use super::failure::ExecuteError;
use super::guard::GuardBreach;
use super::job::{Commit, Job, Remedy, attempted, reverted};
use super::limits::Limits;
use super::remains::MigrationFailure;
use super::script::{ForbiddenText, Script};
use super::together::Pace;

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
            let recorded = job.unfinished.statements_done;
            self.settle(job)?;
            if job.unfinished.statements_done > recorded {
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
    pub(super) fn failed(
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
}
