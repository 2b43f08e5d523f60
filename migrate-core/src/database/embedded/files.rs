//! Folders and locks of the embedded server.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use nix::unistd::{Uid, User, chown};

use super::EmbeddedError;

/// Names the path in an error.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_owned();
    move |error| EmbeddedError::Io { path, error }
}

/// Creates the folder of a server. Root's is passed through by the server's user on the way to
/// the data; everyone else's is closed.
pub(super) fn create_home(folder: &Path) -> Result<(), EmbeddedError> {
    let mode = if Uid::effective().is_root() {
        0o755
    } else {
        0o700
    };
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(folder)
        .map_err(at(folder))
}

/// Creates a folder that only the server's user can enter, or checks that it is one: in `/tmp`
/// another user could have put it there first, and would own our socket.
pub(super) fn create_private(folder: &Path, user: Option<&User>) -> Result<(), EmbeddedError> {
    let owner = user.map_or_else(Uid::effective, |user| user.uid);
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {
            if let Some(user) = user {
                chown(folder, Some(user.uid), Some(user.gid))
                    .map_err(|error| at(folder)(error.into()))?;
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let metadata = fs::symlink_metadata(folder).map_err(at(folder))?;
            let private = metadata.is_dir()
                && metadata.uid() == owner.as_raw()
                && metadata.permissions().mode() & 0o077 == 0;
            private
                .then_some(())
                .ok_or_else(|| EmbeddedError::UnsafeFolder(folder.to_owned()))
        }
        Err(error) => Err(at(folder)(error)),
    }
}

/// Takes the lock under which a server is initialised, started and stopped. Held until dropped,
/// and freed by the system when the process dies.
pub(super) fn lock(folder: &Path) -> Result<File, EmbeddedError> {
    let path = folder.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(at(&path))?;
    file.lock().map_err(at(&path))?;
    Ok(file)
}
