//! Where the embedded server of a workspace is, and as whom it runs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};
use sha2::{Digest, Sha256};

use crate::connect::ping;
use crate::libpq::ServerState;
use crate::target::Target;

use super::error::EmbeddedError;
use super::files::is_private;
use super::options::{Durability, EmbeddedOptions};

/// Unix sockets have at most 107 bytes of path, and `/.s.PGSQL.5432` needs 15 of them.
const LONGEST_SOCKET_FOLDER: usize = 107 - 15;

/// Only part of the socket's name: nothing listens on this port.
pub(super) const PORT: &str = "5432";

/// Users that the server runs as when we are root, best first.
const SERVER_USERS: [&str; 2] = ["postgres", "nobody"];

/// The server of one workspace.
#[derive(Debug, Clone)]
pub struct Embedded {
    pub(super) folder: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) options: EmbeddedOptions,
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

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The user that the server runs as; `None` for our own.
    pub(super) fn server_user(&self) -> Result<Option<User>, EmbeddedError> {
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
