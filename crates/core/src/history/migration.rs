//! One migration of a history.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use migrate_text::checksum::Checksum;
use migrate_text::migration_ref::MigrationRef;
use migrate_text::source::SourceFile;

/// A folder `<version>_<name>/`.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The text before the first `_` without its dashes: Diesel's version.
    pub version: String,
    /// The folder's whole name.
    pub folder_name: String,
    /// `up.sql`.
    pub up: SourceFile,
    /// Of `up.sql`: of thousands, it is not computed twice.
    pub(crate) checksum: Checksum,
    /// `down.sql`, if there is one.
    pub down: Option<SourceFile>,
    /// Whether the migration and its ledger rows are one transaction.
    pub run_in_transaction: bool,
    /// The services it is for, as `metadata.toml` says.
    pub services: Vec<String>,
    /// The database it is for, where there is more than one.
    pub database: Option<String>,
    /// What of other services it may touch nevertheless.
    pub allow: Vec<Exception>,
    /// Where it differs from what the database's settings say.
    pub limits: OwnLimits,
}

/// How long a migration may wait and work, as its `metadata.toml` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OwnLimits {
    /// How long each statement may wait for a lock; zero for ever.
    pub lock_timeout: Option<Duration>,
    /// How often it is tried again after that.
    pub lock_retries: Option<u32>,
    /// How long each statement may take; zero for ever.
    pub statement_timeout: Option<Duration>,
}

/// An exception from the rule that a migration touches only what its services own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// A name or glob, with its schema outside `public`.
    pub object: String,
    /// Why, for those who read it.
    pub reason: String,
}

impl Migration {
    /// What it is called, for a reader.
    pub fn reference(&self) -> MigrationRef {
        MigrationRef {
            version: self.version.clone(),
            name: self.name().to_owned(),
            services: self.services.clone(),
        }
    }

    /// A migration from values: a folder's name such as `20250101_users`, and what its `up.sql`
    /// would hold. It is one transaction, of no service, and cannot be reverted; the other fields
    /// say otherwise.
    pub fn new(folder_name: impl Into<String>, up: impl Into<String>) -> Self {
        let folder_name = folder_name.into();
        let up = SourceFile::new(PathBuf::from(&folder_name).join("up.sql"), up.into());
        Self::of_file(folder_name, up)
    }

    pub(super) fn of_file(folder_name: String, up: SourceFile) -> Self {
        let checksum = Checksum::of(up.text());
        Self::summed(folder_name, up, checksum)
    }

    /// One whose checksum is known: of thousands, it is not computed again.
    pub(crate) fn summed(folder_name: String, up: SourceFile, checksum: Checksum) -> Self {
        Self {
            version: version_of(&folder_name),
            checksum,
            folder_name,
            up,
            down: None,
            run_in_transaction: true,
            services: Vec::new(),
            database: None,
            allow: Vec::new(),
            limits: OwnLimits::default(),
        }
    }

    /// The same with what its `down.sql` would hold.
    #[must_use]
    pub fn with_down(mut self, down: impl Into<String>) -> Self {
        let path = PathBuf::from(&self.folder_name).join("down.sql");
        self.down = Some(SourceFile::new(path, down.into()));
        self
    }

    /// The same for these services.
    #[must_use]
    pub fn of_services(mut self, services: &[&str]) -> Self {
        self.services = services.iter().map(ToString::to_string).collect();
        self
    }

    /// One whose folder is gone, by the `up.sql` that the ledger kept.
    pub fn kept(version: &str, folder_name: &str, services: &[String], up_sql: String) -> Self {
        let path = format!("{folder_name}/up.sql (kept in the ledger)");
        Self {
            version: version.to_owned(),
            services: services.to_vec(),
            ..Self::of_file(folder_name.to_owned(), SourceFile::new(path, up_sql))
        }
    }

    /// The name after the version: what people call it.
    pub fn name(&self) -> &str {
        name_of(&self.folder_name)
    }

    /// The checksum of `up.sql`.
    pub fn checksum(&self) -> &Checksum {
        &self.checksum
    }
}

/// The version in a folder's name, as Diesel reads it: what stands before the first `_`, without
/// dashes.
fn version_of(folder_name: &str) -> String {
    let before = folder_name.split('_').next().unwrap_or_default();
    before.replace('-', "")
}

/// The name in a folder's name: what follows the version; all of it where nothing does.
pub fn name_of(folder_name: &str) -> &str {
    match folder_name.split_once('_') {
        Some((_, name)) if !name.is_empty() => name,
        _ => folder_name,
    }
}
