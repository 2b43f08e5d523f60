//! Servers whose disk is full: a small file system in memory, which only root can make.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use tempfile::TempDir;
use testkit::OwnServer;

use super::workspace_on;

/// A file system of few megabytes. Taken away with this value.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None`, and a line that says so, where it cannot be made.
    fn of(megabytes: usize) -> Option<Self> {
        let folder = TempDir::with_prefix("disk").expect("a temporary folder can be created");
        let made = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output();
        if made.is_ok_and(|made| made.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: a small file system can be mounted by root only");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still be ending.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[test]
fn a_full_disk_in_the_middle_of_a_migration_is_told() {
    let Some(disk) = SmallDisk::of(80) else {
        return;
    };
    let mut server = OwnServer::stopped();
    // Rows of a table that is new in its transaction are then in the table only, not in the log.
    server.configure("wal_level = minimal\nmax_wal_senders = 0\nautovacuum = off");
    server.move_data(disk.path());
    server.up();
    let workspace = workspace_on(&server);
    workspace.run("deploy").success();
    workspace.migration(
        "20240303000000_big",
        "create table big as\n  select repeat('x', 1000) from generate_series(1, 100000);\n",
        "",
    );
    let filters = vec![
        (r"base/\d+/\d+", "[file]"),
        (r" with FileFallocate\(\)", ""),
        // Half of a block may have found room.
        (
            r"wrote only \d+ of \d+ bytes at block \d+",
            "No space left on device",
        ),
    ];
    insta::with_settings!({ filters => filters }, {
        assert_snapshot!(workspace.run("deploy"), @r#"
        $ migrate deploy
        --- stderr
        error[sql]: migration 20240303000000_big failed
         --> migrations/20240303000000_big/up.sql:1:1
          |
        1 | create table big as
          | ^^^^^^^^^^^^^^^^^^^ could not extend file "[file]": No space left on device (SQLSTATE 53100)
          |
          = hint: Check free disk space.
          = state: rolled back; 2 migrations stay applied
          = next: make room on the server's disk, then `migrate deploy`
        --- exit 1
        "#);
    });
    // The failure is in the ledger: what was rolled back has given its room back.
    assert_eq!(workspace.run("status --exit-code").code(), 3);
    workspace.migration("20240303000000_big", "create table big ();", "");
    workspace.run("deploy").success();
}

#[test]
fn a_log_that_cannot_be_written_leaves_a_doubt() {
    let Some(disk) = SmallDisk::of(40) else {
        return;
    };
    let server = OwnServer::stopped();
    server.configure("max_wal_size = 10GB\nautovacuum = off");
    server.move_log(disk.path());
    server.up();
    let workspace = workspace_on(&server);
    workspace.run("deploy").success();
    workspace.migration(
        "20240303000000_big",
        "create table big as\n  select repeat('x', 1000) from generate_series(1, 100000);\n",
        "",
    );
    // The backend itself finds it out, or another process of the server, which takes it along.
    let run = workspace.run("deploy");
    assert_eq!(run.code(), 1, "{run}");
    let said = run.stderr();
    for part in [
        "migrations/20240303000000_big/up.sql:1:1",
        "= state: the connection broke before the answer came: it is, or will be, rolled back or \
         applied, and nothing between; 2 migrations stay applied",
        "then `migrate status --wait 60` tells whether it is applied, and `migrate deploy --wait \
         60` goes on from there",
    ] {
        assert!(said.contains(part), "{part}\n{run}");
    }
}
