//! Remembers what was read: to open and parse the files of thousands of migrations takes longer
//! than everything else that a deploy with nothing to do does. To ask for their sizes and times
//! does not.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use nix::fcntl::AtFlags;
use nix::sys::stat::{FileStat, fstatat, stat};
use serde::{Deserialize, Serialize};

use migrate_text::checksum::Checksum;
use migrate_text::source::SourceFile;

use super::{Exception, History, Migration, OwnLimits, Rules};

/// Changed with [`Remembered`]: its bytes do not say what they are.
const FORMAT: u32 = 1;
/// The file begins with a sum of so many bytes over the rest: a damaged one is not read.
const SUM: usize = 8;
/// A file that changed so shortly before it was read may change once more at what is the same
/// time to its file system. Git calls that racy; two seconds is the coarsest that is in use.
const SETTLED: Duration = Duration::from_secs(2);

/// What was read of one folder, as a file.
#[derive(Debug, Clone)]
pub struct Memory {
    path: PathBuf,
    /// All that the result of reading depends on, beside the files.
    of: String,
    folder: PathBuf,
    root: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    of: String,
    migrations: Vec<Folder>,
}

/// A migration and the state of its files.
#[derive(Serialize, Deserialize)]
struct Folder {
    name: String,
    version: String,
    run_in_transaction: bool,
    services: Vec<String>,
    database: Option<String>,
    allow: Vec<Exception>,
    limits: OwnLimits,
    up: (Stamp, String),
    checksum: String,
    down: Option<(Stamp, String)>,
    metadata: Option<Stamp>,
}

/// What changes with a file. Nobody can set the time of the last change of an inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: i64,
    inode: (u64, u64),
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Memory {
    /// The memory of a history, in a file that need not exist.
    pub fn new(path: PathBuf, folder: &Path, root: &Path, rules: &Rules) -> Self {
        Self {
            path,
            of: format!(
                "{FORMAT} {} {folder:?} {root:?} {rules:?}",
                env!("CARGO_PKG_VERSION")
            ),
            folder: folder.to_owned(),
            root: root.to_owned(),
        }
    }

    /// The history as it was read, where no file has changed since. A memory that cannot be read
    /// is as good as none.
    pub fn recall(&self) -> Option<History> {
        let bytes = fs::read(&self.path).ok()?;
        let (sum, bytes) = bytes.split_at_checked(SUM)?;
        if sum != check_sum(bytes) {
            return None;
        }
        let remembered: Remembered = postcard::from_bytes(bytes).ok()?;
        let same = remembered.of == self.of
            && count(&self.folder).ok()? == remembered.migrations.len()
            && all_unchanged(&self.folder, &remembered.migrations).ok()?;
        same.then(|| History {
            folder: self.folder.clone(),
            migrations: remembered
                .migrations
                .into_iter()
                .map(|migration| Arc::new(migration.recalled(&self.folder, &self.root)))
                .collect(),
        })
    }

    /// Keeps what was read after `since`, unless a file changed then or only just before.
    ///
    /// # Errors
    ///
    /// Whatever the file system says; the caller can do without.
    pub fn keep(&self, history: &History, since: SystemTime) -> io::Result<()> {
        let migrations: Option<Vec<Folder>> = history
            .migrations
            .iter()
            .map(|migration| Folder::of(migration, since))
            .collect();
        let Some(migrations) = migrations else {
            return Ok(());
        };
        let remembered = Remembered {
            of: self.of.clone(),
            migrations,
        };
        let bytes = postcard::to_stdvec(&remembered).map_err(io::Error::other)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let file = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(file.path(), [&check_sum(&bytes), bytes.as_slice()].concat())?;
        file.persist(&self.path)?;
        Ok(())
    }
}

impl Folder {
    /// `None` where a file changed too shortly before it was read.
    fn of(migration: &Migration, since: SystemTime) -> Option<Self> {
        let stamp = |file: &str| Stamp::of(&migration.folder.join(file));
        let settled = |stamp: Stamp| stamp.is_settled(since).then_some(stamp);
        let up = settled(stamp("up.sql")?)?;
        let down = match &migration.down {
            Some(down) => Some((settled(stamp("down.sql")?)?, down.text().to_owned())),
            None => None,
        };
        let metadata = match stamp("metadata.toml") {
            Some(stamp) => Some(settled(stamp)?),
            None => None,
        };
        Some(Self {
            name: migration.folder_name.clone(),
            version: migration.version.clone(),
            run_in_transaction: migration.run_in_transaction,
            services: migration.services.clone(),
            database: migration.database.clone(),
            allow: migration.allow.clone(),
            limits: migration.limits,
            up: (up, migration.up.text().to_owned()),
            checksum: migration.checksum.to_string(),
            down,
            metadata,
        })
    }

    fn is_unchanged(&self, folder: &File) -> bool {
        let now = |file: &str| Stamp::below(folder, &format!("{}/{file}", self.name));
        now("up.sql") == Some(self.up.0)
            && now("down.sql") == self.down.as_ref().map(|(stamp, _)| *stamp)
            && now("metadata.toml") == self.metadata
    }

    fn recalled(self, folder: &Path, root: &Path) -> Migration {
        let folder = folder.join(&self.name);
        let file = |name: &str, text: String| {
            SourceFile::new(super::read::shown(&folder.join(name), root), text)
        };
        Migration {
            version: self.version,
            checksum: Checksum::from_ledger(self.checksum),
            up: file("up.sql", self.up.1),
            down: self.down.map(|(_, text)| file("down.sql", text)),
            folder_name: self.name,
            run_in_transaction: self.run_in_transaction,
            services: self.services,
            database: self.database,
            allow: self.allow,
            limits: self.limits,
            folder,
        }
    }
}

impl Stamp {
    /// `None` where there is no such file.
    fn of(path: &Path) -> Option<Self> {
        stat(path).ok().map(Self::from)
    }

    /// The same by a path from a folder on, which the kernel need not walk to each time.
    fn below(folder: &File, path: &str) -> Option<Self> {
        fstatat(folder, path, AtFlags::empty()).ok().map(Self::from)
    }

    fn is_settled(self, since: SystemTime) -> bool {
        let since = since.duration_since(SystemTime::UNIX_EPOCH);
        // A clock before 1970 tells nothing.
        let Some(before) = since.ok().and_then(|now| now.checked_sub(SETTLED)) else {
            return false;
        };
        let before = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
        self.modified.0.max(self.changed.0) < before
    }
}

impl From<FileStat> for Stamp {
    // Which types these are differs between systems.
    #[allow(clippy::unnecessary_cast)]
    fn from(file: FileStat) -> Self {
        Self {
            size: file.st_size,
            inode: (file.st_dev as u64, file.st_ino as u64),
            modified: (file.st_mtime, file.st_mtime_nsec),
            changed: (file.st_ctime, file.st_ctime_nsec),
        }
    }
}

/// Another release of Rust may compute another: then what is remembered is made anew.
fn check_sum(bytes: &[u8]) -> [u8; SUM] {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish().to_le_bytes()
}

/// How many entries of the folder Diesel takes for migrations: all but hidden ones and files. As
/// many as are remembered, all of which are there, are just these.
fn count(folder: &Path) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        count += usize::from(!is_hidden && !entry.file_type()?.is_file());
    }
    Ok(count)
}

/// Asks for the files of all, by as many threads as there are cores: it is the kernel that takes
/// the time.
fn all_unchanged(folder: &Path, migrations: &[Folder]) -> io::Result<bool> {
    let folder = &File::open(folder)?;
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = migrations.len().div_ceil(threads).max(1);
    Ok(thread::scope(|scope| {
        let parts: Vec<_> = migrations
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().all(|one| one.is_unchanged(folder))))
            .collect();
        // One that panicked has seen nothing.
        parts
            .into_iter()
            .all(|part| part.join().unwrap_or_default())
    }))
}
