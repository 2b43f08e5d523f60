//! `resolve`: what a person says of a migration that no deploy can settle by itself.

use crate::error::Error;
use crate::event::Observer;
use crate::plan::{DeployRequest, Resolution};
use crate::reach::ConnectOptions;
use crate::report::{DatabaseDeploy, ResolveReport};
use crate::turn::{DeployOptions, ResolveOptions, Turn};

use super::Migrator;

impl Migrator {
    /// Settles one migration of one database: records what a person says of it, or runs it again.
    pub fn resolve(
        &self,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<ResolveReport, Error> {
        let run = self.run(observer);
        let connect = self.database_of(options)?;
        let (connected, guarded) = match options.dry_run {
            true => self.connect_one(&connect, run)?,
            false => self.connect_one_to_write(&connect, run)?,
        };
        let mut turn = Turn::new(run, connected, guarded.attributed());
        let mut report = match options.dry_run {
            true => turn.plan_resolve(options)?,
            false => turn.resolve(options)?,
        };
        // Another session runs it again.
        drop(turn);
        if options.resolution == Resolution::Retry {
            let version = report.migration.version.clone();
            report.retried = self.retry(&version, &connect, options, observer)?;
        }
        Ok(report)
    }

    /// Runs a failed migration again: a deploy of nothing else, with all that a deploy looks at.
    fn retry(
        &self,
        version: &str,
        connect: &ConnectOptions,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<Option<DatabaseDeploy>, Error> {
        let deploy = DeployOptions {
            connect: connect.clone(),
            request: DeployRequest {
                only: Some(vec![version.to_owned()]),
                retry: true,
                ..DeployRequest::default()
            },
            create_databases: false,
            dry_run: options.dry_run,
            lock_wait: options.lock_wait,
        };
        let mut report = self.deploy(&deploy, observer)?;
        Ok(report.databases.pop())
    }

    /// The selected database, or else that of the migration.
    fn database_of(&self, options: &ResolveOptions) -> Result<ConnectOptions, Error> {
        let mut connect = options.connect.clone();
        let selection = &mut connect.selection;
        if selection.database.is_none() && selection.service.is_none() {
            let history = self.history()?;
            let named = |name: &str| name == options.version;
            let mut all = history.migrations().iter();
            let migration = all.find(|m| named(&m.version) || named(&m.folder_name));
            selection.database = migration.and_then(|migration| migration.database.clone());
        }
        Ok(connect)
    }
}
