//! A private PostgreSQL that we run ourselves, from the server binaries of the machine.
//!
//! It listens on a Unix socket only, in a folder that no other user can enter, so it asks for no
//! password. Its data lies outside the workspace: PostgreSQL refuses to run as root, so for root
//! it runs as another user, who could not reach a workspace below `/root`.

mod binaries;
mod cluster;
mod files;
mod identity;
mod process;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};
use sha2::{Digest, Sha256};

use crate::target::Target;
use migrate_text::variables::Variables;

use super::session::{ServerState, ping};

use files::is_private;

/// Unix sockets have at most 107 bytes of path, and `/.s.PGSQL.5432` needs 15 of them.
const LONGEST_SOCKET_FOLDER: usize = 107 - 15;

/// Only part of the socket's name: nothing listens on this port.
const PORT: &str = "5432";

/// Users that the server runs as when we are root, best first.
const SERVER_USERS: [&str; 2] = ["postgres", "nobody"];

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
}

impl EmbeddedOptions {
    /// The folder with the server's programs that new data would be made with.
    pub fn programs(&self) -> Result<PathBuf, EmbeddedError> {
        let binaries = binaries::find(self, Path::new(""), None)?;
        Ok(binaries.folder().to_owned())
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
    /// The server may not be told to stop.
    #[error("the embedded server (process {pid}) cannot be told to stop")]
    Signal {
        /// Its process.
        pid: i32,
        /// The operating system's words.
        #[source]
        error: std::io::Error,
    },
    /// A folder that others could have put there.
    #[error("the folder `{}` is not ours alone", .0.display())]
    UnsafeFolder(PathBuf),
    /// The file system refused.
    #[error("cannot read or write `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's words.
        #[source]
        error: std::io::Error,
    },
}

impl Embedded {
    /// The server that belongs to a workspace, by its path. Nothing is started.
    pub fn of_workspace(root: &Path, mut options: EmbeddedOptions) -> Self {
        // The server works in a folder of its own. Only an empty path has no absolute one.
        if let Ok(home) = std::path::absolute(&options.home) {
            options.home = home;
        }
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let folder = options.home.join(short_digest(&root));
        Self::in_folder(folder, options)
    }

    /// The server for scratch databases beside this one: another, without durability.
    pub fn shadow(&self) -> Self {
        let id = self.folder.file_name().unwrap_or_default();
        let id = format!("{}-shadow", id.to_string_lossy());
        let options = EmbeddedOptions {
            durability: Durability::None,
            ..self.options.clone()
        };
        Self::in_folder(self.folder.with_file_name(&id), options)
    }

    fn in_folder(folder: PathBuf, options: EmbeddedOptions) -> Self {
        let own = folder.join("run");
        let length = own.as_os_str().len();
        // To libpq a comma separates hosts.
        let fits = length <= LONGEST_SOCKET_FOLDER && !own.to_string_lossy().contains(',');
        let socket = if fits {
            own
        } else {
            // By the folder, not the workspace: that has a server in every home.
            let id = short_digest(&folder);
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
        let target = Target::default()
            .with("host", self.socket.to_string_lossy())
            .with("port", PORT)
            .with("user", "postgres")
            .with("dbname", database);
        // libpq hangs up on a server of any other user.
        match self.server_user_name() {
            Some(name) => target.with("requirepeer", name),
            None => target,
        }
    }

    /// Whether it takes connections now. A socket that another user could have put there is not
    /// even tried.
    pub fn is_running(&self) -> bool {
        self.socket_folder_is_safe() && ping(&self.target("postgres")) == ServerState::Accepting
    }

    /// Whether nobody else can have put a socket there.
    pub fn socket_folder_is_safe(&self) -> bool {
        self.server_user()
            .is_ok_and(|user| is_private(&self.socket, user.as_ref()))
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The user that the server runs as; `None` for our own.
    fn server_user(&self) -> Result<Option<User>, EmbeddedError> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        // Whoever has the data keeps it: the better user may have come later.
        let owner = fs::metadata(self.data()).ok().map(|data| data.uid());
        let owner = owner
            .map(Uid::from_raw)
            .filter(|owner| !owner.is_root())
            .and_then(|owner| User::from_uid(owner).ok().flatten());
        owner
            .or_else(|| {
                let mut users = SERVER_USERS.iter();
                users.find_map(|name| User::from_name(name).ok().flatten())
            })
            .map(Some)
            .ok_or(EmbeddedError::NoServerUser)
    }

    /// That user's name. In a container our own may have none.
    fn server_user_name(&self) -> Option<String> {
        let user = match self.server_user().ok()? {
            Some(user) => Some(user),
            None => User::from_uid(Uid::effective()).ok().flatten(),
        };
        user.map(|user| user.name)
    }
}

/// A name of twelve characters for a path.
fn short_digest(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
