//! Stops a run from another thread: what is running is cancelled and rolled back, what follows is
//! not begun.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::database::Canceller;

/// A handle by which a run can be stopped. All clones are one.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: Option<Canceller>,
    asked: bool,
}

impl Interrupt {
    /// Asks the run to stop. Gives whether a migration is running, which is then cancelled, so
    /// that the run will end by itself; otherwise there is nothing to wait for.
    pub fn ask(&self) -> bool {
        let mut state = self.state();
        state.asked = true;
        match &state.running {
            Some(canceller) => {
                canceller.cancel();
                true
            }
            None => false,
        }
    }

    /// Whether the run was asked to stop.
    pub fn was_asked(&self) -> bool {
        self.state().asked
    }

    pub(super) fn begin(&self, canceller: Canceller) {
        self.state().running = Some(canceller);
    }

    pub(super) fn end(&self) {
        self.state().running = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
