//! The only way to standard output and standard error.
//!
//! `println!` panics when nobody reads what it prints. A deploy must not end half way because
//! its reader, such as `head -1`, went away.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something could not be written that somebody waits for.
static LOST: AtomicBool = AtomicBool::new(false);

/// A line of results.
pub fn out_line(text: impl Display) {
    remember(writeln!(stdout(), "{text}"));
}

/// Results as they are.
pub fn out(text: &[u8]) {
    let mut stdout = stdout();
    remember(stdout.write_all(text).and_then(|()| stdout.flush()));
}

/// A line for the person who watches.
pub fn err_line(text: impl Display) {
    remember(writeln!(stderr(), "{text}"));
}

/// Whether a disk was full, or the like. A reader that went away wants no more.
pub fn is_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

fn remember(result: io::Result<()>) {
    if result.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}
