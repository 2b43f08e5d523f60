//! Starts and stops the server's process.

use std::fs::{self, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};

use crate::database::session::{ServerState, ping};

use super::binaries::{self, Binaries};
use super::cluster::last_lines;
use super::files::{at, create_home, create_private, lock};
use super::{Embedded, EmbeddedError, Started};

/// How long a start may take without a sign of life; a recovery that goes on may take longer.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long the backends of a killed server may take to end.
const ORPHAN_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

impl Embedded {
    /// Makes sure that the server runs, initialising it the first time. Any number of commands
    /// may do this at once: one does it, the others wait for that.
    ///
    /// Recovers from a killed server, a stale pid file and an unfinished `initdb`.
    pub fn start(&self) -> Result<Started, EmbeddedError> {
        if self.is_running() {
            return Ok(Started::Already);
        }
        let user = Self::server_user()?;
        create_home(&self.folder)?;
        let _lock = lock(&self.folder)?;
        if self.is_running() {
            return Ok(Started::Already);
        }
        let version = self.data_version();
        let binaries = binaries::find(&self.options, &self.data(), version.as_deref())?;
        create_private(&self.socket, user.as_ref())?;
        if version.is_none() {
            self.initialise(&binaries, user.as_ref())?;
        }
        self.spawn_after_orphans(&binaries, user.as_ref())?;
        Ok(Started::Now {
            version: binaries.version,
            initialised: version.is_none(),
        })
    }

    /// Stops the server as `pg_ctl stop -m fast` does: clients are disconnected, nothing is
    /// lost. Gives whether it ran.
    pub fn stop(&self) -> Result<bool, EmbeddedError> {
        if !self.folder.exists() {
            return Ok(false);
        }
        let _lock = lock(&self.folder)?;
        let Some(pid) = self.postmaster() else {
            return Ok(false);
        };
        // SIGINT is PostgreSQL's fast shutdown. If the process is gone already, all the better.
        let _ = kill(pid, Signal::SIGINT);
        let deadline = Instant::now() + STOP_LIMIT;
        while self.postmaster().is_some() {
            if Instant::now() > deadline {
                return Err(EmbeddedError::Stop { pid: pid.as_raw() });
            }
            sleep(POLL);
        }
        Ok(true)
    }

    /// Starts the server, again while backends of a killed one are still about: they notice its
    /// death within moments, and until then PostgreSQL rightly refuses to touch the data.
    fn spawn_after_orphans(
        &self,
        binaries: &Binaries,
        user: Option<&User>,
    ) -> Result<(), EmbeddedError> {
        let deadline = Instant::now() + ORPHAN_LIMIT;
        loop {
            self.remove_foreign_lock_files();
            match self.spawn(binaries, user) {
                Err(EmbeddedError::Start { reason, .. })
                    if (reason.contains("shared memory block") || reason.contains("lock file"))
                        && Instant::now() < deadline =>
                {
                    sleep(10 * POLL);
                }
                result => return result,
            }
        }
    }

    fn spawn(&self, binaries: &Binaries, user: Option<&User>) -> Result<(), EmbeddedError> {
        let path = self.log();
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(at(&path))?;
        let errors = log.try_clone().map_err(at(&path))?;
        let already_logged = log.metadata().map_err(at(&path))?.len();
        let child = self
            .server(binaries, user)
            .stdout(log)
            .stderr(errors)
            // Out of our process group: Ctrl-C in the terminal is meant for us.
            .process_group(0)
            .spawn()
            .map_err(at(&binaries.postgres()))?;
        self.wait_until_accepting(child, already_logged)
    }

    fn wait_until_accepting(&self, mut child: Child, log_start: u64) -> Result<(), EmbeddedError> {
        let target = self.target("postgres");
        let mut deadline = Instant::now() + START_LIMIT;
        loop {
            match ping(&target) {
                ServerState::Accepting => return Ok(()),
                // Starting up or recovering: alive.
                ServerState::Rejecting => deadline = Instant::now() + START_LIMIT,
                ServerState::Silent | ServerState::NotTried => {}
            }
            let failed = |reason| EmbeddedError::Start {
                reason,
                log: self.log(),
            };
            if child.try_wait().is_ok_and(|status| status.is_some()) {
                return Err(failed(self.log_since(log_start)));
            }
            if Instant::now() > deadline {
                // Nothing of it shall be left behind.
                let _ = child.kill();
                return Err(failed("it does not answer".to_owned()));
            }
            sleep(POLL);
        }
    }

    fn log_since(&self, start: u64) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let start = usize::try_from(start).unwrap_or(0).min(log.len());
        last_lines(&String::from_utf8_lossy(&log[start..]))
    }

    /// The running postmaster of our data, by its pid file and the process's own folder.
    fn postmaster(&self) -> Option<Pid> {
        let pid = first_number(&self.data().join("postmaster.pid"))?;
        let alive = kill(pid, None).is_ok();
        (alive && self.is_ours(pid)).then_some(pid)
    }

    /// Whether a process works on our data: the working folder of a server's processes is its
    /// data directory. Where the system does not tell, the pid file is believed.
    fn is_ours(&self, pid: Pid) -> bool {
        let process = Path::new("/proc").join(pid.to_string());
        match (
            fs::read_link(process.join("cwd")),
            self.data().canonicalize(),
        ) {
            (Ok(folder), Ok(data)) => folder == data,
            _ => !Path::new("/proc/self").exists(),
        }
    }

    /// A killed server leaves its lock files behind, with its number in them. PostgreSQL sees by
    /// itself that they are stale, unless the number belongs to another process by now, or to
    /// one that its parent has not buried yet: then it would refuse to start. Only such files are
    /// removed, and only when nothing works on the data: by them PostgreSQL also finds the
    /// orphaned backends of a killed server.
    fn remove_foreign_lock_files(&self) {
        let Ok(processes) = fs::read_dir("/proc") else {
            return;
        };
        let in_use = processes
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .any(|pid| self.is_ours(Pid::from_raw(pid)));
        if in_use {
            return;
        }
        let socket_lock = format!(".s.PGSQL.{}.lock", super::PORT);
        for file in [
            self.data().join("postmaster.pid"),
            self.socket.join(socket_lock),
        ] {
            if first_number(&file).is_some_and(|pid| kill(pid, None).is_ok()) {
                // If it cannot be removed, PostgreSQL will say why.
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// The process that a lock file names in its first line.
fn first_number(file: &Path) -> Option<Pid> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}
