//! Finds the programs that come with a PostgreSQL server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

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
pub(super) struct Programs {
    folder: PathBuf,
    /// Such as `15.18`.
    pub(super) version: String,
}

impl Programs {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// What the file `PG_VERSION` of its data says.
    fn major(&self) -> &str {
        self.version.split('.').next().unwrap_or_default()
    }

    /// Those in a folder, if they are there and run.
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

/// There are no such programs.
#[derive(Debug)]
pub(super) enum NotFound {
    /// None of any version.
    Nowhere {
        /// Where they were looked for.
        searched: Vec<PathBuf>,
    },
    /// None of the version.
    OtherVersions {
        /// The major version that was wanted.
        needed: String,
        /// Those that are there.
        found: Vec<String>,
    },
}

/// The programs of a major version, or the first that are found.
///
/// Looks in the given folders, then where `pg_config --bindir` says, then in the usual folders.
pub(super) fn find(given: &[PathBuf], major: Option<&str>) -> Result<Programs, NotFound> {
    let mut searched = Vec::new();
    let mut found = Vec::new();
    for folder in folders(given) {
        if let Some(programs) = Programs::of(&folder) {
            if major.is_none_or(|major| major == programs.major()) {
                return Ok(programs);
            }
            found.push(programs.major().to_owned());
        }
        searched.push(folder);
    }
    found.dedup();
    match major {
        Some(needed) if !found.is_empty() => Err(NotFound::OtherVersions {
            needed: needed.to_owned(),
            found,
        }),
        _ => Err(NotFound::Nowhere { searched }),
    }
}

/// All folders in their order, each looked up only when it is its turn: `pg_config` is a process.
fn folders(given: &[PathBuf]) -> impl Iterator<Item = PathBuf> {
    let told = std::iter::once_with(pg_config_bindir).flatten();
    let usual = USUAL_FOLDERS.into_iter().flat_map(versions);
    given.iter().cloned().chain(told).chain(usual)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "reads folders")]
    fn the_highest_version_is_the_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["9.6", "13", "15", "postgresql-17", "common"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let pattern = format!("{}/*/bin", folder.path().display());
        let found: Vec<String> = versions(&pattern)
            .iter()
            .map(|found| found.strip_prefix(folder.path()).unwrap())
            .map(|found| found.display().to_string())
            .collect();
        assert_eq!(found, ["15/bin", "13/bin", "9.6/bin"]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "reads folders")]
    fn what_is_not_found_says_where_it_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let given = [folder.path().to_owned()];
        assert!(folders(&given).any(|looked_in| looked_in == given[0]));
        assert!(Programs::of(folder.path()).is_none());
    }
}
