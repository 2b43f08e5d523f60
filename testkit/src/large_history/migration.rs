//! One migration, and how it looks on disk.

use std::fs;
use std::io;
use std::path::Path;

/// What goes into one migration folder.
pub(super) struct Migration {
    /// The folder's name without the version.
    pub(super) name: String,
    up: String,
    down: String,
    run_in_transaction: bool,
}

impl Migration {
    /// A migration that runs in a transaction.
    ///
    /// Line breaks at the start of the SQL are cut off, so that a template can begin on a line of
    /// its own.
    pub(super) fn new(name: impl Into<String>, up: impl AsRef<str>, down: impl AsRef<str>) -> Self {
        Self {
            name: name.into(),
            up: up.as_ref().trim_start_matches('\n').to_owned(),
            down: down.as_ref().trim_start_matches('\n').to_owned(),
            run_in_transaction: true,
        }
    }

    /// The same, for a statement PostgreSQL refuses to run in a transaction. Diesel sends a file
    /// as one query, an implicit transaction, so either file may hold one statement only.
    pub(super) fn outside_transaction(mut self) -> Self {
        self.run_in_transaction = false;
        self
    }

    /// The same as saved by an editor on Windows.
    pub(super) fn with_crlf(mut self) -> Self {
        self.up = self.up.replace('\n', "\r\n");
        self.down = self.down.replace('\n', "\r\n");
        self
    }

    pub(super) fn up(&self) -> &str {
        &self.up
    }

    pub(super) fn down(&self) -> &str {
        &self.down
    }

    /// Writes the three files into `folder`.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("up.sql"), &self.up)?;
        fs::write(folder.join("down.sql"), &self.down)?;
        fs::write(folder.join("metadata.toml"), self.metadata())
    }

    fn metadata(&self) -> &'static str {
        if self.run_in_transaction {
            "run_in_transaction = true\n"
        } else {
            "# PostgreSQL refuses this statement in a transaction.\nrun_in_transaction = false\n"
        }
    }
}
