//! Ctrl-C and `kill`: a running migration is cancelled and rolled back, and the command says so;
//! where none is running, the command ends at once.

use std::process::ExitCode;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use migrate_core::deploy::Interrupt;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator;

/// The watch for both signals.
pub struct Signals {
    received: Arc<AtomicI32>,
    target: Arc<Mutex<Option<Interrupt>>>,
}

impl Signals {
    /// Starts the watch.
    pub fn watch() -> std::io::Result<Self> {
        let signals = Self {
            received: Arc::default(),
            target: Arc::default(),
        };
        let mut incoming = iterator::Signals::new([SIGINT, SIGTERM])?;
        let (received, target) = (signals.received.clone(), signals.target.clone());
        std::thread::spawn(move || {
            for signal in incoming.forever() {
                let is_first = received.swap(signal, Ordering::SeqCst) == 0;
                let target = target.lock().unwrap_or_else(PoisonError::into_inner);
                let will_end = target.as_ref().is_some_and(Interrupt::ask);
                if !is_first || !will_end {
                    let terminal = console::Term::stderr();
                    if terminal.is_term() {
                        // A prompt may have hidden it. If it cannot be shown, so be it.
                        let _ = terminal.show_cursor();
                    }
                    std::process::exit(128 + signal);
                }
            }
        });
        Ok(signals)
    }

    /// What a signal stops from now on.
    pub fn stop(&self, interrupt: Interrupt) {
        let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        *target = Some(interrupt);
    }

    /// The exit code after a signal, as shells count it: 130 or 143.
    pub fn exit_code(&self) -> Option<ExitCode> {
        match self.received.load(Ordering::SeqCst) {
            0 => None,
            signal => u8::try_from(128 + signal).ok().map(ExitCode::from),
        }
    }
}
