//! How long a migration waits for other sessions, how often it tries again, and whom it waits
//! for.
//!
//! Whatever waits for a strong lock stands in everybody's way: queries that come later queue
//! behind it. So it gives up soon, lets them through, and comes back.

use std::time::{Duration, Instant};

use crate::event::Collision;
use migrate_postgres::blockage;
use migrate_postgres::blocker::Blockage;
use migrate_postgres::{ServerError, Session, sqlstate};
use migrate_text::migration_ref::MigrationRef;

use super::job::Job;
use super::remains::MigrationFailure;

/// After how long a wait without a limit is looked into, where no limit is set at all.
const LOOK_AFTER: Duration = Duration::from_millis(2_500);
/// Between two looks at least.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(50);

/// The waiting of one migration after the other. A second session is opened only when a message
/// has taken so long that it may be waiting for someone.
pub struct Patience {
    /// Between two looks; none where nobody else is there to wait for.
    interval: Option<Duration>,
    /// Whether nothing ends the waiting.
    endless: bool,
    /// Whether the file sets a timeout of its own, which may be none.
    own: bool,
    beside: Beside,
    /// For whom the message at work waited when we looked last, and when that was.
    seen: Option<(Blockage, Instant)>,
    /// The same of the last message that somebody stood in the way of.
    stood_in_way: Option<(Blockage, Instant)>,
    told: bool,
    /// The migration at work.
    migration: Option<MigrationRef>,
    /// When it, or the message that it is in, began.
    began: Instant,
    /// How many tries of it, or of its statement, have failed.
    tries: u32,
}

/// The session that asks.
enum Beside {
    NotOpen,
    Open(Session),
    /// The server does not let us have it, in its words.
    Refused(String),
}

impl Patience {
    /// Looks for whom a migration waits.
    pub fn watchful() -> Self {
        Self {
            interval: Some(LOOK_AFTER),
            ..Self::blind()
        }
    }

    /// Never looks: in a database of our own.
    pub fn blind() -> Self {
        Self {
            interval: None,
            endless: false,
            own: false,
            beside: Beside::NotOpen,
            seen: None,
            stood_in_way: None,
            told: false,
            migration: None,
            began: Instant::now(),
            tries: 0,
        }
    }

    /// Migrations begin of which this is the first. What it has been tried already counts.
    pub(super) fn begin(&mut self, first: &Job<'_>, all: &[Job<'_>]) {
        self.began = Instant::now();
        let interval = all.iter().map(interval).min().unwrap_or(LOOK_AFTER);
        self.interval = self.interval.map(|_| interval);
        self.endless = first.limits.lock_timeout.is_zero();
        self.own = sets_lock_timeout(first);
        if self.migration.as_ref() != Some(&first.migration) {
            self.migration = Some(first.migration.clone());
            self.tries = 0;
        }
        self.stood_in_way = None;
    }

    /// How long ago the migration began, its pauses included.
    pub(super) fn since_begin(&self) -> Duration {
        self.began.elapsed()
    }

    /// A statement begins that is tried again alone.
    pub(super) fn begin_statement(&mut self) {
        self.tries = 0;
    }

    /// A try of a migration, or of its statement, has failed; which one it was.
    pub(super) fn failed_try(&mut self, migration: &MigrationRef) -> u32 {
        self.migration = Some(migration.clone());
        self.tries += 1;
        self.tries
    }

    /// Whether the next message may wait for ever.
    pub(super) fn set_endless(&mut self, endless: bool) {
        self.endless = endless;
    }

    /// Migrations are at their end: the second session is not needed any more.
    pub(super) fn end(&mut self) {
        self.beside = Beside::NotOpen;
        self.migration = None;
        self.tries = 0;
    }

    /// A failure with what is known of those who stood in the way, if they are why.
    pub(super) fn blame(&self, failure: MigrationFailure) -> MigrationFailure {
        match collision(&failure.error) {
            Some(_) => MigrationFailure {
                tries: self.tries,
                blockage: self.stood_in_way().map(Box::new),
                ..failure
            },
            None => failure,
        }
    }

    /// Who stood in the way last, as old as it is by now.
    pub(super) fn stood_in_way(&self) -> Option<Blockage> {
        let (blockage, at) = self.stood_in_way.as_ref()?;
        let mut blockage = blockage.clone();
        let since = at.elapsed().as_secs_f64();
        for blocker in &mut blockage.blockers {
            for age in [&mut blocker.query_age, &mut blocker.transaction_age] {
                *age = age.map(|age| ((age + since) * 10.0).round() / 10.0);
            }
        }
        Some(blockage)
    }

    /// The message came to nothing because of somebody: for whom it waited last, unless that wait
    /// was over before this one can have begun.
    pub(super) fn collided(&mut self, session: &Session, error: &ServerError) {
        let longest = self.interval.unwrap_or_default() * 2 + SHORTEST_INTERVAL * 2;
        let of_now = |(blockage, at): &(Blockage, Instant)| {
            blockage.not_asked.is_some() || at.elapsed() < longest
        };
        self.stood_in_way = self.seen.take().filter(of_now);
        if self.stood_in_way.is_none()
            && self.interval.is_some()
            && error.is(sqlstate::DEADLOCK_DETECTED)
            && let Some(other) = blockage::deadlocked_with(error)
        {
            // PostgreSQL has noticed before we looked.
            let found = self.ask(session, &[other]);
            self.stood_in_way = found.map(|blockage| (blockage, Instant::now()));
        }
    }

    /// Looks whether the session waits for someone, and gives when to look again.
    pub(super) fn look(
        &mut self,
        session: &Session,
        waited: Duration,
        tell: impl FnOnce(&MigrationRef, &Blockage),
    ) -> Option<Duration> {
        let interval = self.interval?;
        if waited.is_zero() {
            self.seen = None;
            self.told = false;
            return Some(interval);
        }
        let found = self.ask(session, &[]);
        if let (Some(migration), Some(blockage)) = (&self.migration, &found)
            && (self.endless || self.own && waited > LOOK_AFTER)
            && !self.told
            && blockage.not_asked.is_none()
        {
            tell(migration, blockage);
            self.told = true;
        }
        // Where it waits no longer, it may have given up just now.
        if let Some(blockage) = found {
            self.seen = Some((blockage, Instant::now()));
        }
        let goes_on = !matches!(self.beside, Beside::Refused(_));
        goes_on.then_some(interval.max(SHORTEST_INTERVAL))
    }

    fn ask(&mut self, session: &Session, others: &[i32]) -> Option<Blockage> {
        let refused = |message: String| Blockage {
            not_asked: Some(message),
            ..Blockage::default()
        };
        if matches!(self.beside, Beside::NotOpen) {
            self.beside = match session.connect_beside() {
                Ok(mut beside) => match blockage::prepare(&mut beside) {
                    Ok(()) => Beside::Open(beside),
                    Err(error) => Beside::Refused(error.message),
                },
                Err(error) => Beside::Refused(error.message),
            };
        }
        match &mut self.beside {
            Beside::NotOpen => None,
            Beside::Refused(message) => Some(refused(message.clone())),
            Beside::Open(beside) => match blockage::of(beside, session.backend_pid(), others) {
                Ok(found) => found,
                Err(error) => {
                    if beside.is_broken() {
                        // The server may have closed it while it was idle.
                        self.beside = Beside::NotOpen;
                    }
                    Some(refused(error.message))
                }
            },
        }
    }
}

/// Whether the next try may do better although nothing was changed.
pub(super) fn collision(error: &ServerError) -> Option<Collision> {
    match error.sqlstate.as_str() {
        sqlstate::LOCK_NOT_AVAILABLE => Some(Collision::Lock),
        sqlstate::DEADLOCK_DETECTED => Some(Collision::Deadlock),
        sqlstate::SERIALIZATION_FAILURE => Some(Collision::Serialization),
        _ => None,
    }
}

/// After how long it is worth a look for whom a migration waits: so that one look at least falls
/// into each wait that comes to nothing.
fn interval(job: &Job<'_>) -> Duration {
    match job.limits.lock_timeout {
        // The file has one of its own.
        _ if sets_lock_timeout(job) => SHORTEST_INTERVAL,
        Duration::ZERO => LOOK_AFTER,
        timeout => timeout / 2,
    }
}

/// Whether a file has a timeout of its own for some of its statements.
fn sets_lock_timeout(job: &Job<'_>) -> bool {
    job.script.mentions_lock_timeout()
}
