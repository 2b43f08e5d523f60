//! Messages that may have to wait for other sessions: who looks for whom meanwhile, and what is
//! tried again.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::event::Event;
use migrate_postgres::{Failure, Milestones, READ_AS_WE_WRITE, ServerError, Session};

use super::executor::Executor;
use super::job::Job;
use super::patience::collision;

/// Before the second try; doubled before each that follows, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// How often a pause looks whether it shall end.
const NAP: Duration = Duration::from_millis(20);

impl Executor<'_> {
    /// Sends a message in a session that reads it as we wrote it, and looks meanwhile for whom it
    /// waits.
    ///
    /// The server converts and parses a whole message by the settings in force before its first
    /// statement, so to make them inside it comes too late.
    pub(super) fn watched(
        &mut self,
        message: &str,
        milestones: &mut Milestones,
    ) -> Result<(), Failure> {
        if self.session.reads_otherwise() {
            let result = self.session.execute(READ_AS_WE_WRITE);
            result.map_err(|error| Failure {
                completed: 0,
                error,
            })?;
        }
        let (patience, observer) = (&mut self.patience, self.observer);
        let database = self.database;
        let meanwhile = &mut |session: &Session, waited| {
            patience.look(session, waited, |migration, blockage| {
                observer.observe(&Event::Blocked {
                    database: database.to_owned(),
                    migration: migration.clone(),
                    blockage: blockage.clone(),
                });
            })
        };
        let result = self.session.run_meanwhile(message, milestones, meanwhile);
        if let Err(failure) = &result
            && collision(&failure.error).is_some()
        {
            self.patience.collided(&self.session, &failure.error);
        }
        result
    }

    /// Pauses when it was another session that stood in the way; whether to try again.
    pub(super) fn retries(&mut self, job: &Job<'_>, error: &ServerError) -> bool {
        let Some(because) = collision(error) else {
            return false;
        };
        let attempt = self.patience.failed_try(&job.migration);
        if attempt > job.limits.lock_retries {
            return false;
        }
        let pause = pause_after(attempt);
        self.observer.observe(&Event::Retrying {
            database: self.database.to_owned(),
            migration: job.migration.clone(),
            because,
            attempt,
            attempts: job.limits.lock_retries.saturating_add(1),
            blockage: self.patience.stood_in_way(),
            pause,
        });
        let until = Instant::now() + pause;
        while !self.interrupt.was_asked() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            sleep(left.min(NAP));
        }
        // Who asks to stop during the pause must not see the migration run once more.
        false
    }
}

/// The pause after so many tries. Meanwhile the application's queries that queued behind us run.
fn pause_after(tries: u32) -> Duration {
    let doubled = 1_u32.checked_shl(tries - 1).unwrap_or(u32::MAX);
    FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<u128> = (1..=7).map(|n| pause_after(n).as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }
}
