//! The only public way in: every command of the command line is one call here, and no guard can
//! be stepped round.

mod author;
mod clean;
mod databases;
mod deploy;
mod generate;
mod grants;
mod look;
mod options;
mod ownership;
mod read;
mod resolve;
mod revert;

use std::time::SystemTime;

use crate::error::{Changing, Destroying, Error};
use crate::event::Observer;
use crate::history::{self, History, Rules};
use crate::reach::{Ahead, Run};
use crate::remembered::{Reading, Remembered};
use crate::workspace::Workspace;
use migrate_postgres::embedded::{Embedded, EmbeddedOptions};

pub use crate::deploy::Interrupt;
pub use crate::history::create::Created;
pub use crate::ledger::Client;
pub use crate::plan::{DeployRequest, Reach};
pub use crate::reach::ConnectOptions;
pub use crate::scaffold::{ScaffoldOptions, scaffold};
pub use crate::turn::{
    Approval, DeployOptions, PlanFingerprint, Planned, RedoOptions, ResolveOptions, RevertOptions,
};
pub use options::{GenerateOptions, GrantsOptions, NewOptions, TransferOptions};

/// A workspace and the means to work on its databases.
pub struct Migrator {
    workspace: Workspace,
    /// In place of that on disk.
    history: Option<History>,
    embedded: Embedded,
    client: Client,
    interrupt: Interrupt,
    ahead: Ahead,
}

impl Migrator {
    /// Opens a workspace. Nothing is connected to and nothing started.
    pub fn new(workspace: Workspace, embedded: EmbeddedOptions, client: Client) -> Self {
        Self {
            embedded: Embedded::of_workspace(workspace.root(), embedded),
            workspace,
            history: None,
            client,
            interrupt: Interrupt::default(),
            ahead: Ahead::default(),
        }
    }

    /// Takes a whole history, of all databases, in place of the workspace's folder: for a program
    /// that brings its own ([`History::embedded`]) or makes it ([`History::of`]).
    ///
    /// The folder is not read, and the history is not kept on disk as a long one of the folder is.
    /// Only [`Self::new_migration`] is still about the folder: it writes a file there, behind the
    /// newest that is there.
    #[must_use]
    pub fn with_history(self, history: History) -> Self {
        Self {
            history: Some(history),
            ..self
        }
    }

    /// A handle by which another thread stops what this one runs.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The embedded server of the workspace, running or not.
    pub fn embedded(&self) -> &Embedded {
        &self.embedded
    }

    /// The history: the one that was given, or else the one on disk.
    pub fn history(&self) -> Result<History, Error> {
        match &self.history {
            Some(given) => Ok(given.clone()),
            None => self.history_on_disk(),
        }
    }

    /// Whether the history is long, as far as is known without reading it.
    fn has_long_history(&self) -> bool {
        match &self.history {
            Some(given) => given.is_long(),
            None => self.remembered().has_history(),
        }
    }

    /// Reads the history of the workspace's folder.
    fn history_on_disk(&self) -> Result<History, Error> {
        let workspace = &self.workspace;
        let rules = Rules {
            databases: if workspace.has_manifest() {
                workspace.database_names()
            } else {
                Vec::new()
            },
            services: workspace
                .services()
                .iter()
                .map(|service| service.name.clone())
                .collect(),
            strict: workspace.has_manifest(),
        };
        let (folder, root) = (workspace.migrations(), workspace.root());
        let reading = Reading {
            folder,
            root,
            rules: &rules,
        };
        if let Some(history) = self.remembered().history(reading) {
            return Ok(history);
        }
        let since = SystemTime::now();
        let history = history::read(folder, root, &rules)?;
        if history.is_long() {
            self.remembered().keep_history(reading, &history, since);
        }
        Ok(history)
    }

    /// What earlier runs have worked out.
    fn remembered(&self) -> Remembered<'_> {
        Remembered::of(&self.embedded)
    }

    /// What everything in a run of this migrator shares.
    fn run<'r>(&'r self, observer: &'r dyn Observer) -> Run<'r> {
        Run {
            embedded: &self.embedded,
            client: &self.client,
            ahead: &self.ahead,
            interrupt: &self.interrupt,
            observer,
        }
    }

    /// Refuses production where nobody was asked. Stands here, so that no front end forgets it.
    fn require(&self, approval: &Approval, command: Changing) -> Result<(), Error> {
        approval.require(self.workspace.is_production(), command)
    }

    /// The error for a command that destroys data, where the environment is production.
    fn refuse_production(&self, command: Destroying) -> Result<(), Error> {
        if self.workspace.is_production() {
            return Err(Error::NotInProduction { command });
        }
        Ok(())
    }
}
