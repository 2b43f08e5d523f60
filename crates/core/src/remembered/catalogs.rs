//! The catalogs of replayed histories.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use migrate_catalog::Catalog;

use super::fingerprint::Fingerprint;
use super::store::Remembered;

/// The folder of the catalogs.
const FOLDER: &str = "catalogs";
/// How many are kept: those of a few branches.
const KEPT: usize = 8;

impl Remembered<'_> {
    /// The catalog that a replayed history gave.
    pub(crate) fn catalog(&self, replayed: &Fingerprint) -> Option<Catalog> {
        let bytes = self.recall(&name(replayed), replayed)?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps a catalog, and forgets the oldest.
    pub(crate) fn keep_catalog(&self, replayed: &Fingerprint, catalog: &Catalog) {
        // Without it the next run only takes longer.
        let _ = serde_json::to_vec(catalog)
            .map_err(io::Error::other)
            .and_then(|bytes| self.keep(&name(replayed), replayed, &bytes))
            .and_then(|()| self.forget_oldest());
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(self.path(FOLDER))?
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let surplus = files.len().saturating_sub(KEPT);
        for (_, path) in &files[..surplus] {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

fn name(replayed: &Fingerprint) -> String {
    format!("{FOLDER}/{}", replayed.as_str())
}
