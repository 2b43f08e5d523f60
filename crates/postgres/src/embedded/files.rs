//! Folders, locks and the log of the embedded server.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use nix::unistd::{Uid, User, chown};

use super::error::EmbeddedError;

/// A log larger than this is put aside when the server starts.
const LARGE_LOG: u64 = 1024 * 1024;

/// Names the path in an error.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_owned();
    move |error| EmbeddedError::Io { path, error }
}

/// Creates the folder of a server in the home of all. Root's are passed through by the server's
/// user on the way to the data; everyone else's are closed.
pub(super) fn create_folder(home: &Path, folder: &Path) -> Result<(), EmbeddedError> {
    let mode = if Uid::effective().is_root() {
        0o755
    } else {
        0o700
    };
    create_all(home, mode)?;
    check_home(home)?;
    create_all(folder, mode)?;
    check_folder(folder)?;
    // It may be there already from a command with another umask.
    fs::set_permissions(folder, Permissions::from_mode(mode)).map_err(at(folder))
}

/// Creates a folder and those above it that are missing, with this mode whatever the umask is.
fn create_all(folder: &Path, mode: u32) -> Result<(), EmbeddedError> {
    let mut above: Vec<&Path> = folder.ancestors().collect();
    above.reverse();
    for path in above.into_iter().filter(|path| !path.exists()) {
        match DirBuilder::new().mode(mode).create(path) {
            Ok(()) => {
                fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at(path))?;
            }
            // By another command, this moment.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(at(path)(error)),
        }
    }
    Ok(())
}

/// Makes sure that no other user can put things into the home, or others' in place of ours: what
/// we write there would go where he likes. Below `/tmp` he could have made it before us.
pub(super) fn check_home(home: &Path) -> Result<(), EmbeddedError> {
    let trusted = [Uid::effective().as_raw(), Uid::from_raw(0).as_raw()];
    let link = fs::symlink_metadata(home).map_err(at(home))?;
    let folder = fs::metadata(home).map_err(at(home))?;
    let mode = folder.mode();
    let is_shared = mode & 0o002 != 0;
    // In such a folder everybody creates, and nobody touches what is another's.
    let is_sticky = mode & 0o1000 != 0;
    let safe = folder.is_dir()
        && trusted.contains(&link.uid())
        && trusted.contains(&folder.uid())
        && (!is_shared || is_sticky);
    safe.then_some(())
        .ok_or_else(|| EmbeddedError::UnsafeFolder(home.to_owned()))
}

/// Makes sure that a server's folder is one, and our own.
pub(super) fn check_folder(folder: &Path) -> Result<(), EmbeddedError> {
    let metadata = fs::symlink_metadata(folder).map_err(at(folder))?;
    let ours = metadata.is_dir() && metadata.uid() == Uid::effective().as_raw();
    ours.then_some(())
        .ok_or_else(|| EmbeddedError::UnsafeFolder(folder.to_owned()))
}

/// Creates a folder that only the server's user can enter, or checks that it is one: in `/tmp`
/// another user could have put it there first, and would own our socket.
pub(super) fn create_private(folder: &Path, user: Option<&User>) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {
            fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(at(folder))?;
            if let Some(user) = user {
                chown(folder, Some(user.uid), Some(user.gid))
                    .map_err(|error| at(folder)(error.into()))?;
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => is_private(folder, user)
            .then_some(())
            .ok_or_else(|| EmbeddedError::UnsafeFolder(folder.to_owned())),
        Err(error) => Err(at(folder)(error)),
    }
}

/// Whether a folder is there that only the server's user can enter.
pub(super) fn is_private(folder: &Path, user: Option<&User>) -> bool {
    let owner = user.map_or_else(Uid::effective, |user| user.uid);
    fs::symlink_metadata(folder).is_ok_and(|metadata| {
        metadata.is_dir() && metadata.uid() == owner.as_raw() && metadata.mode() & 0o077 == 0
    })
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

/// Opens the server's log, which may quote what people wrote into their database: only the
/// server's user reads it. A large one is put aside, in place of the one before it.
pub(super) fn open_log(path: &Path, user: Option<&User>) -> Result<File, EmbeddedError> {
    let open = || -> io::Result<File> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        log.set_permissions(Permissions::from_mode(0o600))?;
        if let Some(user) = user {
            fchown(&log, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(log)
    };
    let log = open().map_err(at(path))?;
    if log.metadata().map_err(at(path))?.len() <= LARGE_LOG {
        return Ok(log);
    }
    fs::rename(path, path.with_extension("log.old")).map_err(at(path))?;
    open().map_err(at(path))
}
