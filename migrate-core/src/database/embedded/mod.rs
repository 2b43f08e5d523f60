//! A private PostgreSQL that we run ourselves, from the server binaries of the machine.
//!
//! It listens on a Unix socket only, in a folder that no other user can enter, so it asks for no
//! password. Its data lies outside the workspace: PostgreSQL refuses to run as root, so for root
//! it runs as another user, who could not reach a workspace below `/root`.

mod binaries;
mod cluster;
mod files;
mod process;

use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};
use sha2::{Digest, Sha256};

use crate::target::Target;
use crate::variables::Variables;

use super::session::{ServerState, ping};

/// Unix sockets have at most 107 bytes of path, and `/.s.PGSQL.5432` needs 15 of them.
const LONGEST_SOCKET_FOLDER: usize = 107 - 15;

/// Only part of the socket's name: nothing listens on this port.
const PORT: &str = "5432";

/// Users that the server runs as when we are root, best first.
const SERVER_USERS: [&str; 2] = ["postgres", "nobody"];

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
}

impl EmbeddedOptions {
    /// From the process's variables: `MIGRATE_EMBEDDED_DIR` for the home, else
    /// `$XDG_STATE_HOME/migrate`, else `~/.local/state/migrate`; `/var/lib/migrate` for root.
    /// `PG_BIN` and then `PATH` for the binaries.
    pub fn from_variables(variables: &Variables) -> Self {
        let folder = |name: &str| variables.get(name).map(PathBuf::from);
        let home = folder("MIGRATE_EMBEDDED_DIR").unwrap_or_else(|| {
            if Uid::effective().is_root() {
                return PathBuf::from("/var/lib/migrate");
            }
            let state = folder("XDG_STATE_HOME")
                .or_else(|| Some(folder("HOME")?.join(".local/state")))
                .unwrap_or_else(|| PathBuf::from("/tmp"));
            state.join("migrate")
        });
        let path = variables.get("PATH").unwrap_or_default();
        let binaries = folder("PG_BIN")
            .into_iter()
            .chain(std::env::split_paths(path));
        Self {
            home,
            binaries: binaries.collect(),
            durability: Durability::Full,
        }
    }
}

/// The server of one workspace.
#[derive(Debug, Clone)]
pub struct Embedded {
    folder: PathBuf,
    socket: PathBuf,
    options: EmbeddedOptions,
}

/// What starting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It ran already.
    Already,
    /// It was started; the version is the server's, such as `15.18`.
    Now {
        /// The server's version.
        version: String,
        /// Whether it had to be initialised first.
        initialised: bool,
    },
}

/// The embedded server cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No `initdb` and `postgres` anywhere.
    #[error("no PostgreSQL server binaries (`initdb`, `postgres`) were found")]
    NoBinaries {
        /// Where they were looked for.
        searched: Vec<PathBuf>,
    },
    /// The data was written by a major version that is not installed any more.
    #[error(
        "the data in `{}` is of PostgreSQL {needed}, and only {} is installed",
        folder.display(), found.join(", ")
    )]
    WrongVersion {
        /// The data's major version.
        needed: String,
        /// The installed major versions.
        found: Vec<String>,
        /// The data.
        folder: PathBuf,
    },
    /// We are root, and none of the users exists that the server could run as.
    #[error("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")]
    NoServerUser,
    /// `initdb` failed.
    #[error("`initdb` failed: {output}")]
    Initialise {
        /// The end of what it said.
        output: String,
    },
    /// The server did not start.
    #[error("the embedded server did not start: {reason}")]
    Start {
        /// The end of its log, or why we gave up.
        reason: String,
        /// The whole log.
        log: PathBuf,
    },
    /// The server did not stop.
    #[error("the embedded server (process {pid}) did not stop within 30 seconds")]
    Stop {
        /// Its process.
        pid: i32,
    },
    /// A folder that others could have put there.
    #[error("the folder `{}` is not ours alone", .0.display())]
    UnsafeFolder(PathBuf),
    /// The file system refused.
    #[error("`{}`: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's words.
        error: std::io::Error,
    },
}

impl Embedded {
    /// The server that belongs to a workspace, by its path. Nothing is started.
    pub fn of_workspace(root: &Path, options: EmbeddedOptions) -> Self {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let digest = Sha256::digest(root.as_os_str().as_encoded_bytes());
        let id: String = digest[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let folder = options.home.join(id.as_str());
        Self::in_folder(folder, &id, options)
    }

    /// The server for scratch databases beside this one: another, without durability.
    pub fn shadow(&self) -> Self {
        let id = self.folder.file_name().unwrap_or_default();
        let id = format!("{}-shadow", id.to_string_lossy());
        let options = EmbeddedOptions {
            durability: Durability::None,
            ..self.options.clone()
        };
        Self::in_folder(self.folder.with_file_name(&id), &id, options)
    }

    fn in_folder(folder: PathBuf, id: &str, options: EmbeddedOptions) -> Self {
        let own = folder.join("run");
        let socket = if own.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
            own
        } else {
            PathBuf::from(format!("/tmp/migrate-{}-{id}", Uid::effective()))
        };
        Self {
            folder,
            socket,
            options,
        }
    }

    /// The server's folder: its data, its log, and what is remembered of its workspace.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of a database on it. The role is the superuser.
    pub fn target(&self, database: &str) -> Target {
        Target::default()
            .with("host", self.socket.to_string_lossy())
            .with("port", PORT)
            .with("user", "postgres")
            .with("dbname", database)
    }

    /// Whether it takes connections now.
    pub fn is_running(&self) -> bool {
        ping(&self.target("postgres")) == ServerState::Accepting
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The user that the server runs as; `None` for our own.
    fn server_user() -> Result<Option<User>, EmbeddedError> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        SERVER_USERS
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(Some)
            .ok_or(EmbeddedError::NoServerUser)
    }
}
