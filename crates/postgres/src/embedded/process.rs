//! Starts and stops the server's process.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User};

use crate::connect::ping;
use crate::libpq::ServerState;
use crate::programs::{self, Programs};

use super::cluster::last_lines;
use super::error::EmbeddedError;
use super::files::{at, check_folder, check_home, create_folder, create_private, lock, open_log};
use super::identity::{Ours, works_on};
use super::server::{Embedded, PORT};

/// How long a start may take without a sign of life; a recovery that goes on may take longer.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long the backends of a killed server may take to end.
const ORPHAN_LIMIT: Duration = Duration::from_secs(10);
/// How long a shutdown may take.
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// What starting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It ran already.
    Already,
    /// It was started; the version is the server's, such as `15.18`.
    Now {
        /// The server's version.
        version: String,
        /// Whether it had to be initialised first.
        initialised: bool,
    },
}

impl Embedded {
    /// Makes sure that the server runs, initialising it the first time. Any number of commands
    /// may do this at once: one does it, the others wait for that.
    ///
    /// Recovers from a killed server, a stale pid file and an unfinished `initdb`, and waits for
    /// the end of a server that is shutting down.
    pub fn start(&self) -> Result<Started, EmbeddedError> {
        if self.is_running() {
            return Ok(Started::Already);
        }
        self.create_folder()?;
        let _lock = lock(&self.folder)?;
        let user = self.server_user()?;
        create_private(&self.socket, user.as_ref())?;
        self.start_locked(user.as_ref())
            .inspect_err(|_| self.remove_socket_folder())
    }

    fn start_locked(&self, user: Option<&User>) -> Result<Started, EmbeddedError> {
        if self.is_running() || self.comes_up_by_itself()? {
            return Ok(Started::Already);
        }
        let version = self.data_version();
        let programs = programs::find(&self.options.binaries, version.as_deref())
            .map_err(|not_found| EmbeddedError::of_programs(not_found, &self.data()))?;
        if version.is_none() {
            self.initialise(&programs, user)?;
        }
        self.spawn_after_orphans(&programs, user)?;
        Ok(Started::Now {
            version: programs.version,
            initialised: version.is_none(),
        })
    }

    /// Stops the server as `pg_ctl stop -m fast` does: clients are disconnected, nothing is
    /// lost. Gives whether it ran.
    pub fn stop(&self) -> Result<bool, EmbeddedError> {
        if !self.folder.exists() {
            return Ok(false);
        }
        self.check_folder()?;
        let _lock = lock(&self.folder)?;
        let running = self.postmaster()?;
        if let Some(pid) = running {
            self.stop_process(pid)?;
        }
        self.remove_socket_folder();
        Ok(running.is_some())
    }

    fn stop_process(&self, pid: Pid) -> Result<(), EmbeddedError> {
        // SIGINT is PostgreSQL's fast shutdown.
        match kill(pid, Signal::SIGINT) {
            // If the process is gone already, all the better.
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => {
                let error = error.into();
                return Err(EmbeddedError::Signal {
                    pid: pid.as_raw(),
                    error,
                });
            }
        }
        let deadline = Instant::now() + STOP_LIMIT;
        while self.postmaster()? == Some(pid) {
            if Instant::now() > deadline {
                return Err(EmbeddedError::Stop { pid: pid.as_raw() });
            }
            sleep(POLL);
        }
        Ok(())
    }

    /// Creates the server's folder, for the server and for what else is remembered there, or
    /// checks that it is ours.
    pub fn create_folder(&self) -> Result<(), EmbeddedError> {
        create_folder(&self.options.home, &self.folder)
    }

    /// Makes sure that the folder is there and nobody else's.
    pub fn check_folder(&self) -> Result<(), EmbeddedError> {
        check_home(&self.options.home)?;
        check_folder(&self.folder)
    }

    /// Waits for a server that is there but takes no connections, until it does or has ended. It
    /// is starting, and the command that started it was killed; or it is stopping, and somebody
    /// else told it to. Gives whether it takes connections.
    fn comes_up_by_itself(&self) -> Result<bool, EmbeddedError> {
        let mut deadline = Instant::now() + STOP_LIMIT;
        while let Some(pid) = self.postmaster()? {
            if self.is_running() {
                return Ok(true);
            }
            let state = self.postmaster_state().unwrap_or_default();
            if state == "starting" {
                // A recovery may take long.
                deadline = Instant::now() + START_LIMIT;
            }
            if Instant::now() > deadline {
                let reason = if state == "stopping" {
                    format!(
                        "process {pid} is shutting down and waits for its clients to leave; \
                         `migrate db stop` disconnects them"
                    )
                } else {
                    format!("process {pid} works on its data, but takes no connections")
                };
                return Err(self.start_error(reason));
            }
            sleep(POLL);
        }
        Ok(false)
    }

    /// Starts the server, again while backends of a killed one are still about: they notice its
    /// death within moments, and until then PostgreSQL rightly refuses to touch the data.
    fn spawn_after_orphans(
        &self,
        programs: &Programs,
        user: Option<&User>,
    ) -> Result<(), EmbeddedError> {
        let deadline = Instant::now() + ORPHAN_LIMIT;
        loop {
            self.remove_foreign_lock_files();
            match self.spawn(programs, user) {
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

    fn spawn(&self, programs: &Programs, user: Option<&User>) -> Result<(), EmbeddedError> {
        let path = self.log();
        let log = open_log(&path, user)?;
        let errors = log.try_clone().map_err(at(&path))?;
        let already_logged = log.metadata().map_err(at(&path))?.len();
        let child = self
            .server(programs, user)
            .stdout(log)
            .stderr(errors)
            // Out of our process group: Ctrl-C in the terminal is meant for us.
            .process_group(0)
            .spawn()
            .map_err(at(&programs.postgres()))?;
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
            if child.try_wait().is_ok_and(|status| status.is_some()) {
                return Err(self.start_error(self.log_since(log_start)));
            }
            if Instant::now() > deadline {
                // Nothing of it shall be left behind.
                let _ = child.kill();
                return Err(self.start_error("it does not answer".to_owned()));
            }
            sleep(POLL);
        }
    }

    fn start_error(&self, reason: String) -> EmbeddedError {
        EmbeddedError::Start {
            reason,
            log: self.log(),
        }
    }

    fn log_since(&self, start: u64) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let start = usize::try_from(start).unwrap_or(0).min(log.len());
        last_lines(&String::from_utf8_lossy(&log[start..]))
    }

    /// The running postmaster of our data: the process that the pid file names, unless that is
    /// known to be another.
    fn postmaster(&self) -> Result<Option<Pid>, EmbeddedError> {
        let file = self.data().join("postmaster.pid");
        let Some(pid) = first_number(&file).map_err(at(&file))? else {
            return Ok(None);
        };
        let is_there = match kill(pid, None) {
            Ok(()) => true,
            // Root without the right to send signals (`CAP_KILL`). To all others it says that
            // the process is another user's, and so not ours.
            Err(Errno::EPERM) => Uid::effective().is_root(),
            Err(_) => false,
        };
        Ok((is_there && works_on(&self.data(), pid) != Ours::No).then_some(pid))
    }

    /// What the server says in its pid file about itself: `starting`, `ready`, `stopping`.
    fn postmaster_state(&self) -> Option<String> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        Some(text.lines().nth(7)?.trim().to_owned())
    }

    /// A killed server leaves its lock files behind, with its number in them. PostgreSQL sees by
    /// itself that they are stale, unless the number belongs to another process by now, or to
    /// one that its parent has not buried yet: then it would refuse to start. Only such files are
    /// removed, and only when it is known of every process that it does not work on the data: by
    /// them PostgreSQL also finds the orphaned backends of a killed server.
    fn remove_foreign_lock_files(&self) {
        let socket_lock = format!(".s.PGSQL.{}.lock", PORT);
        let files = [
            self.data().join("postmaster.pid"),
            self.socket.join(socket_lock),
        ];
        let in_the_way: Vec<(&Path, Pid)> = files
            .iter()
            .filter_map(|file| Some((file.as_path(), first_number(file).ok()??)))
            .filter(|(_, pid)| kill(*pid, None).is_ok())
            .collect();
        if in_the_way.is_empty() {
            return;
        }
        let Ok(processes) = fs::read_dir("/proc") else {
            return;
        };
        let data = self.data();
        let all_foreign = processes
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .map(Pid::from_raw)
            // The system may list only some.
            .chain(in_the_way.iter().map(|(_, pid)| *pid))
            .all(|pid| works_on(&data, pid) == Ours::No);
        if all_foreign {
            for (file, _) in in_the_way {
                // If it cannot be removed, PostgreSQL will say why.
                let _ = fs::remove_file(file);
            }
        }
    }

    /// Removes the socket's folder, which may be in `/tmp`, unless a socket is there.
    fn remove_socket_folder(&self) {
        if self.socket_folder_is_safe() {
            // If it stays, it is in nobody's way.
            let _ = fs::remove_dir(&self.socket);
        }
    }
}

/// The process that a lock file names in its first line.
fn first_number(file: &Path) -> io::Result<Option<Pid>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let number = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok());
    // A negative number is a server of a single user; to `kill` it would mean many processes.
    Ok(number.filter(|pid| *pid > 1).map(Pid::from_raw))
}
