//! PgBouncer in front of the shared server.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use migrate_postgres::target::Target;
use migrate_postgres::{ServerState, ping};
use nix::unistd::User;
use tempfile::TempDir;

use crate::{Database, server};

/// Where Debian has it; an ordinary user may not have this in `PATH`.
const PROGRAMS: [&str; 2] = ["/usr/sbin/pgbouncer", "pgbouncer"];

/// A running PgBouncer. Stopped with this value.
pub struct Pooler {
    process: Child,
    folder: TempDir,
}

impl Pooler {
    /// Starts one for all databases of the shared server. `pool_mode` is its setting; `more` are
    /// other lines of its file.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start(pool_mode: &str, more: &str) -> Self {
        let folder = TempDir::with_prefix("pooler").expect("a temporary folder can be created");
        let server = server().target("postgres");
        let socket = server.get("host").unwrap_or_default();
        let path = folder.path().display();
        write(
            &folder.path().join("pgbouncer.ini"),
            &format!(
                "[databases]\n* = host={socket} port=5432\n\n\
                 [pgbouncer]\nunix_socket_dir = {path}\nlisten_port = 6432\n\
                 auth_type = trust\nauth_file = {path}/users\npool_mode = {pool_mode}\n{more}\n"
            ),
        );
        write(&folder.path().join("users"), "\"postgres\" \"\"\n");
        let process = spawn(folder.path(), server.get("requirepeer"));
        let pooler = Self { process, folder };
        let target = pooler.target("postgres");
        for _ in 0..400 {
            if ping(&target) == ServerState::Accepting {
                return pooler;
            }
            sleep(Duration::from_millis(25));
        }
        panic!("PgBouncer does not answer");
    }

    /// A database through it.
    pub fn url(&self, database: &Database) -> String {
        self.target(database.name()).url().reveal().to_owned()
    }

    /// The folder of its socket.
    pub fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    fn target(&self, database: &str) -> Target {
        Target::default()
            .with("host", self.folder())
            .with("port", "6432")
            .with("user", "postgres")
            .with("dbname", database)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended by itself, of which its test has told.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs it as the server's user where we are root: it does not run as root.
fn spawn(folder: &Path, user: Option<&str>) -> Child {
    let user = user.and_then(|name| User::from_name(name).ok().flatten());
    let program = PROGRAMS
        .into_iter()
        .find(|program| Path::new(program).exists())
        .unwrap_or(PROGRAMS[1]);
    let mut command = Command::new(program);
    command
        .arg("-q")
        .arg(folder.join("pgbouncer.ini"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(user) = user {
        let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
        for path in [folder, &folder.join("pgbouncer.ini"), &folder.join("users")] {
            // Ours already where we are not root.
            let _ = chown(path, Some(uid), Some(gid));
        }
        if nix::unistd::Uid::effective().is_root() {
            command.uid(uid).gid(gid);
        }
    }
    command
        .spawn()
        .expect("the tests need PgBouncer: `apt-get install pgbouncer`")
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the file can be written");
}
