//! Generated files on disk: compared, and replaced whole.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use similar::TextDiff;

use migrate_schema_rs::is_generated;
use migrate_text::regular_file::{self, LONGEST_SETTINGS};
use migrate_text::replace::replace;

/// A file and what it shall hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Where.
    pub path: PathBuf,
    /// Its whole text.
    pub text: String,
}

/// How a generated file stands on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// It is as it shall be.
    Fresh,
    /// It is not there.
    Absent,
    /// It holds something else that was generated.
    Stale {
        /// From what is there to what shall be, as a unified diff.
        diff: String,
    },
    /// It holds something that a person wrote: it does not begin as generated files do.
    HandWritten {
        /// From what is there to what shall be, as a unified diff.
        diff: String,
    },
}

/// A file and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Where, from the workspace's root.
    pub path: PathBuf,
    /// How it stood.
    #[serde(flatten)]
    pub state: FileState,
    /// Whether it was written.
    pub written: bool,
}

impl GeneratedFile {
    /// Compares with what is on disk. Paths in diffs are relative to `root`.
    ///
    /// # Errors
    ///
    /// Whatever the file system says, other than that there is no such file.
    pub fn state(&self, root: &Path) -> io::Result<FileState> {
        let present = match regular_file::read_text(&self.path, LONGEST_SETTINGS) {
            Ok(present) => present,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileState::Absent),
            Err(error) => return Err(error),
        };
        if present == self.text {
            return Ok(FileState::Fresh);
        }
        let path = self.path.strip_prefix(root).unwrap_or(&self.path);
        let path = path.display().to_string();
        let diff = TextDiff::from_lines(&present, &self.text)
            .unified_diff()
            .header(&path, &format!("{path} (from the history)"))
            .to_string();
        // An empty file is nobody's work.
        Ok(if is_generated(&present) || present.trim().is_empty() {
            FileState::Stale { diff }
        } else {
            FileState::HandWritten { diff }
        })
    }

    /// Replaces the file: a reader sees the old text or the new, never a part.
    ///
    /// # Errors
    ///
    /// Whatever the file system says.
    pub fn write(&self) -> io::Result<()> {
        replace(&self.path, &self.text)
    }
}
