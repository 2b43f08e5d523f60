//! Waits for a server.

use std::time::Duration;

use crate::target::Target;

use super::connect::{TIMEOUT, ping};
use super::libpq::ServerState;
use super::pauses::Pauses;

/// How long to go on trying to reach a server.
pub struct ServerWait(Pauses);

impl ServerWait {
    const FIRST_PAUSE: Duration = Duration::from_millis(50);
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);

    /// For so long from now on; zero for one try.
    pub fn of(limit: Duration) -> Self {
        let (first, longest) = (Self::FIRST_PAUSE, Self::LONGEST_PAUSE);
        Self(Pauses::until(limit, first, longest))
    }

    /// For how long from the beginning.
    pub fn limit(&self) -> Duration {
        self.0.limit()
    }

    /// Whether no time is left.
    pub fn is_over(&self) -> bool {
        self.0.is_over()
    }

    /// Pauses, longer every time, but not beyond the end.
    pub fn pause(&mut self) {
        self.0.pause();
    }

    /// A target that is given up on when no time is left: the last try must not last.
    pub fn limited(&self, target: &Target) -> Target {
        if self.limit().is_zero() {
            return target.clone();
        }
        let left = self.0.left().as_secs() + 1;
        let own = target.get("connect_timeout").unwrap_or(TIMEOUT).trim();
        match own.parse::<u64>() {
            // Zero is for ever.
            Ok(own) if own == 0 || own > left => {
                target.clone().with("connect_timeout", left.to_string())
            }
            _ => target.clone(),
        }
    }
}

/// Waits until a server takes connections, `limit` at most. Whether the database exists and the
/// credentials are right plays no part.
///
/// Gives the server's last answer; `Accepting` is success. `NotTried` ends the wait: no pause
/// makes parameters right.
pub fn wait_for_server(target: &Target, limit: Duration) -> ServerState {
    let mut patience = ServerWait::of(limit);
    loop {
        let state = ping(&patience.limited(target));
        let settled = matches!(state, ServerState::Accepting | ServerState::NotTried);
        if settled || patience.is_over() {
            return state;
        }
        patience.pause();
    }
}
