//! The history as Diesel's own tools take it.

use std::collections::HashSet;

use diesel::migration::{Migration as DieselMigration, MigrationSource, Result};
use diesel::pg::Pg;
use diesel_migrations::FileBasedMigrations;

use super::History;

/// With this a service's tests run the history by Diesel's own
/// [`MigrationHarness`](diesel_migrations::MigrationHarness).
impl MigrationSource<Pg> for History {
    fn migrations(&self) -> Result<Vec<Box<dyn DieselMigration<Pg>>>> {
        let ours: HashSet<&str> = self
            .migrations
            .iter()
            .map(|migration| migration.version.as_str())
            .collect();
        let files = FileBasedMigrations::from_path(&self.folder)?;
        let all = MigrationSource::<Pg>::migrations(&files)?;
        Ok(all
            .into_iter()
            .filter(|migration| ours.contains(migration.name().version().to_string().as_str()))
            .collect())
    }
}
