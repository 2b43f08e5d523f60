//! What the private server keeps to itself, what it refuses to trust, and what it survives.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use insta::assert_snapshot;
use migrate_postgres::embedded::{Embedded, EmbeddedOptions};
use migrate_text::variables::Variables;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Uid, User};

use crate::embedded::{Private, psql, socket_folder};
use crate::users_and_posts;

/// The binary behind another program, with the variables of the workspace's own command.
fn through(private: &Private, program: &[&str], line: &str) -> String {
    let plain = private.workspace.command();
    let mut command = Command::new(program[0]);
    command.args(&program[1..]);
    command
        .arg(env!("CARGO_BIN_EXE_migrate"))
        .args(line.split_whitespace());
    command.current_dir(private.workspace.path(""));
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command
        .envs(private.variables())
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Root in a container may not look at the folders of other users' processes.
#[test]
fn root_without_all_rights_knows_its_server() {
    let confined = [
        "setpriv",
        "--inh-caps=-sys_ptrace",
        "--bounding-set=-sys_ptrace",
    ];
    let is_possible = Command::new(confined[0])
        .args([confined[1], confined[2], "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !Uid::effective().is_root() || !is_possible {
        // An ordinary user may look at his own.
        return;
    }
    let private = Private::new();
    through(&private, &confined, "up");
    let pid_file = private.folder().join("data/postmaster.pid");
    kill(private.postmaster(), Signal::SIGKILL).expect("it runs");
    through(&private, &confined, "status --exit-code");

    // It does not answer, but lives: its pid file is not to be touched.
    let before = fs::read_to_string(&pid_file).expect("it runs");
    let socket = private.folder().join("run/.s.PGSQL.5432");
    let hidden = socket.with_extension("hidden");
    fs::rename(&socket, &hidden).expect("it is ours");
    let waiting = {
        let private = &private;
        std::thread::scope(|scope| {
            let status = scope.spawn(|| through(private, &confined, "status --exit-code"));
            std::thread::sleep(Duration::from_secs(1));
            let during = fs::read_to_string(&pid_file).unwrap_or_default();
            fs::rename(&hidden, &socket).expect("it is ours");
            status.join().expect("it found the server again");
            during
        })
    };
    assert_eq!(waiting, before);
    assert!(through(&private, &confined, "db stop").contains("embedded stopped"));
    assert!(!pid_file.exists());
}

#[test]
fn the_log_is_kept_from_others_and_has_no_statements() {
    let private = Private::new();
    private.run("up").success();
    let url = private.run("db url").success().stdout();
    let failed = Command::new("psql")
        .args([url.trim(), "-XAtc"])
        .arg("create role postgres password 'hunter2'")
        .stderr(Stdio::null())
        .status()
        .expect("psql is installed");
    assert!(!failed.success(), "the role exists already");
    let path = private.folder().join("server.log");
    let log = fs::read_to_string(&path).expect("it is ours");
    assert!(log.contains("already exists"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o777;
    assert_eq!(mode(&path), 0o600);

    // Of an older version, and grown.
    private.run("db stop").success();
    fs::write(&path, "x\n".repeat(1_000_000)).expect("it is ours");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("it is ours");
    private.run("status").success();
    assert!(fs::metadata(&path).expect("it is there").len() < 10_000);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("log.old")), 0o600);
}

#[test]
fn the_server_gets_none_of_our_secrets() {
    let private = Private::new();
    let [home] = private.variables();
    private
        .workspace
        .run_with("up", &[home, ("API_TOKEN", "hunter2"), ("PGDATA", "/")])
        .success();
    let file = format!("/proc/{}/environ", private.postmaster());
    let Ok(variables) = fs::read(file) else {
        // The system does not tell us either.
        return;
    };
    let variables = String::from_utf8_lossy(&variables).into_owned();
    assert!(variables.contains("PATH="), "{variables}");
    for name in ["API_TOKEN", "PGDATA", "MIGRATE_EMBEDDED_DIR"] {
        assert!(!variables.contains(name), "{variables}");
    }
}

/// Whoever could put a server where we look for ours would be handed our data.
#[test]
fn a_socket_in_a_folder_open_to_others_is_not_used() {
    let private = Private::new();
    let home = private.home.path().join("h".repeat(120));
    let home = [("MIGRATE_EMBEDDED_DIR", home.to_str().expect("UTF-8"))];
    let url = private.workspace.run_with("db url", &home).success();
    private.workspace.run_with("db stop", &home).success();

    let folder = socket_folder(&url.stdout());
    fs::create_dir(&folder).expect("it is gone");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("it is ours");
    let database = private.workspace.database();
    let elsewhere = database.target().get("host").expect("it is a socket");
    let socket = ".s.PGSQL.5432";
    symlink(Path::new(elsewhere).join(socket), folder.join(socket)).expect("it is ours");
    let run = private.workspace.run_with("db url", &home);
    fs::remove_dir_all(&folder).expect("it is ours");
    assert_eq!(run.code(), 1, "{run}");
    assert!(run.stderr().contains("is not ours alone"), "{run}");
}

#[test]
fn a_home_of_someone_else_is_not_used() {
    let private = Private::new();
    let home = private.home.path().join("theirs");
    fs::create_dir(&home).expect("it can be created");
    if Uid::effective().is_root() {
        let user = User::from_name("nobody")
            .expect("readable")
            .expect("there is one");
        chown(&home, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("we are root");
    } else {
        fs::set_permissions(&home, Permissions::from_mode(0o777)).expect("it is ours");
    }
    let home = [("MIGRATE_EMBEDDED_DIR", home.to_str().expect("UTF-8"))];
    let run = private.workspace.run_with("up", &home);
    assert_eq!(run.code(), 1, "{run}");
    assert!(run.stderr().contains("is not ours alone"), "{run}");
    assert_eq!(fs::read_dir(home[0].1).expect("readable").count(), 0);
}

#[test]
fn a_relative_home_is_one_from_here() {
    let private = Private::new();
    let root = private.workspace.path("");
    fs::set_permissions(root, Permissions::from_mode(0o755)).expect("it is ours");
    let home = [("MIGRATE_EMBEDDED_DIR", "state")];
    private.workspace.run_with("up", &home).success();
    let url = private.workspace.run_with("db url", &home).success();
    assert_eq!(psql(&url.stdout(), "select count(*) from users"), "0");
    private.workspace.run_with("db stop", &home).success();
    assert!(private.workspace.path("state").is_dir());
}

/// libpq takes what has a comma for several hosts.
#[test]
fn a_home_with_a_comma_gets_another_socket() {
    let private = Private::new();
    let home = private.home.path().join("a,b");
    let home = [("MIGRATE_EMBEDDED_DIR", home.to_str().expect("UTF-8"))];
    private.workspace.run_with("up", &home).success();
    let url = private.workspace.run_with("db url", &home).success();
    assert_eq!(psql(&url.stdout(), "select count(*) from users"), "0");
    private.workspace.run_with("db stop", &home).success();
}

#[test]
fn a_strict_umask_does_not_lock_the_server_out() {
    let mut private = Private::new();
    let shell = ["sh", "-c", "umask 077; exec \"$0\" \"$@\""];
    // The home itself is made under it, too.
    let parent = std::mem::replace(
        &mut private.home,
        tempfile::TempDir::with_prefix("home").expect("a temporary folder can be created"),
    );
    fs::remove_dir(private.home.path()).expect("it is empty");
    through(&private, &shell, "up");
    private.run("status --exit-code").success();
    drop(parent);
}

/// A folder with an `initdb` that fails half way.
fn broken_binaries(private: &Private) -> PathBuf {
    let folder = private.home.path().join("bin");
    fs::create_dir(&folder).expect("it can be created");
    for (name, text) in [
        ("postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 15.1'\n"),
        (
            "initdb",
            "#!/bin/sh\nfor last; do :; done\necho 15 >\"$last/PG_VERSION\"\n\
             echo 'the disk is full' >&2\nexit 1\n",
        ),
    ] {
        let path = folder.join(name);
        fs::write(&path, text).expect("it is ours");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("it is ours");
    }
    folder
}

#[test]
fn a_failed_setup_leaves_nothing_behind() {
    let private = Private::new();
    let home = private.home.path().join("home");
    let binaries = broken_binaries(&private);
    let run = private.workspace.run_with(
        "db start",
        &[
            ("MIGRATE_EMBEDDED_DIR", home.to_str().expect("UTF-8")),
            ("PG_BIN", binaries.to_str().expect("UTF-8")),
        ],
    );
    assert_snapshot!(run, @"
    $ migrate db start
    --- stderr
    error[embedded]: `initdb` failed: the disk is full
     |
     = state: nothing was left behind
    --- exit 1
    ");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("readable");
        entries
            .map(|entry| entry.expect("readable").path())
            .collect()
    };
    let server = entries(&home).remove(0);
    assert_eq!(entries(&server), [server.join("lock")]);
}

#[test]
fn a_server_that_shuts_down_is_waited_for() {
    let private = Private::new();
    private.run("up").success();
    let url = private.run("db url").success().stdout();
    let mut client = Command::new("psql")
        .args([url.trim(), "-XAtq"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("psql is installed");
    let mut input = client.stdin.take().expect("it is piped");
    writeln!(input, "select 1;").expect("it listens");
    while psql(
        &url,
        "select count(*) from pg_stat_activity where query like 'select 1%'",
    ) == "0"
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    let before = private.postmaster();
    // It waits for the client.
    kill(before, Signal::SIGTERM).expect("it runs");
    std::thread::scope(|scope| {
        let status = scope.spawn(|| private.run("status --exit-code"));
        // Longer than a killed server's processes are waited for.
        std::thread::sleep(Duration::from_secs(12));
        drop(input);
        status.join().expect("it ends").success();
    });
    client.wait().expect("it ends");
    assert_ne!(private.postmaster(), before);

    // Nor does a stop of ours that was killed leave a server that looks like a running one.
    kill(private.postmaster(), Signal::SIGINT).expect("it runs");
    private.run("status --exit-code").success();
}

#[test]
fn stopped_and_started_at_the_same_moment() {
    let private = Private::new();
    private.run("up").success();
    std::thread::scope(|scope| {
        for round in 0..10 {
            let private = &private;
            scope.spawn(move || {
                if round % 2 == 0 {
                    private.run("db stop").success();
                } else {
                    // It may be cut off at any time, but not hang, and harms nothing.
                    private.run("up");
                }
            });
        }
    });
    let run = private.run("status --exit-code").success();
    assert_eq!(run.stdout().matches("  applied").count(), 2, "{run}");
    private.run("db stop").success();
    assert!(!private.folder().join("data/postmaster.pid").exists());
}

#[test]
fn the_server_for_shadows_is_stopped_as_well() {
    let private = Private::new();
    let variables: Variables = private
        .variables()
        .into_iter()
        .chain([("PATH", env!("PATH"))])
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let options = EmbeddedOptions::from_variables(&variables);
    let shadow = Embedded::of_workspace(&private.workspace.path(""), options).shadow();
    shadow.start().expect("it can be started");
    assert!(
        private
            .run("db stop")
            .success()
            .stdout()
            .contains("stopped")
    );
    assert!(!shadow.is_running());
}

#[test]
fn it_is_not_started_for_nobody() {
    let workspace = users_and_posts();
    assert_snapshot!(workspace.run("db start"), @"
    $ migrate db start
    --- stderr
    error[refused]: no database uses the embedded server
     |
     = state: nothing was touched
     = next: set `DATABASE_URL=embedded:` in `.env.local` to have one
    --- exit 2
    ");
    assert_snapshot!(workspace.run("db stop"), @"
    $ migrate db stop
    --- stdout
     embedded was not running
    --- exit 0
    ");
}
