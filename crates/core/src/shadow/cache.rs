//! Catalogs of replayed histories, as files.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use migrate_catalog::Catalog;

/// How many are kept: those of a few branches.
const KEPT: usize = 8;

/// A folder of catalogs, each under the name of its history.
#[derive(Debug, Clone)]
pub struct CatalogCache {
    folder: PathBuf,
}

impl CatalogCache {
    /// The cache in a folder, which need not exist.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The catalog under a name. A file that cannot be read is as good as none.
    pub fn get(&self, name: &str) -> Option<Catalog> {
        let text = fs::read(self.path(name)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps a catalog, and forgets the oldest.
    ///
    /// # Errors
    ///
    /// Whatever the file system says; the caller can do without.
    pub fn put(&self, name: &str, catalog: &Catalog) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&file, catalog)?;
        file.persist(self.path(name))?;
        self.forget_oldest()
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.folder)?
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

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }
}
