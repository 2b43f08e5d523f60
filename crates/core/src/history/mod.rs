//! The history: the migrations on disk, one ordered timeline.
//!
//! Versions, order and `run_in_transaction` are read by Diesel's own `diesel_migrations`, so that
//! its tool and ours always mean the same migration.

mod create;
mod memory;
mod metadata;
mod read;
mod source;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use migrate_text::checksum::Checksum;
use migrate_text::migration_ref::MigrationRef;
use migrate_text::source::SourceFile;

pub(crate) use create::timestamp;
pub use create::{Created, NewMigration, create};
pub use memory::Memory;
pub use read::{Rules, read};

/// A history of so many migrations is long.
const LONG: usize = 200;

/// All migrations of a folder, or those of one database, in the order of their versions.
#[derive(Clone)]
pub struct History {
    folder: PathBuf,
    /// Shared: each database has a part of them, and each plan too.
    migrations: Vec<Arc<Migration>>,
}

/// A folder `<version>_<name>/`.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The text before the first `_` without its dashes: Diesel's version.
    pub version: String,
    /// The folder's whole name.
    pub folder_name: String,
    /// The folder.
    pub folder: PathBuf,
    /// `up.sql`.
    pub up: SourceFile,
    /// Of `up.sql`: of thousands, it is not computed twice.
    checksum: Checksum,
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

    /// One whose folder is gone, by the `up.sql` that the ledger kept.
    pub fn kept(version: &str, folder_name: &str, services: &[String], up_sql: String) -> Self {
        let path = format!("{folder_name}/up.sql (kept in the ledger)");
        Self {
            version: version.to_owned(),
            folder_name: folder_name.to_owned(),
            folder: PathBuf::new(),
            checksum: Checksum::of(&up_sql),
            up: SourceFile::new(path, up_sql),
            down: None,
            run_in_transaction: true,
            services: services.to_vec(),
            database: None,
            allow: Vec::new(),
            limits: OwnLimits::default(),
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

/// The name in a folder's name: what follows the version; all of it where nothing does.
pub fn name_of(folder_name: &str) -> &str {
    match folder_name.split_once('_') {
        Some((_, name)) if !name.is_empty() => name,
        _ => folder_name,
    }
}

impl History {
    /// The migrations, oldest first.
    pub fn migrations(&self) -> &[Arc<Migration>] {
        &self.migrations
    }

    /// Whether it is so long that reading all of its files, or all rows of its ledger, takes
    /// longer than everything else that a deploy with nothing to do does.
    pub fn is_long(&self) -> bool {
        self.migrations.len() >= LONG
    }

    /// The migration with this version.
    pub fn find(&self, version: &str) -> Option<&Arc<Migration>> {
        self.migrations
            .binary_search_by(|migration| migration.version.as_str().cmp(version))
            .ok()
            .map(|index| &self.migrations[index])
    }

    /// The migrations of one database: those that name it, and those that name none.
    #[must_use]
    pub fn of_database(&self, name: &str) -> Self {
        let is_for = |migration: &&Arc<Migration>| {
            migration
                .database
                .as_deref()
                .is_none_or(|database| database == name)
        };
        Self {
            migrations: self.migrations.iter().filter(is_for).cloned().collect(),
            folder: self.folder.clone(),
        }
    }

    /// This history with more migrations, each at its place.
    #[must_use]
    pub fn with(&self, more: Vec<Migration>) -> Self {
        let mut migrations = self.migrations.clone();
        migrations.extend(more.into_iter().map(Arc::new));
        migrations.sort_by(|a, b| a.version.cmp(&b.version));
        Self {
            migrations,
            folder: self.folder.clone(),
        }
    }

    /// The folder that was read.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
