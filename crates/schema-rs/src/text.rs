//! Text that is indented while it is written.

use std::fmt;

const STEP: usize = 4;

/// Lines, each indented as deep as the writer is.
///
/// Every line is, those inside a name with a line break too: Diesel writes them so.
pub(super) struct Text {
    out: String,
    depth: usize,
    at_line_start: bool,
}

impl Text {
    pub(super) fn new() -> Self {
        Self {
            out: String::new(),
            depth: 0,
            at_line_start: true,
        }
    }

    /// Writes what follows one step deeper.
    pub(super) fn indent(&mut self) {
        self.depth += 1;
    }

    /// Back by one step.
    pub(super) fn outdent(&mut self) {
        self.depth -= 1;
    }

    /// How many columns the lines are indented.
    pub(super) fn column(&self) -> usize {
        self.depth * STEP
    }

    /// Adds text; it may have any number of line breaks in it.
    pub(super) fn push(&mut self, text: &str) {
        for piece in text.split_inclusive('\n') {
            if self.at_line_start && piece != "\n" {
                self.out.extend(std::iter::repeat_n(' ', self.column()));
            }
            self.out.push_str(piece);
            self.at_line_start = piece.ends_with('\n');
        }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, text: fmt::Arguments<'_>) {
        match text.as_str() {
            Some(text) => self.push(text),
            None => self.push(&text.to_string()),
        }
        self.end_line();
    }

    /// Ends the line; at the start of one, that makes an empty line.
    pub(super) fn end_line(&mut self) {
        self.push("\n");
    }

    /// Adds lines of doc comment.
    pub(super) fn docs(&mut self, text: &str) {
        for line in text.lines().map(str::trim) {
            let space = if line.is_empty() { "" } else { " " };
            self.line(format_args!("///{space}{line}"));
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}
