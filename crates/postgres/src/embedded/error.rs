//! Why the embedded server cannot be had.

use std::path::{Path, PathBuf};

use crate::programs::NotFound;

/// The embedded server cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No `initdb` and `postgres` anywhere.
    #[error("no PostgreSQL server binaries (`initdb`, `postgres`) were found")]
    NoBinaries {
        /// Where they were looked for.
        searched: Vec<PathBuf>,
    },
    /// The data was written by a major version that is not installed any more.
    #[error(
        "the data in `{}` is of PostgreSQL {needed}, and only {} is installed",
        folder.display(), found.join(", ")
    )]
    WrongVersion {
        /// The data's major version.
        needed: String,
        /// The installed major versions.
        found: Vec<String>,
        /// The data.
        folder: PathBuf,
    },
    /// We are root, and none of the users exists that the server could run as.
    #[error("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")]
    NoServerUser,
    /// `initdb` failed.
    #[error("`initdb` failed: {output}")]
    Initialise {
        /// The end of what it said.
        output: String,
    },
    /// The server did not start.
    #[error("the embedded server did not start: {reason}")]
    Start {
        /// The end of its log, or why we gave up.
        reason: String,
        /// The whole log.
        log: PathBuf,
    },
    /// The server did not stop.
    #[error("the embedded server (process {pid}) did not stop within 30 seconds")]
    Stop {
        /// Its process.
        pid: i32,
    },
    /// The server may not be told to stop.
    #[error("the embedded server (process {pid}) cannot be told to stop")]
    Signal {
        /// Its process.
        pid: i32,
        /// The operating system's words.
        #[source]
        error: std::io::Error,
    },
    /// A folder that others could have put there.
    #[error("the folder `{}` is not ours alone", .0.display())]
    UnsafeFolder(PathBuf),
    /// The file system refused.
    #[error("cannot read or write `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's words.
        #[source]
        error: std::io::Error,
    },
}

impl EmbeddedError {
    /// There are no programs for the data in a folder.
    pub(super) fn of_programs(not_found: NotFound, data: &Path) -> Self {
        match not_found {
            NotFound::Nowhere { searched } => Self::NoBinaries { searched },
            NotFound::OtherVersions { needed, found } => Self::WrongVersion {
                needed,
                found,
                folder: data.to_owned(),
            },
        }
    }
}
