//! The only public way in: every command of the command line is one call here, and no guard can
//! be stepped round.

mod ahead;
mod author;
mod clean;
mod connect;
mod databases;
mod deploy;
mod edited;
mod generate;
mod grants;
mod late;
mod lock;
mod look;
mod ownership;
mod pending;
mod reach;
mod resolve;
mod resume;
mod revert;

use std::time::{Duration, SystemTime};

use crate::deploy::Interrupt;
use crate::error::Error;
use crate::history::{self, History, Rules};
use crate::ledger::Client;
use crate::ownership::Owners;
use crate::remembered::{Reading, Remembered};
use crate::workspace::{Database, Selection, Workspace};
use migrate_postgres::Session;
use migrate_postgres::embedded::{Embedded, EmbeddedOptions};
use migrate_text::problem::Problems;

use ahead::{Ahead, Answer};

pub use author::NewOptions;
pub use deploy::DeployOptions;
pub use generate::GenerateOptions;
pub use ownership::TransferOptions;
pub use resolve::ResolveOptions;
pub use revert::{RedoOptions, RevertOptions};

/// A workspace and the means to work on its databases.
pub struct Migrator {
    workspace: Workspace,
    embedded: Embedded,
    client: Client,
    interrupt: Interrupt,
    ahead: Ahead,
}

/// How to reach databases.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// Which databases.
    pub selection: Selection,
    /// How long to wait for servers that do not answer yet.
    pub wait: Duration,
}

/// A database and the session on it.
struct Connected {
    database: Database,
    session: Session,
    /// Whose everything in it is, once somebody has asked.
    owners: Option<Owners>,
    /// What the database said before anything else was asked. Of no worth once it may have
    /// changed: under the lock.
    answer: Option<Answer>,
}

impl Migrator {
    /// Opens a workspace. Nothing is connected to and nothing started.
    pub fn new(workspace: Workspace, embedded: EmbeddedOptions, client: Client) -> Self {
        Self {
            embedded: Embedded::of_workspace(workspace.root(), embedded),
            workspace,
            client,
            interrupt: Interrupt::default(),
            ahead: Ahead::default(),
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

    /// Reads the history.
    pub fn history(&self) -> Result<History, Error> {
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

    /// The history and the selected databases, variables looked up. All that is wrong with
    /// either is reported at once.
    fn read(&self, selection: &Selection) -> Result<(History, Vec<Database>), Error> {
        self.with_history(self.workspace.databases(selection))
    }

    fn with_history(
        &self,
        databases: Result<Vec<Database>, Problems>,
    ) -> Result<(History, Vec<Database>), Error> {
        match (self.history(), databases) {
            (Ok(history), Ok(databases)) => Ok((history, databases)),
            (Err(Error::Problems(mut problems)), Err(more)) => {
                problems.0.extend(more.0);
                Err(problems.into())
            }
            (Err(error), _) => Err(error),
            (_, Err(problems)) => Err(problems.into()),
        }
    }

    /// The error for a command that destroys data, where the environment is production.
    pub fn refuse_production(&self, command: &'static str) -> Result<(), Error> {
        if self.workspace.is_production() {
            return Err(Error::NotInProduction { command });
        }
        Ok(())
    }
}
