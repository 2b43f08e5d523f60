//! Servers that are down, slow, full, old, read-only or picky: real ones, broken by the test.
//! Each must be told from the others, and none may make the tool wait for ever.

mod endless;
mod escaped;
mod full;
mod full_disk;
mod limits;
mod not_let_in;
mod old;
mod proxy;
mod read_only;
mod refusing;
mod restarting;
mod silent;
mod standby;
mod tls;

use std::time::{Duration, Instant};

use testkit::{OwnServer, Workspace, server_version};

use crate::users_and_posts;

/// What servers before 14 say, and what those since then say instead.
const OLDER_WORDS: [(&str, &str); 2] = [
    ("\", SSL off\n", "\", no encryption\n"),
    (
        "terminating connection because of crash of another server process",
        "terminating connection due to immediate shutdown command",
    ),
];

/// Two migrations, to be applied to the database `app` of a server, which is created.
fn workspace_on(server: &OwnServer) -> Workspace {
    let mut workspace = users_and_posts();
    workspace.set_url(&server.url("app"));
    workspace.hide(server.port(), "[port]");
    if server_version() < 14 {
        for (older, newer) in OLDER_WORDS {
            workspace.hide(older, newer);
        }
    }
    workspace
}

/// Waits until somebody is in the middle of `pg_sleep`.
#[track_caller]
fn until_asleep(server: &OwnServer) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut session = server.session("postgres");
    let sql = "select 1 from pg_stat_activity where wait_event = 'PgSleep'";
    while session.query(sql, &[]).expect("it can be asked").is_empty() {
        assert!(Instant::now() < deadline, "nobody sleeps");
        std::thread::sleep(Duration::from_millis(20));
    }
}
