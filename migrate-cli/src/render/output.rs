//! The only way to standard output and standard error.
//!
//! `println!` panics when nobody reads what it prints. A deploy must not end half way because
//! its reader, such as `head -1`, went away.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write, stderr, stdout};
use std::sync::OnceLock;

use migrate_text::visible::{visible, visible_coloured, visible_json};

/// Why something could not be written that somebody waits for.
static LOST: OnceLock<String> = OnceLock::new();

/// A line of results.
pub fn out_line(text: impl Display) {
    let text = text.to_string();
    let shown = shown(&text, console::colors_enabled());
    remember(writeln!(stdout(), "{shown}"));
}

/// JSON for a program, which a person may look at too.
pub fn out_json(json: impl Display) {
    let json = json.to_string();
    remember(writeln!(stdout(), "{}", visible_json(&json)));
}

/// Results as they are.
pub fn out(text: &[u8]) {
    let mut stdout = stdout();
    remember(stdout.write_all(text).and_then(|()| stdout.flush()));
}

/// A line for the person who watches.
pub fn err_line(text: impl Display) {
    let text = text.to_string();
    let shown = shown(&text, console::colors_enabled_stderr());
    remember(writeln!(stderr(), "{shown}"));
}

/// The text as a terminal may get it. Names, files and what servers say are of others: whatever
/// line it comes from, here it goes through.
fn shown(text: &str, coloured: bool) -> Cow<'_, str> {
    match coloured {
        true => visible_coloured(text),
        false => visible(text),
    }
}

/// What could not be written because a disk was full, or the like. A reader that went away wants
/// no more.
pub fn lost() -> Option<Lost> {
    LOST.get().map(|why| Lost(why))
}

/// Results could not be written.
#[derive(Debug, thiserror::Error)]
#[error("what was printed is lost: {0}")]
pub struct Lost(&'static str);

fn remember(result: io::Result<()>) {
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        // The first is why the others were lost too.
        let _ = LOST.set(error.to_string());
    }
}
