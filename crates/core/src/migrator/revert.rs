//! `revert`, `redo` and `reset`.

use crate::error::{Changing, Destroying, Error};
use crate::event::Observer;
use crate::history::History;
use crate::report::{DeployReport, RedoReport, RevertReport};
use crate::turn::{
    Approval, DeployOptions, PlanFingerprint, Planned, RedoOptions, RevertOptions, Turn,
};
use crate::workspace::Database;

use super::Migrator;
use super::databases::drop_one;

impl Migrator {
    /// What a revert would do, and what stands for it. Writes nothing.
    pub fn plan_revert(
        &self,
        options: &RevertOptions,
        observer: &dyn Observer,
    ) -> Result<Planned<RevertReport>, Error> {
        let run = self.run(observer);
        let (connected, guarded) = self.connect_one(&options.connect, run)?;
        Turn::new(run, connected, guarded.attributed()).plan_revert(options)
    }

    /// Reverts migrations of one database, the last applied first, each in a transaction with
    /// its ledger rows. With a service selected only its migrations count.
    pub fn revert(
        &self,
        options: &RevertOptions,
        observer: &dyn Observer,
    ) -> Result<RevertReport, Error> {
        self.require(&options.approval, Changing::Revert)?;
        let run = self.run(observer);
        let (connected, guarded) = self.connect_one_to_write(&options.connect, run)?;
        Turn::new(run, connected, guarded.attributed()).revert(options)
    }

    /// What a redo would revert and apply again, and what stands for it. Writes nothing.
    pub fn plan_redo(
        &self,
        options: &RedoOptions,
        observer: &dyn Observer,
    ) -> Result<Planned<RevertReport>, Error> {
        let run = self.run(observer);
        let (connected, guarded) = self.connect_one(&options.connect, run)?;
        Turn::new(run, connected, guarded.attributed()).plan_redo(options)
    }

    /// Reverts the last migrations of one database and applies them again, under one lock. What
    /// could keep the second half from happening is looked for before the first.
    pub fn redo(
        &self,
        options: &RedoOptions,
        observer: &dyn Observer,
    ) -> Result<RedoReport, Error> {
        self.require(&options.approval, Changing::Redo)?;
        let run = self.run(observer);
        let (connected, guarded) = self.connect_one_to_write(&options.connect, run)?;
        Turn::new(run, connected, guarded.attributed()).redo(options)
    }

    /// Where the databases are that a reset would drop and build again, and what stands for that.
    /// Refuses production.
    pub fn plan_reset(&self, options: &DeployOptions) -> Result<Planned<String>, Error> {
        self.refuse_production(Destroying::Reset)?;
        let (history, databases) = self.read(&options.connect.selection)?;
        Ok(Planned {
            report: self.shown(&options.connect.selection)?,
            fingerprint: rebuilt(&history, &databases),
        })
    }

    /// Drops every selected database and builds it again from the history. Refuses production.
    pub fn reset(
        &self,
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<DeployReport, Error> {
        self.refuse_production(Destroying::Reset)?;
        // A history that cannot be read must not cost the data.
        let (run, connect) = (self.run(observer), &options.connect);
        let (history, databases) = self.read(&connect.selection)?;
        options.approval.check(&rebuilt(&history, &databases))?;
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
        // All that was in them is gone: there is nothing left to be compared.
        let options = DeployOptions {
            approval: Approval::NotAsked,
            ..options.clone()
        };
        self.deploy(&options, observer)
    }
}

/// Stands for databases that are built again from their whole history.
fn rebuilt(history: &History, databases: &[Database]) -> PlanFingerprint {
    let mut fingerprint = PlanFingerprint::default();
    for database in databases {
        let history = history.of_database(&database.name);
        let migrations = history.migrations().iter();
        let texts: Vec<_> = migrations.map(|m| (&m.version, m.checksum())).collect();
        fingerprint.add(database, texts);
    }
    fingerprint
}
