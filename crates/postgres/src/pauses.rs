//! The pauses between tries, where something is tried until it succeeds or there is no time left.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Pauses that double up to the longest, until a limit.
pub struct Pauses {
    limit: Duration,
    started: Instant,
    next: Duration,
    longest: Duration,
}

impl Pauses {
    /// For so long from now on; zero for one try.
    pub fn until(limit: Duration, first: Duration, longest: Duration) -> Self {
        Self {
            limit,
            started: Instant::now(),
            next: first,
            longest,
        }
    }

    /// For how long from the beginning.
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// How long it is since the beginning. Of one try there was no pause, whatever that took.
    pub fn waited(&self) -> Duration {
        match self.limit.is_zero() {
            true => Duration::ZERO,
            false => self.started.elapsed(),
        }
    }

    /// What is left of the time.
    pub fn left(&self) -> Duration {
        self.limit.saturating_sub(self.started.elapsed())
    }

    /// Whether no time is left.
    pub fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// Pauses, longer every time, but not beyond the end.
    pub fn pause(&mut self) {
        self.pause_for(1.0);
    }

    /// The same for a share of the pause, or a multiple. A random one keeps those who began
    /// together from going on in step.
    pub fn pause_for(&mut self, share: f64) {
        let pause = self.step().mul_f64(share);
        sleep(pause.min(self.left()));
    }

    fn step(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.longest);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let [first, longest] = [25, 300].map(Duration::from_millis);
        let mut pauses = Pauses::until(Duration::MAX, first, longest);
        let steps: Vec<u128> = (0..6).map(|_| pauses.step().as_millis()).collect();
        assert_eq!(steps, [25, 50, 100, 200, 300, 300]);
        assert!(!pauses.is_over());
    }

    #[test]
    fn without_a_limit_there_is_one_try_and_no_pause() {
        let hour = Duration::from_secs(3_600);
        let mut pauses = Pauses::until(Duration::ZERO, hour, hour);
        assert!(pauses.is_over());
        pauses.pause();
        assert_eq!(pauses.waited(), Duration::ZERO);
    }
}
