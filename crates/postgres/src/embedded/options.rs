//! How the embedded server is to be run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use migrate_text::variables::Variables;

use crate::programs;

use super::error::EmbeddedError;

/// What the server gets of our variables.
const SERVER_VARIABLES: [&str; 2] = ["PATH", "TZ"];

/// Whether the server survives a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As PostgreSQL does by default.
    Full,
    /// No waiting for the disk: for data that can be made again. A crash of the server alone
    /// loses nothing.
    None,
}

/// How to run the server.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// The folder with a folder for each server.
    pub home: PathBuf,
    /// Folders to look for server binaries in, before all others.
    pub binaries: Vec<PathBuf>,
    /// See [`Durability`].
    pub durability: Durability,
    /// The only variables that the server is given.
    pub server_variables: BTreeMap<String, String>,
}

impl EmbeddedOptions {
    /// From the process's variables: `MIGRATE_EMBEDDED_DIR` for the home, else
    /// `$XDG_STATE_HOME/migrate`, else `~/.local/state/migrate`; `/var/lib/migrate` for root.
    /// `PG_BIN` and then `PATH` for the binaries. `PATH` and `TZ` for the server.
    pub fn from_variables(variables: &Variables) -> Self {
        let folder = |name: &str| variables.get(name).map(PathBuf::from);
        let home = folder("MIGRATE_EMBEDDED_DIR").unwrap_or_else(|| {
            if Uid::effective().is_root() {
                return PathBuf::from("/var/lib/migrate");
            }
            folder("XDG_STATE_HOME")
                .or_else(|| Some(folder("HOME")?.join(".local/state")))
                .map_or_else(
                    // Each user's own: another's is refused.
                    || PathBuf::from(format!("/tmp/migrate-{}", Uid::effective())),
                    |state| state.join("migrate"),
                )
        });
        let path = variables.get("PATH").unwrap_or_default();
        let binaries = folder("PG_BIN")
            .into_iter()
            .chain(std::env::split_paths(path));
        let server_variables = SERVER_VARIABLES
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), variables.get(name)?.to_owned())));
        Self {
            home,
            binaries: binaries.collect(),
            durability: Durability::Full,
            server_variables: server_variables.collect(),
        }
    }

    /// The folder with the server's programs that new data would be made with.
    pub fn programs(&self) -> Result<PathBuf, EmbeddedError> {
        let programs = programs::find(&self.binaries, None)
            .map_err(|not_found| EmbeddedError::of_programs(not_found, Path::new("")))?;
        Ok(programs.folder().to_owned())
    }
}
