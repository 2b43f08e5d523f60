//! A migration outside a transaction: statement by statement, each recorded, so that a rerun
//! goes on where it stopped.

use crate::ledger::{
    Sent, finish_applied, finish_failed, not_kept, start_outside_transaction, statement_begun,
    statement_done,
};
use migrate_postgres::{Failure, Milestones, ServerError, sqlstate};
use migrate_sql::Statement;

use super::alone::Alone;
use super::executor::Executor;
use super::guard::{Guard, LastingBreach};
use super::job::{Job, Remedy};
use super::proof::Proof;
use super::remains::{FailedPart, MigrationFailure};
use super::stopped::{Escaped, Recorded, Stopped, as_ourselves, failure};
use super::transaction::{FIRE_DEFERRED, clean, is_about_a_statement, ourselves, settings};

impl Executor<'_> {
    /// Runs the statements that are not done yet, and records each.
    pub(super) fn run_outside_transaction(
        &mut self,
        job: &Job<'_>,
    ) -> Result<(), MigrationFailure> {
        let statements = job.script.statements();
        let skip = job.unfinished.statements_done.min(statements.len());
        let whole = |error| failure(job, Stopped::before(error), None, skip);
        let id = self.start(job, skip).map_err(whole)?;
        let guard = self.guard(job);
        for (index, statement) in statements.iter().enumerate().skip(skip) {
            let result = match self.interrupt.was_asked() {
                true => Err(Stopped::before(ServerError::interrupted())),
                false => self.run_statement(job, statement, guard.as_ref(), id, index + 1),
            };
            if let Err(stopped) = result {
                let recorded = stopped.recorded;
                let done = index + usize::from(recorded == Recorded::AsDone);
                let escaped = stopped.escaped.map(|_| Sent::escaped(index + 1));
                let failure = failure(job, stopped, Some(statement), done);
                let breach = LastingBreach::of(&failure.error, index);
                let breach = breach.map(|breach| breach.text());
                let end = finish_failed(self.place, id, &failure.recorded(), breach.as_deref());
                let end = match &escaped {
                    Some(sent) => format!("{end};\n{}", statement_begun(self.place, id, sent)),
                    None => end,
                };
                if recorded != Recorded::NotAtAll {
                    self.record_end(&end);
                }
                return Err(failure);
            }
        }
        if skip < statements.len() {
            // Together with the record of the last statement.
            return Ok(());
        }
        self.run_clean(&as_ourselves(&self.finish(job, id)))
            .map_err(|f| failure(job, Stopped::before(f.error), None, statements.len()))
    }

    /// Prepares the session and writes the row of this attempt, in one message; gives its number.
    fn start(&mut self, job: &Job<'_>, skip: usize) -> Result<i64, ServerError> {
        let column = "migrate_attempt";
        let insert =
            start_outside_transaction(self.place, self.client, job.attempted, job.direction, skip);
        // A role that the file took on earlier may not write the row.
        let mut message = format!(
            "begin read write;\n{};\n{insert} returning id as {column};\n",
            self.setup(job)
        );
        for earlier in settings_of(job, skip) {
            message.push_str(earlier);
            message.push_str("\n;\n");
        }
        message.push_str("commit");
        let mut milestones = Milestones::named(column.to_owned());
        self.run_clean_past(&message, &mut milestones)
            .map_err(|failure| match failure.error {
                // So it is told where a rule writes nothing, or something else.
                error if error.is(sqlstate::FEATURE_NOT_SUPPORTED) => not_kept(),
                error => error,
            })?;
        let row = milestones.passed().pop().and_then(|row| row.text);
        let id = row.and_then(|id| id.parse().ok());
        // A trigger may have kept the row away.
        id.ok_or_else(not_kept)
    }

    /// SQL that records the end of a migration.
    fn finish(&self, job: &Job<'_>, id: i64) -> String {
        finish_applied(self.place, id, job.attempted.version, job.direction)
    }

    /// SQL that records a statement as done, and with the last one the migration.
    pub(super) fn done(&self, job: &Job<'_>, id: i64, number: usize) -> String {
        let done = statement_done(self.place, id, number);
        match number == job.script.statements().len() {
            true => format!("{done};\n{}", self.finish(job, id)),
            false => done,
        }
    }

    /// A clean session with our timeouts.
    pub(super) fn setup(&self, job: &Job<'_>) -> String {
        let mut setup: Vec<String> = clean(&self.session).collect();
        setup.extend(settings("set", job.limits));
        setup.join(";\n")
    }

    /// Runs a statement together with its record where PostgreSQL lets it run in a transaction,
    /// so that both happen or neither. PostgreSQL itself says where it does not.
    fn run_statement(
        &mut self,
        job: &Job<'_>,
        statement: &Statement,
        guard: Option<&Guard>,
        id: i64,
        number: usize,
    ) -> Result<(), Stopped> {
        let text = match &job.remedy {
            // The rest of a statement that stopped half way.
            Remedy::Finish(rest) if number == job.unfinished.statements_done + 1 => rest,
            _ => job.script.text(statement),
        };
        if let Some(alone) = Alone::surely(job, statement, text) {
            return self.run_recorded(&alone, guard, id, number);
        }
        let record = self.done(job, id, number);
        let proof = Proof::new();
        let mut prelude = vec!["begin".to_owned()];
        prelude.extend(guard.iter().flat_map(|guard| guard.before(text)));
        prelude.push(proof.begin());
        let before = prelude.join("; ") + ";\n";
        let after = guard.map_or_else(String::new, |guard| guard.after() + ";\n");
        let closing = format!("{};\n{};\n", proof.end(), ourselves("set local"));
        let column = "migrate_recorded";
        let together = format!(
            "{before}{text}\n;\n{closing}{FIRE_DEFERRED};\n{after}{record};\n\
             select 1 as {column};\ncommit"
        );
        self.patience.begin_statement();
        let Failure { completed, error } = loop {
            let mut milestones = Milestones::named(column.to_owned());
            let Err(ended) = self.run_proven(&together, &mut milestones, &proof) else {
                return Ok(());
            };
            let at_commit = !milestones.passed().is_empty();
            if ended.escaped(prelude.len(), at_commit) {
                let of_proof = ended.raised;
                return Err(Stopped {
                    escaped: Some(Escaped { of_proof }),
                    ..Stopped::before(ended.failure.error)
                });
            }
            if !self.retries(job, &ended.failure.error) {
                break ended.failure;
            }
        };
        if let Some(alone) = Alone::of(job, statement, &error) {
            return self.run_recorded(&alone, guard, id, number);
        }
        // Counted from the statement's own start.
        let position = error
            .position
            .and_then(|position| position.checked_sub(before.chars().count()));
        // The statement, ourselves, and what it deferred.
        let first = prelude.len();
        let of_the_file = first..=first + 1 + closing.matches(';').count();
        let is_ours = position.is_none() && !of_the_file.contains(&completed);
        Err(Stopped {
            part: match is_ours && is_about_a_statement(&error) {
                true => FailedPart::Ours,
                false => FailedPart::Statement,
            },
            ..Stopped::before(ServerError { position, ..error })
        })
    }

    /// Ends the row of an attempt. The failure itself is what the caller has to hear of.
    fn record_end(&mut self, sql: &str) {
        // A cancel that is repeated must not hit this.
        self.interrupt.end();
        let _ = self.run_clean(&as_ourselves(sql));
    }
}

/// The settings that the statements made which are done already.
fn settings_of<'a>(job: &'a Job<'_>, done: usize) -> impl Iterator<Item = &'a str> {
    let earlier = job.script.statements()[..done].iter();
    earlier
        .filter(|statement| statement.sets_session())
        .map(|statement| job.script.text(statement))
}
