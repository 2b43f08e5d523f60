//! `revert`, `redo` and `reset`.

use crate::error::Error;
use crate::event::Observer;
use crate::report::{DeployReport, RedoReport, RevertReport};
use crate::turn::{DeployOptions, RedoOptions, RevertOptions, Turn};

use super::Migrator;
use super::databases::drop_one;

impl Migrator {
    /// Reverts migrations of one database, the last applied first, each in a transaction with
    /// its ledger rows. With a service selected only its migrations count.
    pub fn revert(
        &self,
        options: &RevertOptions,
        observer: &dyn Observer,
    ) -> Result<RevertReport, Error> {
        let (run, connect) = (self.run(observer), &options.connect);
        let (connected, guarded) = match options.dry_run {
            true => self.connect_one(connect, run)?,
            false => self.connect_one_to_write(connect, run)?,
        };
        let mut turn = Turn::new(run, connected, guarded.attributed());
        match options.dry_run {
            true => turn.plan_revert(options),
            false => turn.revert(options),
        }
    }

    /// Reverts the last migrations of one database and applies them again, under one lock. What
    /// could keep the second half from happening is looked for before the first.
    pub fn redo(
        &self,
        options: &RedoOptions,
        observer: &dyn Observer,
    ) -> Result<RedoReport, Error> {
        let run = self.run(observer);
        let (connected, guarded) = self.connect_one_to_write(&options.connect, run)?;
        Turn::new(run, connected, guarded.attributed()).redo(options)
    }

    /// Drops every selected database and builds it again from the history. Refuses production.
    pub fn reset(
        &self,
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<DeployReport, Error> {
        self.refuse_production("reset")?;
        // A history that cannot be read must not cost the data.
        let (run, connect) = (self.run(observer), &options.connect);
        let (_, databases) = self.read(&connect.selection)?;
        // Nor one that cannot be reached.
        for mut one in run.open_all(databases.clone(), connect.wait)? {
            // Nor one in which nothing could be built again.
            one.require_own_session()?;
        }
        let targets = run.targets(databases, connect.wait)?;
        {
            // Whoever asks to stop meanwhile is heard by the deploy, which then begins nothing.
            let _without = self.interrupt.hold();
            for (database, target) in targets {
                drop_one(&database, &target)?;
                run.create(&database, &target)?;
            }
        }
        self.deploy(options, observer)
    }
}
