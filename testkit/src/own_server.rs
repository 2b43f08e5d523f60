//! A server for one test, to be configured, stopped, crashed and filled up as it likes.

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use migrate_postgres::Session;
use migrate_postgres::target::Target;
use nix::unistd::{Uid, User};
use tempfile::TempDir;

use crate::server::programs;

/// A server of a test's own, on `127.0.0.1`, stopped and removed with this value.
pub struct OwnServer {
    folder: TempDir,
    data: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl OwnServer {
    /// A server with nothing in it but the superuser `postgres`, whom it lets in from anywhere
    /// without a password. Running.
    ///
    /// # Panics
    ///
    /// Like all of this type's functions, when the server's programs refuse.
    pub fn start() -> Self {
        let server = Self::stopped();
        server.up();
        server
    }

    /// The same, not running yet.
    pub fn stopped() -> Self {
        Self::of(&programs())
    }

    /// A server of another version, by the folder of its programs, not running yet.
    pub fn of(programs: &Path) -> Self {
        let server = Self::without_data(programs.to_owned());
        let output = server
            .program("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--pgdata"])
            .arg(&server.data)
            .output();
        succeeded("initdb", output);
        server.configure("");
        server
    }

    /// A server that follows another one: its standby, running. The other one is stopped for a
    /// copy of its data, because not everybody who has a server has `pg_basebackup`.
    pub fn standby_of(primary: &Self) -> Self {
        let standby = Self::following(primary, "");
        standby.up();
        standby
    }

    /// The same, and it takes no connections as long as it follows: it is starting, for ever.
    pub fn recovering_from(primary: &Self) -> Self {
        let standby = Self::following(primary, "hot_standby = off");
        standby.begin_up();
        standby
    }

    fn following(primary: &Self, settings: &str) -> Self {
        let standby = Self::without_data(primary.programs.clone());
        primary.stop("fast");
        primary.copy_data(&standby.data);
        primary.up();
        let (user, port) = ("user=postgres host=127.0.0.1", primary.port);
        let follow = format!("primary_conninfo = '{user} port={port}'\n{settings}");
        standby.configure(&follow);
        standby.write("standby.signal", "");
        standby
    }

    fn without_data(programs: PathBuf) -> Self {
        let folder = TempDir::with_prefix("server").expect("a temporary folder can be created");
        give_to_server_user(folder.path());
        Self {
            data: folder.path().join("data"),
            folder,
            programs,
            port: free_port(),
        }
    }

    /// Has the data in another folder from now on, such as a small file system.
    pub fn move_data(&mut self, folder: &Path) {
        give_to_server_user(folder);
        let data = folder.join("data");
        self.copy_data(&data);
        self.data = data;
    }

    /// Has its write-ahead log in another folder from now on.
    pub fn move_log(&self, folder: &Path) {
        give_to_server_user(folder);
        let (log, moved) = (self.data.join("pg_wal"), folder.join("pg_wal"));
        let output = as_server_user(Path::new("cp"))
            .arg("-R")
            .arg(&log)
            .arg(&moved)
            .output();
        succeeded("cp", output);
        fs::remove_dir_all(&log).expect("it was there");
        std::os::unix::fs::symlink(&moved, &log).expect("it is gone");
    }

    fn copy_data(&self, to: &Path) {
        let output = as_server_user(Path::new("cp"))
            .arg("-R")
            .arg(&self.data)
            .arg(to)
            .output();
        succeeded("cp", output);
    }

    /// Writes the settings in which it differs from a new server: lines of `postgresql.conf`.
    /// In force after a start, or a reload.
    pub fn configure(&self, settings: &str) {
        let text = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = ''\n\
             fsync = off\nmax_wal_senders = 4\nmax_connections = 20\n{settings}\n",
            self.port
        );
        self.write("postgresql.auto.conf", &text);
    }

    /// Says who is let in: the lines of `pg_hba.conf`.
    pub fn let_in(&self, lines: &str) {
        self.write("pg_hba.conf", lines);
    }

    /// Writes a file into the data folder that only the server may read.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.data.join(name);
        fs::write(&path, text).expect("the file can be written");
        give_to_server_user(&path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    }

    /// Starts it.
    #[track_caller]
    pub fn up(&self) {
        let log = self.folder.path().join("log");
        let output = self.control(&[
            "--wait",
            "--silent",
            "start",
            "--log",
            &log.to_string_lossy(),
        ]);
        assert!(output.status.success(), "{}", self.log());
    }

    /// Starts it, and waits only until it answers, whatever.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn begin_up(&self) {
        let log = self.folder.path().join("log");
        self.control(&[
            "--no-wait",
            "--silent",
            "start",
            "--log",
            &log.to_string_lossy(),
        ]);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Stops it: `smart`, `fast` or `immediate`. Whether it ran does not matter.
    pub fn stop(&self, mode: &str) {
        self.control(&["--wait", "--silent", "stop", "--mode", mode]);
    }

    /// Runs `pg_ctl` on it.
    pub fn control(&self, arguments: &[&str]) -> Output {
        self.program("pg_ctl")
            .args(arguments)
            .arg("--pgdata")
            .arg(&self.data)
            .output()
            .expect("`pg_ctl` is beside `postgres`")
    }

    /// One of the server's programs, run as its user.
    fn program(&self, name: &str) -> Command {
        as_server_user(&self.programs.join(name))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database on it. The role is the superuser.
    pub fn url(&self, database: &str) -> String {
        let port = self.port;
        format!("postgresql://postgres@127.0.0.1:{port}/{database}")
    }

    /// A session of the superuser.
    pub fn session(&self, database: &str) -> Session {
        let target = Target::parse(&self.url(database)).expect("the URL is ours");
        Session::connect(&target).expect("the server takes connections")
    }

    /// Runs SQL as the superuser in the database `postgres`, each statement for itself.
    pub fn execute(&self, statements: &[&str]) {
        let mut session = self.session("postgres");
        for sql in statements {
            session.execute(sql).expect("the test's SQL runs");
        }
    }

    /// Its version, such as `15.18`.
    pub fn version(&self) -> Option<String> {
        let output = self.program("postgres").arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.split_whitespace().nth(2).map(str::to_owned)
    }

    /// What `psql` says to SQL: it talks to servers that are too old for us, too.
    #[track_caller]
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let output = Command::new("psql")
            .args(["-XAtqc", sql, &self.url(database)])
            .output()
            .expect("`psql` is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The first value of the first row of a query.
    pub fn value(&self, database: &str, sql: &str) -> Option<String> {
        let mut session = self.session(database);
        let rows = session.query(sql, &[]).expect("the test's query runs");
        rows.single().map(str::to_owned)
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

#[track_caller]
fn succeeded(what: &str, output: io::Result<Output>) {
    let output = output.unwrap_or_else(|error| panic!("{what}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {said}");
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

/// PostgreSQL does not run as root.
fn server_user() -> Option<User> {
    if !Uid::effective().is_root() {
        return None;
    }
    let mut names = ["postgres", "nobody"].into_iter();
    names.find_map(|name| User::from_name(name).ok().flatten())
}

fn as_server_user(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env("LC_ALL", "C");
    if let Some(user) = server_user() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

fn give_to_server_user(path: &Path) {
    if let Some(user) = server_user() {
        let (user, group) = (user.uid.as_raw(), user.gid.as_raw());
        chown(path, Some(user), Some(group)).expect("root may give it away");
    }
}
