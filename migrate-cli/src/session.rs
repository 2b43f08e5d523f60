//! What every command has at hand: the settings of this run, the door to the core, the printer.

use std::process::ExitCode;

use migrate_core::migrator::{Client, ConnectOptions, Migrator};
use migrate_core::workspace::{OpenOptions, PRODUCTION, Selection, Workspace};
use migrate_postgres::embedded::EmbeddedOptions;

use crate::args::{Args, Command, Format, GlobalArgs};
use crate::render::{self, Printer};
use crate::signals::Signals;

/// One run of the command line.
pub struct Session {
    /// What to open.
    open: OpenOptions,
    /// Which databases.
    pub selection: Selection,
    /// Prints and counts.
    pub printer: Printer,
    signals: Signals,
    command: &'static str,
}

impl Session {
    /// Reads the process's environment, once, for everything.
    pub fn new(args: &Args) -> anyhow::Result<Self> {
        let GlobalArgs {
            directory,
            database,
            service,
            format,
            verbose,
            quiet,
            ..
        } = &args.global;
        let directory = std::env::current_dir()?.join(directory);
        let command = args.command.name();
        Ok(Self {
            signals: Signals::watch({
                let format = *format;
                move |stopped| {
                    render::fail(&stopped.into(), format, command);
                }
            })?,
            open: OpenOptions {
                directory,
                environment: match args.command {
                    Command::DeployProd(_) => PRODUCTION.to_owned(),
                    _ => args.global.env.clone(),
                },
                // A variable that is not UTF-8 cannot be part of our settings.
                variables: std::env::vars_os()
                    .filter_map(|(name, value)| {
                        Some((name.into_string().ok()?, value.into_string().ok()?))
                    })
                    .collect(),
            },
            selection: Selection {
                database: database.clone(),
                service: service.clone(),
            },
            printer: Printer::new(*format, *verbose, *quiet, command),
            command,
        })
    }

    /// Opens the workspace.
    pub fn migrator(&mut self) -> Result<Migrator, migrate_core::error::Error> {
        let workspace = Workspace::open(self.open.clone())?;
        let embedded = EmbeddedOptions::from_variables(&self.open.variables);
        let migrator = Migrator::new(workspace, embedded, client());
        self.signals.stop(migrator.interrupt());
        if migrator.workspace().database_names().len() > 1 {
            self.printer.name_databases();
        }
        Ok(migrator)
    }

    /// The folder the command works in.
    pub fn directory(&self) -> &std::path::Path {
        &self.open.directory
    }

    /// The selected databases, waited for no longer than said.
    pub fn connect(&self, wait: std::time::Duration) -> ConnectOptions {
        ConnectOptions {
            selection: self.selection.clone(),
            wait,
        }
    }

    /// Prints an error; gives the exit code that goes with it.
    pub fn fail(&mut self, error: &anyhow::Error) -> ExitCode {
        self.printer.finish();
        let code = render::fail(error, self.format(), self.command);
        self.signals.exit_code().unwrap_or(code)
    }

    fn format(&self) -> Format {
        self.printer.format()
    }
}

/// Who we are, for the ledger.
pub fn client() -> Client {
    let host = nix::unistd::gethostname().unwrap_or_default();
    Client {
        host: host.to_string_lossy().into_owned(),
        pid: std::process::id(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
