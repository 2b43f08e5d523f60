//! The server that shadows are on.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;

use crate::database::embedded::{Embedded, EmbeddedError};
use crate::target::Target;

/// A server for shadows, in use.
pub enum ShadowServer {
    /// Our own, without durability. Its databases are kept as templates. Stopped when its last
    /// user is done.
    Embedded {
        /// The server.
        server: Embedded,
        /// Held together with all other users.
        in_use: File,
    },
    /// Someone else's: nothing is left there.
    Given(Target),
}

impl ShadowServer {
    /// Starts our own server, or joins its other users. `lock` is a file for their lock, in a
    /// folder that exists.
    pub fn start(server: Embedded, lock: PathBuf) -> Result<Self, EmbeddedError> {
        let io = |error| EmbeddedError::Io {
            path: lock.clone(),
            error,
        };
        let in_use = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(io)?;
        // Before the start: whoever stops the server asks for this lock alone.
        in_use.lock_shared().map_err(io)?;
        server.start()?;
        Ok(Self::Embedded { server, in_use })
    }

    /// A database on the server.
    pub(super) fn target(&self, database: &str) -> Target {
        match self {
            Self::Embedded { server, .. } => server.target(database),
            Self::Given(target) => target.with_database(database),
        }
    }

    /// Whether databases may be kept there.
    pub(super) fn keeps_templates(&self) -> bool {
        matches!(self, Self::Embedded { .. })
    }
}

impl Drop for ShadowServer {
    fn drop(&mut self) {
        if let Self::Embedded { server, in_use } = self {
            // Somebody else is at it, or it does not stop: neither is worth a word.
            if in_use.unlock().is_ok() && in_use.try_lock().is_ok() {
                let _ = server.stop();
            }
        }
    }
}
