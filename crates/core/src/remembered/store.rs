//! The folder in which things are remembered.

use std::fs::{self, DirBuilder, Permissions};
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use migrate_postgres::embedded::Embedded;
use migrate_text::regular_file;
use nix::unistd::Uid;

use super::fingerprint::Fingerprint;

/// A kept file begins with a sum of so many bytes over the rest: a damaged one is not read.
const SUM: usize = 8;
/// What is kept is never longer.
const LONGEST_KEPT: u64 = 1024 * 1024 * 1024;

/// The folder of a workspace in which things are remembered: that of its embedded server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remembered<'e> {
    embedded: &'e Embedded,
}

impl<'e> Remembered<'e> {
    /// In the folder of a workspace's embedded server, which need not exist.
    pub(crate) fn of(embedded: &'e Embedded) -> Self {
        Self { embedded }
    }

    /// What was kept under a name and this fingerprint.
    pub(super) fn recall(&self, name: &str, fingerprint: &Fingerprint) -> Option<Vec<u8>> {
        // In a folder of someone else's nothing would be worth reading.
        self.embedded.check_folder().ok()?;
        let path = self.path(name);
        let folder = path.parent()?;
        // Nor in a folder that others may write to.
        if ![self.embedded.folder(), folder, &path]
            .iter()
            .all(|path| is_ours_alone(path))
        {
            return None;
        }
        let mut bytes = regular_file::read(&path, LONGEST_KEPT).ok()?;
        let (sum, rest) = bytes.split_at_checked(SUM)?;
        let is_whole = sum == check_sum(rest);
        let is_of = rest.starts_with(fingerprint.as_str().as_bytes());
        (is_whole && is_of).then(|| bytes.split_off(SUM + fingerprint.as_str().len()))
    }

    /// Keeps this under a name, in the place of what was there. Whoever reads meanwhile finds the
    /// one or the other.
    pub(super) fn keep(
        &self,
        name: &str,
        fingerprint: &Fingerprint,
        bytes: &[u8],
    ) -> io::Result<()> {
        self.embedded.create_folder().map_err(io::Error::other)?;
        let path = self.path(name);
        let folder = path.parent().unwrap_or(self.embedded.folder());
        create_private(folder)?;
        let kept = [fingerprint.as_str().as_bytes(), bytes].concat();
        let file = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(file.path(), [&check_sum(&kept), kept.as_slice()].concat())?;
        file.persist(&path)?;
        Ok(())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.embedded.folder().join(name)
    }
}

/// Whether nobody else may write it.
fn is_ours_alone(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| {
        metadata.uid() == Uid::effective().as_raw() && metadata.mode() & 0o022 == 0
    })
}

/// Makes a folder in which nobody else writes, whatever the umask is or was.
fn create_private(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    if !is_ours_alone(folder) {
        // Another's cannot be made ours.
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Another release of Rust may compute another: then what is remembered is made anew.
fn check_sum(bytes: &[u8]) -> [u8; SUM] {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish().to_le_bytes()
}
