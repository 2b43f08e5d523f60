//! Stops a run from another thread: what is running is cancelled and rolled back, what follows is
//! not begun.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use migrate_postgres::Canceller;

/// The pause between two cancels of one migration.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// How long a cancel may be on its way. It has a connection of its own, which may hang where the
/// session's works.
const LONGEST_CANCEL: Duration = Duration::from_secs(10);

/// A handle by which a run can be stopped. All clones are one.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Told when nothing is running any more, or no cancel is on its way.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    running: Option<Canceller>,
    /// Whether a cancel is on its way to the server.
    cancelling: bool,
    /// How many things are held that have to be put away before the process ends.
    held: usize,
    asked: bool,
}

/// Something that has to be put away before the process ends.
pub struct Hold(Interrupt);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.state().held -= 1;
    }
}

impl Interrupt {
    /// Asks the run to stop. A migration that is running is cancelled. Gives whether the run will
    /// end by itself; otherwise there is nothing to wait for.
    pub fn ask(&self) -> bool {
        let mut state = self.state();
        let is_first = !state.asked;
        state.asked = true;
        if state.running.is_some() && is_first {
            let interrupt = self.clone();
            thread::spawn(move || interrupt.cancel_until_ended());
        }
        state.running.is_some() || state.held > 0
    }

    /// Cancels what is running again and again. The server forgets a cancel that comes while it
    /// has nothing to do: between two messages, or before the first.
    fn cancel_until_ended(&self) {
        while self.cancel_once() {
            let state = self.state();
            if state.running.is_some() {
                // Told earlier, should it end before.
                drop(self.0.ended.wait_timeout(state, AGAIN_AFTER));
            }
        }
    }

    /// Cancels what is running; whether there is anything.
    fn cancel_once(&self) -> bool {
        let canceller = {
            let mut state = self.state();
            let Some(canceller) = state.running.clone() else {
                return false;
            };
            state.cancelling = true;
            canceller
        };
        // Without the mutex: this takes as long as the network does, and whoever asks a second
        // time must not wait for it.
        canceller.cancel();
        self.state().cancelling = false;
        self.0.ended.notify_all();
        true
    }

    /// Lets whoever asks wait until this is dropped.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.state().held += 1;
        Hold(self.clone())
    }

    /// Whether the run was asked to stop.
    pub fn was_asked(&self) -> bool {
        self.state().asked
    }

    pub(super) fn begin(&self, canceller: Canceller) {
        self.state().running = Some(canceller);
    }

    /// Nothing that may be cancelled is running any more. Once this is through, no cancel is on its
    /// way that could hit what is recorded then.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.running = None;
        self.0.ended.notify_all();
        let on_its_way = |state: &mut State| state.cancelling;
        let ended = &self.0.ended;
        let waited = ended.wait_timeout_while(state, LONGEST_CANCEL, on_its_way);
        // Given up on once: the next end does not wait for it again.
        waited.unwrap_or_else(PoisonError::into_inner).0.cancelling = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}
