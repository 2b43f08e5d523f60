//! The private server: found, set up, started on demand, shared, recovered, stopped.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use insta::assert_snapshot;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User};
use tempfile::TempDir;
use testkit::{Run, Workspace};

use crate::users_and_posts;

/// A workspace on an embedded server of its own, which is stopped at the end.
pub(crate) struct Private {
    pub(crate) workspace: Workspace,
    pub(crate) home: TempDir,
}

impl Private {
    pub(crate) fn new() -> Self {
        Self::of(users_and_posts())
    }

    pub(crate) fn of(workspace: Workspace) -> Self {
        let home = TempDir::with_prefix("home").expect("a temporary folder can be created");
        // As root the server runs as another user, who has to get through.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        workspace.write(".env.local", "DATABASE_URL=embedded:\n");
        Self { workspace, home }
    }

    pub(crate) fn variables(&self) -> [(&'static str, &str); 1] {
        [(
            "MIGRATE_EMBEDDED_DIR",
            self.home.path().to_str().expect("UTF-8"),
        )]
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        self.workspace.run_with(line, &self.variables())
    }

    /// The server's folder, beside which may be that of the server for shadows.
    pub(crate) fn folder(&self) -> PathBuf {
        let entries = fs::read_dir(self.home.path()).expect("it exists");
        entries
            .map(|entry| entry.expect("readable").path())
            .find(|path| !path.to_string_lossy().ends_with("-shadow"))
            .expect("the server was set up")
    }

    pub(crate) fn postmaster(&self) -> Pid {
        let file = fs::read_to_string(self.folder().join("data/postmaster.pid")).expect("it runs");
        Pid::from_raw(
            file.lines()
                .next()
                .and_then(|line| line.parse().ok())
                .expect("a number"),
        )
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.run("db stop");
    }
}

pub(crate) fn psql(url: &str, sql: &str) -> String {
    let output = Command::new("psql")
        .args([url.trim(), "-XAtc", sql])
        .output()
        .expect("psql is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn it_starts_on_demand_and_stops_when_told() {
    let private = Private::new();
    assert_snapshot!(version_hidden(&private.run("up")), @"
    $ migrate up
    --- stderr
     embedded PostgreSQL [version] started
         main created database main
         main replayed 2 migrations into a shadow database
    --- stdout
      applied 20240101000000 users  auth [time]
      applied 20240202000000 posts  post [time]
    generated schema.rs, services/auth, services/post
         done 2 migrations applied to main in [time]
    --- exit 0
    ");
    assert_snapshot!(private.run("up"), @"
    $ migrate up
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
    let url = private.run("db url").success().stdout();
    assert_eq!(psql(&url, "select count(*) from users"), "0");
    assert_eq!(psql(&url, "show listen_addresses"), "", "never on TCP");

    assert_snapshot!(private.run("db stop"), @"
    $ migrate db stop
    --- stdout
     embedded stopped
    --- exit 0
    ");
    assert_snapshot!(private.run("db stop"), @"
    $ migrate db stop
    --- stdout
     embedded was not running
    --- exit 0
    ");
    assert_snapshot!(version_hidden(&private.run("status")), @"
    $ migrate status
    --- stderr
     embedded PostgreSQL [version] started
    --- stdout
      applied  20240101000000  users  auth  [moment] [time]
      applied  20240202000000  posts  post  [moment] [time]
         main  2 applied (embedded:main)
    --- exit 0
    ");
    assert_snapshot!(private.run("db start"), @"
    $ migrate db start
    --- stdout
     embedded runs already
    --- exit 0
    ");
}

fn version_hidden(run: &Run) -> String {
    let version = regex::Regex::new(r"PostgreSQL \d+\S*").expect("valid");
    version
        .replace_all(&run.to_string(), "PostgreSQL [version]")
        .into_owned()
}

#[test]
fn ten_commands_start_it_at_the_same_moment() {
    let private = Private::new();
    let children: Vec<Child> = (0..10)
        .map(|_| {
            private
                .workspace
                .command()
                .arg("up")
                .envs(private.variables())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the binary runs")
        })
        .collect();
    let mut applied = 0;
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        applied += String::from_utf8_lossy(&output.stdout)
            .matches("  applied 2024")
            .count();
    }
    assert_eq!(applied, 2, "each migration by one of them");
}

#[test]
fn a_killed_server_comes_back_with_its_data() {
    let private = Private::new();
    private.run("up").success();
    kill(private.postmaster(), Signal::SIGKILL).expect("it runs");
    let run = private.run("status --exit-code").success();
    assert_eq!(run.stdout().matches("  applied").count(), 2, "{run}");
}

#[test]
fn a_pid_file_that_names_someone_else_is_no_obstacle() {
    let private = Private::new();
    private.run("up").success();
    private.run("db stop").success();
    // PostgreSQL minds only processes of its own user.
    let mut sleep = Command::new("sleep");
    sleep.arg("60").current_dir("/");
    if Uid::effective().is_root() {
        let user = User::from_name("postgres")
            .expect("readable")
            .expect("there is one");
        sleep.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    let mut sleep = sleep.spawn().expect("sleep is installed");
    let data = private.folder().join("data");
    let text = format!("{}\n{}\n1700000000\n5432\n\n\n", sleep.id(), data.display());
    let file = data.join("postmaster.pid");
    fs::write(&file, text).expect("it can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let run = private.run("status --exit-code");
    sleep.kill().expect("it sleeps");
    sleep.wait().expect("it ended");
    run.success();
}

#[test]
fn an_unfinished_setup_is_begun_again() {
    let private = Private::new();
    private.run("up").success();
    private.run("db stop").success();
    let folder = private.folder();
    fs::rename(folder.join("data"), folder.join("data.new")).expect("it is ours");
    assert!(
        private
            .run("up")
            .success()
            .stdout()
            .contains("2 migrations applied")
    );
}

#[test]
fn data_of_a_version_that_is_gone_is_named() {
    let private = Private::new();
    private.run("up").success();
    private.run("db stop").success();
    let version = private.folder().join("data/PG_VERSION");
    let kept = fs::read_to_string(&version).expect("it is there");
    fs::write(&version, "9\n").expect("it is ours");
    let run = private.run("status");
    fs::write(&version, kept).expect("it is ours");
    assert_eq!(run.code(), 1);
    assert!(
        run.stderr().contains("is of PostgreSQL 9, and only"),
        "{run}"
    );
    assert!(run.stderr().contains("install PostgreSQL 9 again"), "{run}");
}

/// A workspace path of more than 200 characters, with spaces in it.
#[test]
fn long_paths_and_spaces_do_no_harm() {
    let private = Private::new();
    let long = format!("a folder with spaces/{}", "long ".repeat(40).trim());
    let folder = private.workspace.path(&long);
    fs::create_dir_all(folder.parent().expect("it has one")).expect("it can be created");
    private.run("init init").success();
    fs::rename(private.workspace.path("init"), &folder).expect("it is ours");
    let migrate = |arguments: &[&str]| {
        let output = private
            .workspace
            .command()
            .current_dir(&folder)
            .envs(private.variables())
            .args(arguments)
            .output()
            .expect("the binary runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    migrate(&["up"]);
    assert_eq!(
        psql(&migrate(&["db", "url"]), "select count(*) from accounts"),
        "0"
    );
    migrate(&["db", "stop"]);
}

/// The data's own path may be long too: then the socket goes where its path is short.
#[test]
fn a_long_home_gets_a_short_socket() {
    let private = Private::new();
    let home = private.home.path().join("h".repeat(120));
    let home = [("MIGRATE_EMBEDDED_DIR", home.to_str().expect("UTF-8"))];
    private.workspace.run_with("up", &home).success();
    let url = private
        .workspace
        .run_with("db url", &home)
        .success()
        .stdout();
    assert_eq!(psql(&url, "select count(*) from users"), "0");
    let socket = socket_folder(&url);
    assert!(socket.is_dir() && socket.starts_with("/tmp"), "{url}");
    private.workspace.run_with("db stop", &home).success();
    assert!(!socket.exists(), "nothing is left in /tmp");
}

/// The folder of the socket that a URL names.
pub(crate) fn socket_folder(url: &str) -> PathBuf {
    let (_, host) = url.split_once("host=").expect("it has one");
    let host = host.split('&').next().unwrap_or_default();
    PathBuf::from(host.trim().replace("%2F", "/").replace("%2C", ","))
}

#[test]
fn an_ordinary_user_runs_it_as_himself() {
    if !Uid::effective().is_root() {
        // Then every other test here is this one.
        return;
    }
    let user = User::from_name("nobody")
        .expect("readable")
        .expect("there is one");
    let folder = TempDir::with_prefix("nobody").expect("a temporary folder can be created");
    let program = folder.path().join("migrate");
    fs::copy(env!("CARGO_BIN_EXE_migrate"), &program).expect("it can be copied");
    let workspace = folder.path().join("workspace");
    fs::create_dir(&workspace).expect("it can be created");
    for path in [folder.path(), &workspace] {
        std::os::unix::fs::chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
            .expect("we are root");
    }
    let migrate = |line: &str| {
        let output = Command::new(&program)
            .args(line.split_whitespace())
            .current_dir(&workspace)
            .env("HOME", folder.path())
            .env_remove("XDG_STATE_HOME")
            // The folder of whoever runs the tests, which is not for everybody.
            .env_remove("MIGRATE_EMBEDDED_DIR")
            .uid(user.uid.as_raw())
            .gid(user.gid.as_raw())
            .output()
            .expect("the binary runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    migrate("init");
    migrate("up");
    migrate("status --exit-code");
    migrate("db stop");
    assert!(Path::new(&folder.path().join(".local/state/migrate")).exists());
}

#[test]
fn a_wrong_password_is_told_and_not_shown() {
    let private = Private::new();
    private.run("up").success();
    let url = private.run("db url").success().stdout();
    // The default since 14, and the only one that `scram-sha-256` below lets in.
    psql(
        &url,
        "set password_encryption = 'scram-sha-256'; alter role postgres password 'right'",
    );
    let hba = private.folder().join("data/pg_hba.conf");
    fs::write(hba, "local all all scram-sha-256\n").expect("it is ours");
    kill(private.postmaster(), Signal::SIGHUP).expect("it runs");
    let deploy = |password: &str| {
        let url = url
            .trim()
            .replace("postgres@", &format!("postgres:{password}@"));
        private
            .workspace
            .run_with("deploy", &[("DATABASE_URL", &url)])
    };
    // The server reads the file in its own time.
    let mut run = deploy("hunter2");
    for _ in 0..100 {
        if run.code() != 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        run = deploy("hunter2");
    }
    assert_eq!(run.code(), 1, "{run}");
    let told = run.stderr();
    assert!(told.contains("password authentication failed"), "{told}");
    assert!(told.contains("check user and password"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    deploy("right").success();
}
