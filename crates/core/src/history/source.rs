//! The history as Diesel's own tools take it.

use std::fmt;
use std::sync::Arc;

use diesel::connection::BoxableConnection;
use diesel::migration::{
    Migration as DieselMigration, MigrationMetadata, MigrationName, MigrationSource,
    MigrationVersion, Result,
};
use diesel::pg::Pg;
use diesel_migrations::MigrationError;

use super::migration::Migration;
use super::timeline::History;

/// With this a service's tests run the history by Diesel's own
/// [`MigrationHarness`](diesel_migrations::MigrationHarness).
impl MigrationSource<Pg> for History {
    fn migrations(&self) -> Result<Vec<Box<dyn DieselMigration<Pg>>>> {
        let all = self.migrations.iter();
        Ok(all
            .map(|one| Box::new(Known(Arc::clone(one))) as Box<dyn DieselMigration<Pg>>)
            .collect())
    }
}

/// A migration that was read already, wherever it came from.
struct Known(Arc<Migration>);

impl DieselMigration<Pg> for Known {
    fn run(&self, connection: &mut dyn BoxableConnection<Pg>) -> Result<()> {
        Ok(connection.batch_execute(self.0.up.text())?)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<Pg>) -> Result<()> {
        match &self.0.down {
            Some(down) => Ok(connection.batch_execute(down.text())?),
            None => Err(MigrationError::NoMigrationRevertFile.into()),
        }
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

impl MigrationMetadata for Known {
    fn run_in_transaction(&self) -> bool {
        self.0.run_in_transaction
    }
}

impl MigrationName for Known {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.0.version)
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.folder_name)
    }
}
