//! How long a migration may wait and work.

use std::time::Duration;

use crate::history::OwnLimits;

/// How long a migration may wait and work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// How long each statement waits for a lock; zero for ever.
    pub lock_timeout: Duration,
    /// How often it is tried again.
    pub lock_retries: u32,
    /// How long each statement may take; zero for ever.
    pub statement_timeout: Duration,
}

impl Limits {
    /// With what a migration says for itself.
    pub(super) fn with(self, own: OwnLimits) -> Self {
        Self {
            lock_timeout: own.lock_timeout.unwrap_or(self.lock_timeout),
            lock_retries: own.lock_retries.unwrap_or(self.lock_retries),
            statement_timeout: own.statement_timeout.unwrap_or(self.statement_timeout),
        }
    }
}
