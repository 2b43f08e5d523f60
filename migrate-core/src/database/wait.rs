//! Waits for a server.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::target::Target;

use super::session::{ServerState, ping};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Waits until a server takes connections, `limit` at most. Whether the database exists and the
/// credentials are right plays no part.
///
/// Gives the server's last answer; `Accepting` is success. `NotTried` ends the wait: no pause
/// makes parameters right.
pub fn wait_for_server(target: &Target, limit: Duration) -> ServerState {
    let deadline = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    loop {
        let state = ping(target);
        let left = deadline.saturating_duration_since(Instant::now());
        if matches!(state, ServerState::Accepting | ServerState::NotTried) || left.is_zero() {
            return state;
        }
        sleep(pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
