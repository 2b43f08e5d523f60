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
        state.asked = true;
        if let Some(canceller) = &state.running {
            canceller.cancel();
        }
        state.running.is_some() || state.held > 0
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

    pub(super) fn end(&self) {
        self.state().running = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
