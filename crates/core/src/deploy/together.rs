//! Several migrations in one message, each a transaction of its own: on a slow link it is the
//! round trips that a deploy waits for.

use std::time::Duration;

use migrate_postgres::{Failure, Milestone, Milestones};
use migrate_text::migration_ref::Direction;

use super::executor::{DoneMigration, Executor};
use super::failure::ExecuteError;
use super::job::{Job, Remedy};
use super::proof::{Ended, Proof};
use super::transaction::{Message, in_one};

/// How many are sent together at first, and at most.
const FIRST: usize = 4;
const MOST: usize = 64;
/// How long their files may be together: the server holds a whole message in memory.
const BYTES: usize = 256 * 1024;
/// How long the server may work at a message before fewer are sent: what it does is told when all
/// of it is done.
const LONGEST: Duration = Duration::from_millis(100);

/// How many migrations the next message holds.
pub(super) struct Pace {
    /// At most.
    size: usize,
    /// The next so many go alone.
    alone: usize,
    looked_on: bool,
}

impl Pace {
    /// Somebody who looks on wants to hear of each.
    pub(super) fn new(looked_on: bool) -> Self {
        Self {
            size: FIRST,
            alone: 0,
            looked_on,
        }
    }

    /// How many of these migrations go together, at least one.
    pub(super) fn next(&mut self, jobs: &[Job<'_>]) -> usize {
        if self.looked_on || self.alone > 0 {
            self.alone = self.alone.saturating_sub(1);
            return 1;
        }
        let mut bytes = 0;
        let able = jobs.iter().take(self.size).take_while(|job| {
            bytes += job.script.file().text().len();
            job.goes_together() && bytes <= BYTES
        });
        able.count().max(1)
    }

    /// So many went together, and these of them are done.
    pub(super) fn went(&mut self, together: usize, done: &[DoneMigration]) {
        let worked: f64 = done.iter().map(|one| one.duration_ms).sum();
        self.alone = together - done.len();
        self.size = match self.alone == 0 && worked < LONGEST.as_secs_f64() * 1000.0 {
            true => (self.size * 2).min(MOST),
            // One alone would show nothing of how fast the next are.
            false => 2,
        };
    }
}

impl Job<'_> {
    /// Whether it may share a message. What waits for a lock without limit is told by its name
    /// while it waits, so it goes alone.
    fn goes_together(&self) -> bool {
        self.attempted.run_in_transaction
            && self.direction == Direction::Up
            && self.remedy == Remedy::None
            && (self.unlocked || !self.may_wait_for_ever())
    }

    fn may_wait_for_ever(&self) -> bool {
        self.script.mentions_lock_timeout() || self.limits.lock_timeout.is_zero()
    }
}

impl Executor<'_> {
    /// Runs migrations in one message and adds to `done` those that are committed. Fewer than all
    /// where one of them is to be run alone: it may do better on a second try, or nothing was run
    /// at all because the server could not read the message.
    pub(super) fn run_together(
        &mut self,
        jobs: &[Job<'_>],
        remaining: usize,
        done: &mut Vec<DoneMigration>,
    ) -> Result<(), ExecuteError> {
        let Some(first) = jobs.first() else {
            return Ok(());
        };
        let proof = Proof::new();
        let messages = self.messages(jobs, &proof);
        jobs.iter().for_each(|job| self.tell_started(job));
        let (text, column) = in_one(&messages);
        let mut milestones = Milestones::named(column);
        self.patience.begin(first, jobs);
        self.interrupt.begin(self.session.canceller());
        if self.interrupt.was_asked() {
            self.interrupt.end();
            return Ok(());
        }
        let result = self.run_proven(&text, &mut milestones, &proof);
        self.patience.end();
        let passed = milestones.passed();
        let nothing_run = passed.is_empty();
        let committed = committed(passed.len(), &result);
        for (job, milestone) in jobs.iter().zip(passed).take(committed) {
            done.push(self.tell_passed(job, milestone));
        }
        let (Err(ended), Some(job)) = (result, jobs.get(committed)) else {
            self.interrupt.end();
            return Ok(());
        };
        let unread = nothing_run && nothing_read(&ended.failure);
        // Counted from its own milestone there is nothing before the commit.
        let at_commit = !nothing_run && ended.failure.completed == 0;
        let ended = moved(ended, &messages[..committed]);
        let failure = messages[committed].blame(job, ended, at_commit);
        let again = !failure.is_escape() && self.retries(job, &failure.error);
        self.interrupt.end();
        self.tell_notices(job);
        if again || !self.interrupt.was_asked() && unread {
            return Ok(());
        }
        let failure = self.patience.blame(failure);
        self.record_failure(job, &failure);
        let not_tried = remaining + jobs.len() - committed - 1;
        Err(self.failed(job, failure, not_tried))
    }

    fn messages(&self, jobs: &[Job<'_>], proof: &Proof) -> Vec<Message> {
        jobs.iter().map(|job| self.message(job, proof)).collect()
    }

    /// Tells of a migration that is committed, and of what the server said meanwhile.
    fn tell_passed(&mut self, job: &Job<'_>, milestone: Milestone) -> DoneMigration {
        for notice in milestone.notices {
            self.tell_notice(job, notice);
        }
        let took = milestone.text.and_then(|text| text.parse().ok());
        self.tell_done(job, took.unwrap_or_default())
    }
}

/// How many are committed: the milestone stands before the commit, which is the first that can
/// fail after it.
fn committed(passed: usize, result: &Result<(), Ended>) -> usize {
    match result {
        Err(ended) if ended.failure.completed == 0 => passed.saturating_sub(1),
        _ => passed,
    }
}

/// Whether the server could not read the message, and nothing of it was run.
fn nothing_read(failure: &Failure) -> bool {
    !failure.error.connection_lost && failure.completed == 0
}

/// The failure as the last message alone would have failed, without those before it.
fn moved(mut ended: Ended, before: &[Message]) -> Ended {
    let failure = &mut ended.failure;
    let (text, _) = in_one(before);
    let characters = text.chars().count();
    let position = failure.error.position;
    failure.error.position = position.and_then(|position| position.checked_sub(characters));
    // The commit of the one before is counted too.
    failure.completed = failure.completed.saturating_sub(before.len().min(1));
    ended
}
