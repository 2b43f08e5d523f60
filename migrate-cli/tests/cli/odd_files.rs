//! What stands where a file is expected and is none, or is not ours.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use testkit::Workspace;

use crate::users_and_posts;

/// What can stand where a file is expected.
fn odd(path: &Path, kind: &str) {
    let _ = fs::remove_file(path);
    match kind {
        "pipe" => {
            let made = Command::new("mkfifo")
                .arg(path)
                .status()
                .expect("mkfifo runs");
            assert!(made.success());
        }
        "socket" => drop(UnixListener::bind(path).expect("a socket can be made")),
        "device" => symlink("/dev/zero", path).expect("it can be linked"),
        "loop" => symlink(path, path).expect("it can be linked"),
        "folder" => fs::create_dir(path).expect("it can be made"),
        "huge" => {
            let file = fs::File::create(path).expect("it can be made");
            file.set_len(1 << 40).expect("it takes no room");
        }
        kind => panic!("{kind}"),
    }
}

/// Takes it away again.
fn usual(path: &Path, text: &str) {
    if fs::remove_file(path).is_err() {
        fs::remove_dir(path).expect("it is empty");
    }
    fs::write(path, text).expect("it can be written");
}

#[track_caller]
fn is_refused(workspace: &Workspace, line: &str, why: &str) {
    let started = Instant::now();
    let run = workspace.run(line);
    assert_ne!(run.code(), 0, "{why}: {run}");
    assert!(run.stderr().starts_with("error["), "{why}: {run}");
    assert!(started.elapsed() < Duration::from_secs(20), "{why}");
}

#[test]
fn what_is_no_file_is_told_and_not_waited_for() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    let folder = "migrations/20240202000000_posts";
    for file in [
        format!("{folder}/up.sql"),
        format!("{folder}/down.sql"),
        format!("{folder}/metadata.toml"),
        "migrate.toml".to_owned(),
        ".env.local".to_owned(),
    ] {
        let path = workspace.path(&file);
        let text = fs::read_to_string(&path).expect("it is there");
        for kind in ["pipe", "socket", "device", "loop", "folder", "huge"] {
            odd(&path, kind);
            for line in ["status", "deploy"] {
                is_refused(&workspace, line, &format!("{file} is a {kind}"));
            }
            usual(&path, &text);
        }
    }
    odd(&workspace.path(format!("{folder}/up.sql")), "pipe");
    let run = workspace.run("check");
    let told = "it is a named pipe, and no file";
    assert!(run.stderr().contains(told), "{run}");
    usual(&workspace.path(format!("{folder}/up.sql")), "select 1;");
    odd(&workspace.path("diesel.toml"), "pipe");
    is_refused(&workspace, "generate", "diesel.toml is a pipe");
}

#[test]
fn what_is_kept_is_nobody_elses_whatever_the_umask_is() {
    let workspace = users_and_posts();
    let home = workspace.path("home");
    let binary = env!("CARGO_BIN_EXE_migrate");
    let line = format!("umask 0 && exec {binary} generate --stdout");
    let generate = || {
        let run = Command::new("sh")
            .args(["-c", &line])
            .current_dir(workspace.path(""))
            .env("MIGRATE_EMBEDDED_DIR", &home)
            .output()
            .expect("it runs");
        assert!(run.status.success(), "{run:?}");
        String::from_utf8(run.stdout).expect("it is text")
    };
    let generated = generate();
    let mut kept = Vec::new();
    let mut folders = vec![home.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it is there").flatten() {
            let path = entry.path();
            if path.is_dir() && entry.file_name() != "data" {
                folders.push(path.clone());
            }
            if path
                .parent()
                .is_some_and(|folder| folder.ends_with("catalogs"))
            {
                kept.push(path);
            }
        }
    }
    let [kept] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    let folder = kept.parent().expect("it is in one");
    assert_eq!(mode(kept), 0o600);
    assert_eq!(mode(folder), 0o700);
    // What others could have written there is not read, and kept anew.
    let text = fs::read(kept).expect("it is there");
    for path in [kept.as_path(), folder] {
        fs::write(kept, [text.as_slice(), b" "].concat()).expect("it can be written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("it is ours");
        assert_eq!(generate(), generated);
        assert_eq!(fs::read(kept).expect("it is there"), text);
        assert_eq!((mode(kept), mode(folder)), (0o600, 0o700));
    }
    odd(kept, "pipe");
    assert_eq!(generate(), generated);
    let _ = workspace.run_with(
        "db stop",
        &[("MIGRATE_EMBEDDED_DIR", &home.display().to_string())],
    );
}
