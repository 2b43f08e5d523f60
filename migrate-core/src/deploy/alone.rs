//! Statements that PostgreSQL does not let run in a transaction: they cannot be recorded together
//! with what they do. So it is recorded that they are sent, and a rerun asks the database whether
//! they happened.

use crate::database::ServerError;
use crate::event::Event;
use crate::ledger::{statement_begun, statement_done};
use crate::plan::{Doubt, Happened};
use crate::statement::{Alone, Statement};

use super::doubt::Facts;
use super::guard::{Guard, finds};
use super::outside::{Stopped, as_ourselves, failure};
use super::{ExecuteError, Executor, Job, MigrationFailure};

/// What has to be done before a migration that stopped half way can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing.
    None,
    /// These indexes are invalid, left by a build that did not end.
    Drop(Vec<String>),
    /// The next statement stopped half way, and this ends it.
    Finish(String),
}

impl Executor<'_> {
    /// Finds out whether the statement that an earlier attempt had begun, and of which no record
    /// says that it is done, happened. Changes nothing in the database.
    pub(super) fn settle(&mut self, job: &mut Job<'_>) -> Result<(), ExecuteError> {
        let Some(begun) = job.begun else {
            return Ok(());
        };
        let facts = Facts::read(&begun.facts);
        let Some(facts) = facts.filter(|facts| facts.statement == job.statements_done + 1) else {
            return Ok(());
        };
        // What cannot be asked is not known.
        let doubt = facts.ask(self.session).unwrap_or(Doubt {
            statement: facts.statement,
            happened: Happened::Unknown,
            invalid_indexes: Vec::new(),
        });
        match doubt.happened {
            Happened::Yes if begun.unended => job.statements_done += 1,
            Happened::Unknown if begun.unended && !self.retry => {
                let statement = job.script.statements().get(job.statements_done);
                return Err(ExecuteError::InDoubt {
                    migration: job.migration.clone(),
                    direction: job.direction,
                    statements_done: job.statements_done,
                    statements: job.script.statements().len(),
                    location: statement.map(|s| job.script.location_of(s)),
                });
            }
            _ => {}
        }
        job.remedy = match facts.finalize() {
            Some(finalize) if doubt.happened == Happened::Partly => Remedy::Finish(finalize),
            _ => Remedy::Drop(not_dropped_by(job, doubt.invalid_indexes)),
        };
        Ok(())
    }

    /// Drops what an earlier attempt left and what would stand in the way of the next.
    pub(super) fn clear_the_way(&mut self, job: &Job<'_>) -> Result<(), MigrationFailure> {
        let Remedy::Drop(indexes) = &job.remedy else {
            return Ok(());
        };
        if indexes.is_empty() {
            return Ok(());
        }
        let whole = |error| failure(job, Stopped::before(error), None, job.statements_done);
        self.prepare_session(job, 0).map_err(whole)?;
        for index in indexes {
            self.drop_invalid(job, index).map_err(whole)?;
        }
        Ok(())
    }

    fn drop_invalid(&mut self, job: &Job<'_>, index: &str) -> Result<(), ServerError> {
        self.run_alone(&format!("drop index concurrently if exists {index}"))?;
        self.observer.observe(&Event::InvalidIndexDropped {
            database: self.database.to_owned(),
            version: job.migration.version.clone(),
            index: index.to_owned(),
        });
        Ok(())
    }

    /// Runs a statement alone, and records before it that it is begun and after it that it is
    /// done.
    pub(super) fn run_recorded(
        &mut self,
        job: &Job<'_>,
        statement: &Statement,
        guard: Option<&Guard>,
        id: i64,
        number: usize,
    ) -> Result<(), Stopped> {
        let text = job.script.text(statement);
        let facts = self.facts_before(job, number, text)?;
        let begun = statement_begun(self.place, id, &facts.text());
        self.run_ours(&begun).map_err(Stopped::before)?;
        let record = statement_done(self.place, id, number);
        let result = match guard {
            Some(guard) => self.run_guarded(job, statement, guard, &record),
            None => self
                .run_alone(text)
                .and_then(|()| self.run_ours(&record))
                .map_err(Stopped::before),
        };
        result.map_err(|stopped| Stopped {
            invalid_indexes: self.left_by(&facts),
            ..stopped
        })
    }

    /// What is to be known of a statement before it is sent. An invalid index of the name that it
    /// wants to give stands in its way, and with `IF NOT EXISTS` it would be taken for the index.
    fn facts_before(&mut self, job: &Job<'_>, number: usize, text: &str) -> Result<Facts, Stopped> {
        let before = |executor: &mut Self| {
            let facts = Facts::before(executor.session, number, text)?;
            let in_the_way = facts.in_the_way(executor.session)?;
            Ok((facts, in_the_way))
        };
        let (facts, in_the_way) = before(self).map_err(Stopped::before)?;
        match in_the_way {
            None => Ok(facts),
            Some(index) if self.retry => {
                self.drop_invalid(job, &index).map_err(Stopped::before)?;
                before(self)
                    .map(|(facts, _)| facts)
                    .map_err(Stopped::before)
            }
            Some(index) => Err(Stopped {
                error: ServerError::invalid_index(&index),
                done: false,
                invalid_indexes: vec![index],
            }),
        }
    }

    /// Runs a statement that has transactions of its own, and compares afterwards: too late to
    /// roll anything back, but not to stop there.
    fn run_guarded(
        &mut self,
        job: &Job<'_>,
        statement: &Statement,
        guard: &Guard,
        record: &str,
    ) -> Result<(), Stopped> {
        self.run_ours(&guard.hold()).map_err(Stopped::before)?;
        let result = self.run_alone(job.script.text(statement));
        let rewrites_alike =
            statement.starts_with(&["vacuum"]) || statement.starts_with(&["cluster"]);
        let compared = self.run_ours(&guard.compare_held(rewrites_alike));
        match (result, compared) {
            // What it did before it failed is done too.
            (Err(_), Err(error)) if finds(&error) => Err(Stopped::before(error)),
            (Err(error), _) => Err(Stopped::before(error)),
            (Ok(()), Err(error)) => {
                // The breach is what the caller has to hear of.
                let done = self.run_ours(record).is_ok();
                Err(Stopped {
                    done,
                    ..Stopped::before(error)
                })
            }
            (Ok(()), Ok(())) => self.run_ours(record).map_err(Stopped::before),
        }
    }

    /// Runs SQL of ours as a transaction of the role that connected.
    fn run_ours(&mut self, sql: &str) -> Result<(), ServerError> {
        self.run_clean(&as_ourselves(sql)).map_err(|f| f.error)
    }

    /// Runs a statement that has to be alone in its message.
    ///
    /// `CONCURRENTLY` waits for every transaction that is older than it. That is its way of not
    /// standing in anyone's, so `lock_timeout`, which is there for that, must not end the wait:
    /// it would leave an invalid index.
    fn run_alone(&mut self, text: &str) -> Result<(), ServerError> {
        self.session.execute("set lock_timeout = 0")?;
        let result = self.session.execute(text);
        let back = self.settings("set").swap_remove(0);
        if !self.session.is_broken() {
            self.session.execute(&back)?;
        }
        result
    }

    /// The invalid indexes that a statement has left which did not come to its end.
    fn left_by(&mut self, facts: &Facts) -> Vec<String> {
        // A cancel that is repeated must not hit this.
        self.interrupt.end();
        // On a connection that broke nobody can ask.
        let doubt = facts.ask(self.session).ok();
        doubt.map_or_else(Vec::new, |doubt| doubt.invalid_indexes)
    }
}

/// Of invalid indexes those that the rest of the file does not drop by itself.
fn not_dropped_by(job: &Job<'_>, mut indexes: Vec<String>) -> Vec<String> {
    let rest = &job.script.statements()[job.statements_done.min(job.script.statements().len())..];
    indexes.retain(|index| {
        // Without its schema, which the file may leave out.
        let bare = index.rsplit('.').next().unwrap_or(index);
        // The first statement about it. One that builds an index needs not name it.
        let about = rest.iter().enumerate().find(|(number, statement)| {
            let text = job.script.text(statement);
            let builds = matches!(Alone::of(text), Alone::BuildsIndex { .. });
            *number == 0 && builds || text.contains(bare)
        });
        !about.is_some_and(|(_, statement)| statement.starts_with(&["drop", "index"]))
    });
    indexes
}
