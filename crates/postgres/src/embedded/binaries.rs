//! Finds PostgreSQL's server binaries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{EmbeddedError, EmbeddedOptions};

/// Folders where packages put them; `*` is a version, the highest first.
const USUAL_FOLDERS: [&str; 6] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",
];

/// A folder with `initdb` and `postgres`.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    folder: PathBuf,
    /// Such as `15.18`.
    pub(super) version: String,
}

impl Binaries {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// What the file `PG_VERSION` of the data says.
    pub(super) fn major(&self) -> &str {
        self.version.split('.').next().unwrap_or_default()
    }

    /// The binaries in a folder, if they are there and run.
    fn of(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").is_file() || !folder.join("postgres").is_file() {
            return None;
        }
        let output = Command::new(folder.join("postgres"))
            .arg("--version")
            .output()
            .ok()?;
        // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
        let text = String::from_utf8(output.stdout).ok()?;
        let version = text.split_whitespace().nth(2)?.to_owned();
        Some(Self {
            folder: folder.to_owned(),
            version,
        })
    }
}

/// The binaries to use: those of the data's major version, or the first found for new data.
///
/// Looks in the folders of the options (`PG_BIN`, `PATH`), then where `pg_config --bindir` says,
/// then in the usual folders.
pub(super) fn find(
    options: &EmbeddedOptions,
    data: &Path,
    data_version: Option<&str>,
) -> Result<Binaries, EmbeddedError> {
    let mut searched = Vec::new();
    let mut majors = Vec::new();
    for folder in folders(options) {
        if let Some(binaries) = Binaries::of(&folder) {
            if data_version.is_none_or(|version| version == binaries.major()) {
                return Ok(binaries);
            }
            majors.push(binaries.major().to_owned());
        }
        searched.push(folder);
    }
    match data_version {
        Some(needed) if !majors.is_empty() => {
            majors.dedup();
            Err(EmbeddedError::WrongVersion {
                needed: needed.to_owned(),
                found: majors,
                folder: data.to_owned(),
            })
        }
        _ => Err(EmbeddedError::NoBinaries { searched }),
    }
}

/// All folders in their order, each looked up only when it is its turn: `pg_config` is a process.
fn folders(options: &EmbeddedOptions) -> impl Iterator<Item = PathBuf> {
    let given = options.binaries.clone().into_iter();
    let told = std::iter::once_with(pg_config_bindir).flatten();
    let usual = USUAL_FOLDERS.into_iter().flat_map(versions);
    given.chain(told).chain(usual)
}

fn pg_config_bindir() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(folder.trim()))
}

/// The existing folders that a pattern means, the highest version first.
fn versions(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let version = name.strip_prefix(prefix).and_then(|version| {
            let major = version.split('.').next()?;
            major.parse::<u32>().ok()
        });
        if let Some(version) = version {
            found.insert(version, entry.path().join(after.trim_start_matches('/')));
        }
    }
    found.into_values().rev().collect()
}
