//! Killed at any moment, the next deploy ends as if nothing had happened, and until then `status`
//! tells the truth.
//!
//! `cargo test -p migrate-cli --test killed` kills 30 times, and with `-- --ignored` 300 times.
//! Each prints its seed; `KILL_SEED=...` repeats it, as far as time itself repeats.

mod history;
mod picture;
mod server;
mod truth;

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use fastrand::Rng;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use history::Migration;
use picture::Picture;
use server::Server;

#[test]
fn thirty_kills() {
    Run::new(30, KILLED).all();
}

/// The long run.
#[test]
#[ignore = "takes minutes"]
fn three_hundred_kills() {
    Run::new(300, KILLED).all();
}

/// The deploys of one database are killed so often, if they last.
const KILLS_PER_DATABASE: usize = 4;

/// A signal asks the migration that runs to end, whenever it comes: in the middle of it, between
/// two messages, before the first.
#[test]
fn a_signal_ends_the_migration_whenever_it_comes() {
    let victims = &[
        Victim::Asked(Signal::SIGINT),
        Victim::Asked(Signal::SIGTERM),
    ];
    Run::new(12, victims).all();
}

/// A server, a history, and what is to come of it.
struct Run {
    kills: usize,
    victims: &'static [Victim],
    random: Rng,
    server: Server,
    workspace: TempDir,
    history: Vec<Migration>,
    /// How long a deploy takes that nobody disturbs, and what is in the database then.
    undisturbed: (Duration, Picture),
}

/// What is killed.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Tool,
    Backend,
    Server,
    /// The tool, by a signal after which it may still say something.
    Asked(Signal),
}

/// A server takes longer to come back.
const KILLED: &[Victim] = &[
    Victim::Tool,
    Victim::Tool,
    Victim::Backend,
    Victim::Backend,
    Victim::Server,
];

impl Run {
    fn new(kills: usize, victims: &'static [Victim]) -> Self {
        let seed = std::env::var("KILL_SEED").ok();
        let seed = seed.map_or_else(|| fastrand::u64(..), |seed| seed.parse().expect("a number"));
        println!("KILL_SEED={seed}");
        let workspace = TempDir::with_prefix("killed").expect("a temporary folder can be created");
        let toml = "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n";
        fs::write(workspace.path().join("migrate.toml"), toml).expect("it can be written");
        let history = history::all();
        for migration in &history {
            migration.write(&workspace.path().join("migrations"));
        }
        let mut run = Self {
            kills,
            victims,
            random: Rng::with_seed(seed),
            server: Server::start(workspace.path()),
            workspace,
            history,
            undisturbed: (Duration::ZERO, Picture::default()),
        };
        run.undisturbed = run.deploy_undisturbed();
        println!("an undisturbed deploy takes {:?}", run.undisturbed.0);
        run
    }

    fn deploy_undisturbed(&self) -> (Duration, Picture) {
        let started = Instant::now();
        let output = self.command("undisturbed", "deploy").output();
        let output = output.expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        let took = started.elapsed();
        let picture = Picture::of(&self.server, "undisturbed");
        (took, picture)
    }

    /// Kills so often, in one database after the other.
    fn all(&mut self) {
        let mut killed = 0;
        for number in 0.. {
            if killed == self.kills {
                break;
            }
            let database = format!("killed_{number}");
            let most = KILLS_PER_DATABASE.min(self.kills - killed);
            killed += self.one(&database, most);
            self.finish(&database);
        }
    }

    /// Kills the deploys of one database at moments drawn over the length of an undisturbed one.
    /// Gives how often.
    fn one(&mut self, database: &str, most: usize) -> usize {
        let length = self.undisturbed.0;
        let mut moments: Vec<Duration> = (0..most)
            .map(|_| length.mul_f64(self.random.f64()))
            .collect();
        moments.sort();
        let mut worked = Duration::ZERO;
        for (killed, moment) in moments.into_iter().enumerate() {
            let Some(deploy) = self.still_runs_after(database, moment - worked) else {
                return killed;
            };
            worked = moment;
            let victim = self.victims[self.random.usize(0..self.victims.len())];
            let what = format!("{victim:?} of {database} at {moment:?}");
            println!("{what}");
            self.kill(victim, deploy, database);
            self.check_status(database, &what);
        }
        most
    }

    fn kill(&self, victim: Victim, mut deploy: Child, database: &str) {
        match victim {
            Victim::Tool => deploy.kill().expect("nobody has waited for it"),
            Victim::Backend => self.server.terminate(database),
            Victim::Server => self.server.crash(),
            Victim::Asked(signal) => {
                let pid = Pid::from_raw(i32::try_from(deploy.id()).expect("a pid"));
                kill(pid, signal).expect("nobody has waited for it");
            }
        }
        let killed = Instant::now();
        let output = deploy.wait_with_output().expect("it was started by us");
        let told = String::from_utf8_lossy(&output.stderr);
        if let Victim::Asked(signal) = victim {
            // What it does takes no second, but other tests may have the machine.
            assert!(killed.elapsed() < Duration::from_secs(10), "{told}");
            // One that has just ended is done.
            let codes = [Some(0), Some(128 + signal as i32)];
            assert!(codes.contains(&output.status.code()), "{told}");
        }
        if told.contains("error[") {
            assert!(told.contains("= state:"), "{told}");
            let in_migration = told.contains("migration 2026");
            assert!(!in_migration || told.contains("= next:"), "{told}");
        }
        // The server goes on with a message that it has.
        self.server.wait_until_left(database);
    }

    fn check_status(&self, database: &str, what: &str) {
        let output = self.command(database, "status --format json").output();
        let output = output.expect("the binary runs");
        let status = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "after {what}: {status}");
        if let Err(lie) = truth::compare(&self.history, &status, &self.server, database) {
            panic!("after {what}: {lie}");
        }
    }

    /// One more deploy, and all is as it would have been.
    fn finish(&mut self, database: &str) {
        while let Err(told) = ended(self.spawn(database)) {
            self.settle(database, &told);
        }
        let picture = Picture::of(&self.server, database);
        let difference = self.undisturbed.1.difference(&picture);
        assert!(difference.is_empty(), "{database}:\n{difference}");
        self.server.drop_database(database);
    }

    /// Does what a deploy has said is to be done, where it was in doubt.
    fn settle(&mut self, database: &str, told: &str) {
        assert!(told.contains("error[doubt]"), "{database}: {told}");
        let mut all = self.history.iter();
        let migration = all.find(|one| told.contains(&format!("--retry {}", one.version)));
        let migration = migration.expect("it says what to type");
        let applied = format!("resolve --applied {}", migration.version);
        assert!(told.contains(&applied), "{told}");
        let line = match truth::last_happened(migration, &self.server, database) {
            true => applied,
            false => format!("resolve --retry {}", migration.version),
        };
        println!("{line} in {database}");
        let output = self.command(database, &line).output();
        let output = output.expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {told}");
    }

    /// A deploy that runs so long, or none when it has ended well by then.
    fn still_runs_after(&mut self, database: &str, time: Duration) -> Option<Child> {
        let mut deploy = self.spawn(database);
        let mut until = Instant::now() + time;
        while Instant::now() < until {
            if deploy.try_wait().expect("it was started by us").is_some() {
                match ended(deploy) {
                    Ok(()) => return None,
                    Err(told) => self.settle(database, &told),
                }
                deploy = self.spawn(database);
                until = Instant::now() + time;
            }
            sleep(Duration::from_millis(1));
        }
        Some(deploy)
    }

    fn spawn(&self, database: &str) -> Child {
        let mut command = self.command(database, "deploy");
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("the binary runs")
    }

    fn command(&self, database: &str, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
        command
            .current_dir(self.workspace.path())
            .args(line.split(' '))
            .env("DATABASE_URL", self.server.url(database));
        command
    }
}

/// How a deploy ended; what it told where it did not end well.
fn ended(deploy: Child) -> Result<(), String> {
    let output = deploy.wait_with_output().expect("it was started by us");
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
