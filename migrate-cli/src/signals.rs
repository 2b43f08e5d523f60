//! Ctrl-C, `kill` and a terminal that goes away: a running migration is cancelled and rolled back,
//! and the command says so; where none is running, the command ends at once.

use std::process::ExitCode;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use migrate_core::migrator::Interrupt;
use nix::sys::signal::{SigHandler, Signal, signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator;

/// A signal came while no migration ran.
#[derive(Debug, thiserror::Error)]
#[error("stopped by {name}")]
pub struct Stopped {
    name: &'static str,
}

/// The watch for the signals.
pub struct Signals {
    received: Arc<AtomicI32>,
    target: Arc<Mutex<Option<Interrupt>>>,
}

impl Signals {
    /// Starts the watch.
    ///
    /// `say` words the end where nothing was running.
    pub fn watch(say: impl Fn(Stopped) + Send + Sync + 'static) -> std::io::Result<Self> {
        let say: Say = Arc::new(say);
        let signals = Self {
            received: Arc::default(),
            target: Arc::default(),
        };
        let mut incoming = iterator::Signals::new(watched())?;
        let (received, target) = (signals.received.clone(), signals.target.clone());
        thread::spawn(move || {
            for signal in incoming.forever() {
                let is_first = received.swap(signal, Ordering::SeqCst) == 0;
                let target = target.lock().unwrap_or_else(PoisonError::into_inner);
                let will_end = target.as_ref().is_some_and(Interrupt::ask);
                if !is_first || !will_end {
                    if is_first {
                        say_for_a_moment(&say, Stopped { name: name(signal) });
                    }
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

    /// The exit code after a signal, as shells count it: 130, 143, 129.
    pub fn exit_code(&self) -> Option<ExitCode> {
        match self.received.load(Ordering::SeqCst) {
            0 => None,
            signal => u8::try_from(128 + signal).ok().map(ExitCode::from),
        }
    }
}

type Say = Arc<dyn Fn(Stopped) + Send + Sync>;

/// Says it, but does not wait for a reader that reads no more: whoever prints may be stuck there.
fn say_for_a_moment(say: &Say, stopped: Stopped) {
    let say = Arc::clone(say);
    let saying = thread::spawn(move || say(stopped));
    let until = Instant::now() + Duration::from_millis(500);
    while !saying.is_finished() && Instant::now() < until {
        thread::sleep(Duration::from_millis(2));
    }
}

/// What ends a command. A process that `nohup` has started goes on without its terminal.
fn watched() -> Vec<i32> {
    // The way to ask without `unsafe` does not exist: signal-hook sets handlers and tells nothing of
    // those before, and nix leaves it to us what a handler may do.
    // SAFETY: no handler is set yet that this could replace; to ignore a signal runs no code.
    let before = unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) };
    let mut all = vec![SIGINT, SIGTERM];
    if !matches!(before, Ok(SigHandler::SigIgn)) {
        all.push(SIGHUP);
    }
    all
}

fn name(signal: i32) -> &'static str {
    match signal {
        SIGINT => "SIGINT",
        SIGTERM => "SIGTERM",
        _ => "SIGHUP",
    }
}
