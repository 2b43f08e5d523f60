//! The server that shadows are on.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use crate::deploy::{Hold, Interrupt};
use migrate_postgres::embedded::{Embedded, EmbeddedError, Started};
use migrate_postgres::target::Target;

/// A server for shadows, in use by us alone.
pub enum ShadowServer {
    /// Our own, without durability. Its databases are kept as templates. Stopped when dropped.
    Embedded(Box<Own>),
    /// Someone else's: nothing is left there.
    Given(Target),
}

/// Our own server.
pub struct Own {
    server: Embedded,
    /// Nothing is on it that could stand in a replay's way.
    is_fresh: bool,
    /// Held from before the start until after the stop: roles belong to the server, so two
    /// replays of one history would be in each other's way. Freed by the system when the process
    /// dies.
    _lock: File,
    /// A signal waits until the server is stopped.
    _hold: Hold,
}

impl ShadowServer {
    /// Starts our own server, when nobody else uses it any more. `lock` is a file for that, in a
    /// folder that exists.
    ///
    /// What is on it can be made again. So a server that does not start, after a crash of the
    /// machine or with another version of PostgreSQL, is thrown away.
    pub fn start(
        server: Embedded,
        lock: PathBuf,
        interrupt: &Interrupt,
    ) -> Result<Self, EmbeddedError> {
        let io = |error| EmbeddedError::Io {
            path: lock.clone(),
            error,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(io)?;
        file.lock().map_err(io)?;
        let hold = interrupt.hold();
        let started = match server.start() {
            Err(EmbeddedError::WrongVersion { .. } | EmbeddedError::Start { .. }) => {
                discard(&server)?;
                server.start()?
            }
            started => started?,
        };
        Ok(Self::Embedded(Box::new(Own {
            server,
            is_fresh: matches!(
                started,
                Started::Now {
                    initialised: true,
                    ..
                }
            ),
            _lock: file,
            _hold: hold,
        })))
    }

    /// A database on the server.
    pub(super) fn target(&self, database: &str) -> Target {
        match self {
            Self::Embedded(own) => own.server.target(database),
            Self::Given(target) => target.with_database(database),
        }
    }

    /// Whether databases may be kept there.
    pub(super) fn keeps_templates(&self) -> bool {
        matches!(self, Self::Embedded(_))
    }

    /// Throws away what earlier replays have left: templates, roles, settings of either. Gives
    /// whether there was something to throw away.
    pub(super) fn renew(&mut self) -> Result<bool, EmbeddedError> {
        let Self::Embedded(own) = self else {
            return Ok(false);
        };
        if own.is_fresh {
            return Ok(false);
        }
        own.server.stop()?;
        discard(&own.server)?;
        own.server.start()?;
        own.is_fresh = true;
        Ok(true)
    }
}

fn discard(server: &Embedded) -> Result<(), EmbeddedError> {
    let data = server.folder().join("data");
    fs::remove_dir_all(&data).map_err(|error| EmbeddedError::Io { path: data, error })
}

impl Drop for Own {
    fn drop(&mut self) {
        // A server that does not stop is stopped by `migrate db stop`; not worth a word here.
        let _ = self.server.stop();
    }
}
