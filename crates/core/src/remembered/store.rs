//! The folder in which things are remembered.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::path::PathBuf;

use migrate_postgres::embedded::Embedded;

use super::fingerprint::Fingerprint;

/// A kept file begins with a sum of so many bytes over the rest: a damaged one is not read.
const SUM: usize = 8;

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
        let mut bytes = fs::read(self.path(name)).ok()?;
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
        fs::create_dir_all(folder)?;
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

/// Another release of Rust may compute another: then what is remembered is made anew.
fn check_sum(bytes: &[u8]) -> [u8; SUM] {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish().to_le_bytes()
}
