//! Text that came from a file, and positions in it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

/// A file's text, kept with its path so that an error can show the line.
///
/// Cloning shares the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    path: PathBuf,
    text: Arc<str>,
}

/// A place in a file as people and editors count: both from one, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A range of bytes in a [`SourceFile`].
pub type Span = Range<usize>;

impl SourceFile {
    /// A file's text under the path that messages shall show.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// The path that messages show.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset. An offset past the end is the end.
    pub fn position(&self, offset: usize) -> Position {
        let before = &self.text[..self.floor(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The word (or else the single character) that starts at a byte offset: what a caret
    /// should underline.
    pub fn word_at(&self, offset: usize) -> Span {
        let start = self.floor(offset);
        let rest = &self.text[start..];
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match rest.chars().next() {
            Some('"') => rest[1..].find('"').map_or(1, |end| end + 2),
            Some(c) if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            Some(c) if c != '\n' => c.len_utf8(),
            _ => 0,
        };
        start..start + length
    }

    fn floor(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset.min(self.text.len()))
    }
}

/// A span of one file: what an error points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: SourceFile,
    /// The bytes of it that are meant.
    pub span: Span,
}

impl Location {
    /// Line and column where the span starts.
    pub fn position(&self) -> Position {
        self.file.position(self.span.start)
    }
}

/// `migrate.toml:3:5`, as compilers and editors write it.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position();
        write!(f, "{}:{line}:{column}", self.file.path().display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let file = SourceFile::new("f.sql", "-- größe\nselect ü, x;\n");
        let x = file.text().find('x').unwrap();
        assert_eq!(
            file.position(x),
            Position {
                line: 2,
                column: 11
            }
        );
        assert_eq!(
            file.position(9_999),
            Position { line: 3, column: 1 },
            "past the end is the end"
        );
    }

    #[test]
    fn the_caret_covers_the_word() {
        let file = SourceFile::new("f.sql", r#"drop table "My table", größe;"#);
        assert_eq!(&file.text()[file.word_at(11)], "\"My table\"");
        assert_eq!(&file.text()[file.word_at(23)], "größe");
        assert_eq!(&file.text()[file.word_at(21)], ",");
    }
}
