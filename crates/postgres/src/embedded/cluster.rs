//! The server's data directory.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::User;

use crate::programs::Programs;

use super::error::EmbeddedError;
use super::files::{at, create_private};
use super::options::Durability;
use super::server::{Embedded, PORT};

impl Embedded {
    /// The data's major version, if there is data.
    pub(super) fn data_version(&self) -> Option<String> {
        let version = fs::read_to_string(self.data().join("PG_VERSION")).ok()?;
        Some(version.trim().to_owned())
    }

    /// Creates the data directory, whole or not at all: `initdb` works beside it, and a rename
    /// makes it the server's.
    pub(super) fn initialise(
        &self,
        programs: &Programs,
        user: Option<&User>,
    ) -> Result<(), EmbeddedError> {
        let unfinished = self.folder.join("data.new");
        if unfinished.exists() {
            // From a command that was killed here; we hold the lock, so nobody else is at it.
            fs::remove_dir_all(&unfinished).map_err(at(&unfinished))?;
        }
        create_private(&unfinished, user)?;
        let mut command = self.as_user(&programs.initdb(), user);
        command
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            // Upper and lower case of all scripts where the system has it, and bytewise order.
            .arg(if cfg!(target_os = "linux") {
                "--locale=C.UTF-8"
            } else {
                "--locale=C"
            })
            .arg("--lc-messages=C")
            .arg("--no-sync")
            .arg("--pgdata")
            .arg(&unfinished);
        let done = match command.output() {
            Ok(output) if output.status.success() => {
                fs::rename(&unfinished, self.data()).map_err(at(&self.data()))
            }
            Ok(output) => Err(EmbeddedError::Initialise {
                output: last_lines(&String::from_utf8_lossy(&output.stderr)),
            }),
            Err(error) => Err(at(&programs.initdb())(error)),
        };
        done.inspect_err(|_| {
            // If that fails too, the next start tries again; what counts is the first error.
            let _ = fs::remove_dir_all(&unfinished);
        })
    }

    /// The command that runs the server.
    pub(super) fn server(&self, programs: &Programs, user: Option<&User>) -> Command {
        let mut command = self.as_user(&programs.postgres(), user);
        command.arg("-D").arg(self.data());
        let socket = self.socket.to_string_lossy();
        let mut set = |name: &str, value: &str| {
            command.arg("-c").arg(format!("{name}={value}"));
        };
        set("listen_addresses", "");
        set("unix_socket_directories", &socket_directories(&socket));
        set("port", PORT);
        set("max_connections", "200");
        set("log_line_prefix", "%m [%p] ");
        // A statement that fails may have a password in it.
        set("log_min_error_statement", "panic");
        if self.options.durability == Durability::None {
            for name in ["fsync", "synchronous_commit", "full_page_writes"] {
                set(name, "off");
            }
        }
        command
    }

    /// A command that runs as the server's user, in a folder that every user can be in. Of our
    /// variables it gets only those that it needs: the others may be a client's settings, or
    /// secrets, and a server outlives the command that started it.
    fn as_user(&self, program: &Path, user: Option<&User>) -> Command {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).current_dir("/").env_clear();
        command.envs(&self.options.server_variables);
        // We read its messages.
        command.env("LC_MESSAGES", "C");
        if let Some(user) = user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
            command.env("HOME", "/").env("USER", &user.name);
        }
        command
    }
}

/// A value of `unix_socket_directories`, which is a list: a quoted element keeps its commas and
/// spaces.
fn socket_directories(folder: &str) -> String {
    format!("\"{}\"", folder.replace('"', "\"\""))
}

/// The end of a program's output: where it says why.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}
