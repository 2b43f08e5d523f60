//! Statements that PostgreSQL does not let run in a transaction: they cannot be recorded together
//! with what they do. So it is recorded that they are sent, and a rerun asks the database whether
//! they happened.

use crate::event::Event;
use crate::ledger::{Sent, statement_begun, statement_done};
use migrate_postgres::{Milestones, ServerError, sqlstate};
use migrate_sql::{SqlFile, Statement};

use super::doubt::table_of_invalid;
use super::executor::Executor;
use super::guard::{Guard, finds};
use super::job::{Job, Remedy};
use super::remains::MigrationFailure;
use super::stopped::{Recorded, Stopped, as_ourselves, failure};
use super::transaction::settings;

/// `invalid_transaction_termination`: a procedure or `DO` block that commits by itself.
const COMMITS_ITSELF: &str = "2D000";

/// A statement that has to be alone in its message.
pub(super) struct Alone<'a> {
    job: &'a Job<'a>,
    text: &'a str,
    /// Whether it gives tables new files and leaves their rows as they are.
    rewrites_alike: bool,
    lock: LockTimeout,
    /// Whether a try that got no lock has left nothing behind.
    repeatable: bool,
}

/// What `lock_timeout` means to a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LockTimeout {
    /// The same as to any other.
    On,
    /// Nothing. `CONCURRENTLY` waits for every transaction that is older than it. That is its way
    /// of not standing in anyone's: it must not end half way, and leave an invalid index or a
    /// partition that is half detached.
    Off,
}

impl<'a> Alone<'a> {
    /// The statement, if this is how PostgreSQL says that it must be alone.
    pub(super) fn of(
        job: &'a Job<'a>,
        statement: &'a Statement,
        error: &ServerError,
    ) -> Option<Self> {
        let refused = error.is(sqlstate::ACTIVE_TRANSACTION);
        if !refused && !error.is(COMMITS_ITSELF) {
            return None;
        }
        let text = job.script.text(statement);
        // A procedure that commits by itself may have done a part for good.
        Some(Self::new(job, statement, text, refused))
    }

    /// A statement that PostgreSQL never lets run in a transaction: to try would be a round trip
    /// for nothing.
    pub(super) fn surely(
        job: &'a Job<'a>,
        statement: &'a Statement,
        text: &'a str,
    ) -> Option<Self> {
        // What ends a statement that stopped half way is another text.
        let is_own = text == job.script.text(statement);
        let surely = is_own && statement.is_always_alone();
        surely.then(|| Self::new(job, statement, text, true))
    }

    /// `undone`: whether the statement leaves nothing behind when it does not get its lock.
    fn new(job: &'a Job<'a>, statement: &'a Statement, text: &'a str, undone: bool) -> Self {
        let concurrent = SqlFile::of(text).waits_for_older();
        let mut statements = job.script.statements().iter();
        // Whoever writes it into the file wants it.
        let own = statements.any(Statement::sets_lock_timeout);
        Self {
            job,
            text,
            rewrites_alike: statement.rewrites_alike(),
            lock: match concurrent && !own {
                true => LockTimeout::Off,
                false => LockTimeout::On,
            },
            repeatable: undone && !concurrent,
        }
    }

    /// A part of dropping an index that a build has left.
    fn dropping(job: &'a Job<'a>, text: &'a str) -> Self {
        Self {
            job,
            text,
            rewrites_alike: false,
            lock: LockTimeout::Off,
            repeatable: false,
        }
    }
}

impl Executor<'_> {
    /// Drops what an earlier attempt left and what would stand in the way of the next.
    pub(super) fn clear_the_way(&mut self, job: &Job<'_>) -> Result<(), MigrationFailure> {
        let Remedy::Drop(indexes) = &job.remedy else {
            return Ok(());
        };
        if indexes.is_empty() {
            return Ok(());
        }
        let whole = |error| {
            failure(
                job,
                Stopped::before(error),
                None,
                job.unfinished.statements_done,
            )
        };
        self.run_clean(&self.setup(job))
            .map_err(|failure| whole(failure.error))?;
        for index in indexes {
            self.drop_invalid(job, index).map_err(whole)?;
        }
        Ok(())
    }

    /// Drops an index that is invalid, unless somebody else was building it and has ended well.
    fn drop_invalid(&mut self, job: &Job<'_>, index: &str) -> Result<(), ServerError> {
        let Some(table) = table_of_invalid(&mut self.session, index)? else {
            return Ok(());
        };
        // Whoever builds an index holds this lock on the table until it is valid. `DROP INDEX`
        // would wait as well, and then drop what has become a good one. `LOCK` wants a transaction,
        // which two statements in one message are.
        let wait = format!("lock table {table} in share update exclusive mode; select 1");
        match self.run_alone(&Alone::dropping(job, &wait)) {
            // It locks no materialized views, and wants rights on rows that to drop does not.
            Err(error)
                if error.is(sqlstate::WRONG_OBJECT_TYPE)
                    || error.is(sqlstate::INSUFFICIENT_PRIVILEGE) => {}
            waited => waited?,
        }
        if table_of_invalid(&mut self.session, index)?.is_none() {
            return Ok(());
        }
        let drop = format!("drop index concurrently if exists {index}");
        self.run_alone(&Alone::dropping(job, &drop))?;
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
        alone: &Alone<'_>,
        guard: Option<&Guard>,
        id: i64,
        number: usize,
    ) -> Result<(), Stopped> {
        self.foresee(alone.job, alone.text)
            .map_err(Stopped::before)?;
        let sent = self.sent_before(alone.job, number, alone.text)?;
        let begun = as_ourselves(&statement_begun(self.place, id, &sent));
        let done = statement_done(self.place, id, number);
        let record = self.done(alone.job, id, number);
        // Whoever asks to stop waits until what happened is recorded.
        let _recorded = self.interrupt.hold();
        let result = match guard {
            Some(guard) => self.run_guarded(alone, guard, &begun, [&done, &record]),
            None => self.run_between(&begun, alone, &as_ourselves(&record)),
        };
        self.interrupt.begin(self.session.canceller());
        result.map_err(|stopped| Stopped {
            invalid_indexes: self.left_by(&sent),
            commits_itself: sent.is_unknown(),
            ..stopped
        })
    }

    /// What is to be known of a statement before it is sent. An invalid index of the name that it
    /// wants to give stands in its way, and with `IF NOT EXISTS` it would be taken for the index.
    fn sent_before(&mut self, job: &Job<'_>, number: usize, text: &str) -> Result<Sent, Stopped> {
        let before = |executor: &mut Self| {
            let sent = Sent::before(&mut executor.session, number, text)?;
            let in_the_way = sent.in_the_way(&mut executor.session)?;
            Ok((sent, in_the_way))
        };
        let (sent, in_the_way) = before(self).map_err(Stopped::before)?;
        match in_the_way {
            None => Ok(sent),
            Some(index) if self.retry => {
                self.drop_invalid(job, &index).map_err(Stopped::before)?;
                before(self).map(|(sent, _)| sent).map_err(Stopped::before)
            }
            Some(index) => Err(Stopped {
                invalid_indexes: vec![index.clone()],
                ..Stopped::before(ServerError::invalid_index(&index))
            }),
        }
    }

    /// Runs a statement that has transactions of its own, and compares afterwards: too late to
    /// roll anything back, but not to stop there.
    fn run_guarded(
        &mut self,
        alone: &Alone<'_>,
        guard: &Guard,
        begun: &str,
        [done, record]: [&str; 2],
    ) -> Result<(), Stopped> {
        let held = self.run_clean(&format!("{begun};\n{}", as_ourselves(&guard.hold())));
        held.map_err(|failure| Stopped::before(failure.error))?;
        let result = self.run_alone(alone);
        self.interrupt.end();
        let compared = self.run_ours(&guard.compare_held(alone.rewrites_alike));
        match (result, compared) {
            // What it did before it failed is done too.
            (Err(_), Err(error)) if finds(&error) => Err(Stopped::before(error)),
            (Err(error), _) => Err(Stopped::before(error)),
            (Ok(()), Err(error)) if finds(&error) => {
                // The breach is what the caller has to hear of, and ends the migration.
                let recorded = match self.run_ours(done) {
                    Ok(()) => Recorded::AsDone,
                    Err(_) => Recorded::AsFailed,
                };
                Err(Stopped {
                    recorded,
                    ..Stopped::before(error)
                })
            }
            (Ok(()), Err(error)) => Err(unrecorded(error)),
            (Ok(()), Ok(())) => self.run_ours(record).map_err(unrecorded),
        }
    }

    /// Runs SQL of ours as a transaction of the role that connected.
    fn run_ours(&mut self, sql: &str) -> Result<(), ServerError> {
        self.run_clean(&as_ourselves(sql)).map_err(|f| f.error)
    }

    /// Runs a statement that has to be alone in its message.
    fn run_alone(&mut self, alone: &Alone<'_>) -> Result<(), ServerError> {
        let result = self.run_between("", alone, "");
        result.map_err(|stopped| stopped.error)
    }

    /// The same between two messages of ours; the second only where it succeeds. The settings
    /// that it needs, and their end, go with them.
    fn run_between(&mut self, before: &str, alone: &Alone<'_>, after: &str) -> Result<(), Stopped> {
        let limits = alone.job.limits;
        let (off, on) = match alone.lock {
            LockTimeout::Off => (
                "set lock_timeout = 0".to_owned(),
                settings("set", limits).swap_remove(0),
            ),
            LockTimeout::On => Default::default(),
        };
        self.run_joined(&[before, &off]).map_err(Stopped::before)?;
        if alone.lock == LockTimeout::Off {
            self.patience.set_endless(true);
        }
        let result = loop {
            let result = self.watched(alone.text, &mut Milestones::none());
            let result = result.map_err(|failure| failure.error);
            match &result {
                Err(error) if alone.repeatable && self.retries(alone.job, error) => {}
                _ => break result,
            }
        };
        self.patience.set_endless(limits.lock_timeout.is_zero());
        // A cancel that is repeated must not hit what is ours.
        self.interrupt.end();
        let ended = match &result {
            Ok(()) => self.run_joined(&[&on, after]),
            Err(_) if self.session.is_broken() => Ok(()),
            Err(_) => self.run_joined(&[&on]),
        };
        self.interrupt.begin(self.session.canceller());
        match (result, ended) {
            (Ok(()), ended) => ended.map_err(unrecorded),
            // The first error is the one that counts.
            (Err(error), _) => Err(Stopped::before(error)),
        }
    }

    /// Runs what is not empty of it as one message.
    fn run_joined(&mut self, parts: &[&str]) -> Result<(), ServerError> {
        let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
        if parts.is_empty() {
            return Ok(());
        }
        self.run_clean(&parts.join(";\n")).map_err(|f| f.error)
    }

    /// The invalid indexes that a statement has left which did not come to its end.
    fn left_by(&mut self, sent: &Sent) -> Vec<String> {
        // A cancel that is repeated must not hit this.
        self.interrupt.end();
        // On a connection that broke nobody can ask.
        let doubt = sent.ask(&mut self.session).ok();
        doubt.map_or_else(Vec::new, |doubt| doubt.invalid_indexes)
    }
}

/// A statement happened, and no record says so.
fn unrecorded(error: ServerError) -> Stopped {
    Stopped {
        recorded: Recorded::NotAtAll,
        ..Stopped::before(error)
    }
}
