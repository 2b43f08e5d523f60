//! All migrations, in order.

use std::sync::Arc;

use migrate_text::problem::{ProblemKind, Problems};

use super::migration::Migration;

/// Diesel's table has `version varchar(50)`: src/migration in Diesel.
const LONGEST_VERSION: usize = 50;

/// A history of so many migrations is long.
const LONG: usize = 200;

/// All migrations, or those of one database, in the order of their versions.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Shared: each database has a part of them, and each plan too.
    pub(super) migrations: Vec<Arc<Migration>>,
}

impl History {
    /// A history of these migrations, whatever order they come in.
    ///
    /// # Errors
    ///
    /// Versions that stand twice, or that Diesel's table has no room for.
    pub fn of(mut migrations: Vec<Migration>) -> Result<Self, Problems> {
        migrations.sort_by(|a, b| (&a.version, &a.folder_name).cmp(&(&b.version, &b.folder_name)));
        let mut problems = Problems(Vec::new());
        for migration in &migrations {
            let length = migration.version.chars().count();
            if length > LONGEST_VERSION {
                problems.add(ProblemKind::VersionTooLong {
                    migration: migration.folder_name.clone(),
                    length,
                    longest: LONGEST_VERSION,
                });
            }
        }
        for pair in migrations.windows(2) {
            if pair[0].version == pair[1].version {
                problems.add(ProblemKind::DuplicateVersion {
                    version: pair[0].version.clone(),
                    first: pair[0].folder_name.clone(),
                    second: pair[1].folder_name.clone(),
                });
            }
        }
        problems.into_result()?;
        Ok(Self::ordered(migrations))
    }

    /// A history of migrations that were read as one before.
    pub(crate) fn ordered(migrations: Vec<Migration>) -> Self {
        Self {
            migrations: migrations.into_iter().map(Arc::new).collect(),
        }
    }

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
        }
    }

    /// This history with these migrations, each at its place; those of the same version go.
    #[must_use]
    pub fn with(&self, more: Vec<Migration>) -> Self {
        let mut migrations = self.migrations.clone();
        migrations.retain(|old| more.iter().all(|new| new.version != old.version));
        migrations.extend(more.into_iter().map(Arc::new));
        migrations.sort_by(|a, b| a.version.cmp(&b.version));
        Self { migrations }
    }
}
