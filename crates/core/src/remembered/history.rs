//! A long history as it was read: to open and parse the files of thousands of migrations takes longer
//! than everything else that a deploy with nothing to do does. To ask for their sizes and times
//! does not.

use std::fs::{self, File};
use std::io;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use nix::fcntl::AtFlags;
use nix::sys::stat::{FileStat, fstatat, stat};
use serde::{Deserialize, Serialize};

use crate::history::{Exception, History, Migration, OwnLimits, Rules, shown};
use migrate_text::checksum::Checksum;
use migrate_text::source::SourceFile;

use super::fingerprint::Fingerprint;
use super::store::Remembered;

/// A file that changed so shortly before it was read may change once more at what is the same
/// time to its file system. Git calls that racy; two seconds is the coarsest that is in use.
const SETTLED: Duration = Duration::from_secs(2);

/// The name of the file.
const NAME: &str = "history";

/// What was read: all that the result depends on, beside the files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'r> {
    /// The folder of migrations.
    pub(crate) folder: &'r Path,
    /// The folder that files are shown relative to.
    pub(crate) root: &'r Path,
    /// How strictly they are read.
    pub(crate) rules: &'r Rules,
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

impl Reading<'_> {
    fn fingerprint(&self) -> Fingerprint {
        let Self {
            folder,
            root,
            rules,
        } = self;
        Fingerprint::of([format!("{folder:?} {root:?} {rules:?}").as_str()])
    }
}

impl Remembered<'_> {
    /// Whether there was a long history at the last run: whoever has much to read may ask for
    /// something else meanwhile.
    pub(crate) fn has_history(&self) -> bool {
        self.path(NAME).exists()
    }

    /// The history as it was read, where no file has changed since.
    pub(crate) fn history(&self, reading: Reading<'_>) -> Option<History> {
        let bytes = self.recall(NAME, &reading.fingerprint())?;
        let migrations: Vec<Folder> = postcard::from_bytes(&bytes).ok()?;
        let folder = reading.folder;
        let is_same =
            count(folder).ok()? == migrations.len() && all_unchanged(folder, &migrations).ok()?;
        let all = migrations.into_iter();
        is_same.then(|| History::ordered(all.map(|one| one.recalled(reading)).collect()))
    }

    /// Keeps what was read after `since`, unless a file changed then or only just before.
    pub(crate) fn keep_history(&self, reading: Reading<'_>, history: &History, since: SystemTime) {
        let all = history.migrations().iter();
        let folders: Option<Vec<Folder>> = all
            .map(|migration| Folder::of(migration, reading.folder, since))
            .collect();
        let Some(folders) = folders else { return };
        // It can be done without.
        let _ = postcard::to_stdvec(&folders)
            .map_err(io::Error::other)
            .and_then(|bytes| self.keep(NAME, &reading.fingerprint(), &bytes));
    }
}

impl Folder {
    /// `None` where a file changed too shortly before it was read.
    fn of(migration: &Migration, folder: &Path, since: SystemTime) -> Option<Self> {
        let folder = folder.join(&migration.folder_name);
        let stamp = |file: &str| Stamp::of(&folder.join(file));
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
            checksum: migration.checksum().to_string(),
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

    fn recalled(self, reading: Reading<'_>) -> Migration {
        let folder = reading.folder.join(&self.name);
        let file = |name: &str, text: String| {
            SourceFile::new(shown(&folder.join(name), reading.root), text)
        };
        let checksum = Checksum::from_ledger(self.checksum);
        Migration {
            version: self.version,
            down: self.down.map(|(_, text)| file("down.sql", text)),
            run_in_transaction: self.run_in_transaction,
            services: self.services,
            database: self.database,
            allow: self.allow,
            limits: self.limits,
            ..Migration::summed(self.name, file("up.sql", self.up.1), checksum)
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
