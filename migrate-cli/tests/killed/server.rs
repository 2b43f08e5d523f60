//! A server of our own, to be killed.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use migrate_postgres::embedded::{Durability, Embedded, EmbeddedOptions};
use migrate_postgres::target::Target;
use migrate_postgres::{Session, drop_database};
use migrate_text::variables::Variables;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_secs(60);

pub struct Server(Embedded);

impl Server {
    /// The server of this folder.
    pub fn start(folder: &Path) -> Self {
        let variables: Variables = std::env::vars().collect();
        let options = EmbeddedOptions {
            // All commits are asynchronous: a crash loses the last.
            durability: Durability::None,
            ..EmbeddedOptions::from_variables(&variables)
        };
        let server = Embedded::of_workspace(folder, options);
        server.start().expect("the tests need a PostgreSQL server");
        Self(server)
    }

    pub fn target(&self, database: &str) -> Target {
        self.0.target(database)
    }

    pub fn url(&self, database: &str) -> String {
        self.0.target(database).url().reveal().to_owned()
    }

    pub fn session(&self, database: &str) -> Session {
        Session::connect(&self.0.target(database)).expect("the server runs")
    }

    /// `pg_ctl stop -m immediate`, and a start.
    pub fn crash(&self) {
        let file = self.0.folder().join("data/postmaster.pid");
        let text = fs::read_to_string(&file).expect("the server runs");
        let pid = text.lines().next().and_then(|line| line.parse().ok());
        let pid = Pid::from_raw(pid.expect("its first line is the process"));
        kill(pid, Signal::SIGQUIT).expect("the server runs");
        wait("the server's end", || !file.exists());
        self.0.start().expect("the server recovers");
    }

    /// Hangs up on the deploys of a database.
    pub fn terminate(&self, database: &str) {
        self.session("postgres")
            .query(
                "select pg_terminate_backend(pid) from pg_stat_activity \
                 where datname = $1 and application_name like 'migrate %'",
                &[Some(database)],
            )
            .expect("we are the superuser");
    }

    /// Waits until the server does nothing more for the deploys of a database.
    pub fn wait_until_left(&self, database: &str) {
        let mut session = self.session("postgres");
        let sql = "select count(*) from pg_stat_activity \
                   where datname = $1 and backend_type = 'client backend'";
        wait("the deploy's end", || {
            let rows = session.query(sql, &[Some(database)]).expect("it runs");
            rows.single() == Some("0")
        });
    }

    pub fn drop_database(&self, database: &str) {
        drop_database(&self.0.target(database)).expect("nobody uses it");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed for another reason shall not be told of these.
        let _ = self.0.stop();
        let _ = fs::remove_dir_all(self.0.folder());
    }
}

fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !done() {
        assert!(Instant::now() < deadline, "{what} does not come");
        sleep(Duration::from_millis(5));
    }
}
