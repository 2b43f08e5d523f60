//! `resolve`: what a person says of a migration that no deploy can settle by itself.

use crate::error::{Changing, Error};
use crate::event::Observer;
use crate::plan::{DeployRequest, Resolution};
use crate::reach::ConnectOptions;
use crate::report::ResolveReport;
use crate::turn::{DeployOptions, Planned, ResolveOptions, Turn};

use super::Migrator;

impl Migrator {
    /// What settling a migration would do, and what stands for it. Writes nothing.
    pub fn plan_resolve(
        &self,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<Planned<ResolveReport>, Error> {
        let run = self.run(observer);
        let connect = self.database_of(options)?;
        let (connected, guarded) = self.connect_one(&connect, run)?;
        let mut turn = Turn::new(run, connected, guarded.attributed());
        let mut plan = turn.plan_resolve(options)?;
        drop(turn);
        if options.resolution == Resolution::Retry {
            let again = again(&plan.report, connect, options);
            let mut again = self.plan(&again, observer)?;
            plan.report.retried = again.report.databases.pop();
            plan.fingerprint = again.fingerprint;
        }
        Ok(plan)
    }

    /// Settles one migration of one database: records what a person says of it, or runs it again.
    pub fn resolve(
        &self,
        options: &ResolveOptions,
        observer: &dyn Observer,
    ) -> Result<ResolveReport, Error> {
        self.require(&options.approval, Changing::Resolve)?;
        let run = self.run(observer);
        let connect = self.database_of(options)?;
        let (connected, guarded) = self.connect_one_to_write(&connect, run)?;
        let mut turn = Turn::new(run, connected, guarded.attributed());
        let mut report = turn.resolve(options)?;
        // Another session runs it again.
        drop(turn);
        if options.resolution == Resolution::Retry {
            let again = again(&report, connect, options);
            report.retried = self.deploy(&again, observer)?.databases.pop();
        }
        Ok(report)
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

/// How to run a failed migration again: a deploy of nothing else, with all that a deploy looks at.
fn again(
    report: &ResolveReport,
    connect: ConnectOptions,
    options: &ResolveOptions,
) -> DeployOptions {
    DeployOptions {
        connect,
        request: DeployRequest {
            only: Some(vec![report.migration.version.clone()]),
            retry: true,
            ..DeployRequest::default()
        },
        create_databases: false,
        lock_wait: options.lock_wait,
        approval: options.approval.clone(),
    }
}
