//! A server with a template of the database that is attacked, and databases cloned from it.

use migrate_core::error::{Error, ExecuteError};
use migrate_core::event::Unobserved;
use migrate_core::migrator::{Client, DeployOptions, Migrator};
use migrate_core::workspace::{OpenOptions, Workspace};
use migrate_postgres::embedded::EmbeddedOptions;
use migrate_text::variables::Variables;
use tempfile::TempDir;
use testkit::OwnServer;

use crate::case::Case;
use crate::fingerprint::{self, Fingerprint};
use crate::tables::Wall;
use crate::world::{self, Migration};

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// By a wall, in these words.
    Refused(Wall, String),
    /// By the server, or for its form.
    Invalid(String),
}

/// What a case did.
pub struct Attempt {
    pub outcome: Outcome,
    /// Whether anything is otherwise than before, beside the ledger.
    pub changed: bool,
    /// What is, and is not of its services.
    pub beyond: Vec<String>,
}

/// A server with the template, and the clone that is at hand.
pub struct Place {
    server: OwnServer,
    folder: TempDir,
    base: Vec<Migration>,
    query: String,
    clones: usize,
    fingerprint: Option<Fingerprint>,
    clone: Option<Clone>,
}

/// A database that is still as the template was.
struct Clone {
    name: String,
    fingerprint: Fingerprint,
}

impl Place {
    pub fn new() -> Self {
        let server = OwnServer::stopped();
        // It is gone with the test, and nobody but us writes to it.
        server.configure(
            "autovacuum = off\nfull_page_writes = off\nsynchronous_commit = off\njit = off",
        );
        server.up();
        for role in ["auth", "post", "shared", "spare"] {
            server.execute(&[&format!("create role law_{role} login")]);
        }
        server.execute(&[
            "create role law_super superuser",
            "create database law_other",
            "create database case_template",
        ]);
        let folder = TempDir::new().expect("a temporary folder can be created");
        std::fs::write(folder.path().join("migrate.toml"), world::MANIFEST).expect("it is ours");
        let mut place = Self {
            server,
            folder,
            base: world::base(),
            query: String::new(),
            clones: 0,
            fingerprint: None,
            clone: None,
        };
        place.build();
        place
    }

    fn build(&mut self) {
        match self.deploy("case_template", None) {
            Outcome::Passed => {}
            other => panic!("the base does not apply: {other:?}"),
        }
        let mut session = self.server.session("case_template");
        self.query = fingerprint::query(&mut session);
    }

    /// Runs the history with one more migration on a database.
    fn deploy(&self, database: &str, attack: Option<&Case>) -> Outcome {
        let url = self.server.url(database);
        let variables: Variables = [("DATABASE_URL".to_owned(), url)].into_iter().collect();
        let embedded = EmbeddedOptions::from_variables(&variables);
        let workspace = Workspace::open(OpenOptions {
            directory: self.folder.path().to_owned(),
            environment: "local".to_owned(),
            variables,
        });
        let client = Client {
            host: "here".to_owned(),
            pid: 1,
            tool_version: "1.0".to_owned(),
        };
        let mut migrations = self.base.clone();
        migrations.extend(attack.map(|case| Migration::of(case, database)));
        let history = match world::history(&migrations) {
            Ok(history) => history,
            Err(problems) => return Outcome::Invalid(problems.to_string()),
        };
        let migrator = Migrator::new(workspace.expect("is valid"), embedded, client);
        let migrator = migrator.with_history(history);
        match migrator.deploy(&DeployOptions::default(), &Unobserved) {
            Ok(_) => Outcome::Passed,
            Err(error) => outcome(&error),
        }
    }

    /// Runs a case on a clone, and tells what it did there.
    pub fn attempt(&mut self, case: &Case) -> Attempt {
        let clone = match self.clone.take() {
            Some(clone) => clone,
            None => self.fresh(),
        };
        let outcome = self.deploy(&clone.name, Some(case));
        let after = self.read(&clone.name);
        let beyond = match &after {
            Some(after) => clone.fingerprint.beyond(after, case.own()),
            None => vec!["it does not let in any more".to_owned()],
        };
        let changed = after.as_ref() != Some(&clone.fingerprint);
        // Outside of a transaction the ledger knows of an attempt that is to be gone on with.
        if !changed && outcome != Outcome::Passed && !case.form.is_outside() {
            self.clone = Some(clone);
        } else {
            self.try_to(&format!(
                "drop database if exists {} with (force)",
                clone.name
            ));
        }
        Attempt {
            outcome,
            changed,
            beyond,
        }
    }

    /// Undoes what a case has done to the whole server.
    pub fn undo(&mut self, sql: &str) {
        self.try_to(sql);
        // A role that was made anew is another one.
        self.fingerprint = None;
    }

    /// Runs SQL of the superuser that may fail.
    fn try_to(&self, sql: &str) {
        let _ = self.server.session("postgres").execute(sql);
    }

    fn fresh(&mut self) -> Clone {
        self.clones += 1;
        let name = format!("case_{}", self.clones);
        self.server
            .execute(&[&format!("create database {name} template case_template")]);
        if self.fingerprint.is_none() {
            self.fingerprint = self.read(&name);
        }
        let fingerprint = self.fingerprint.clone().expect("a new database lets in");
        Clone { name, fingerprint }
    }

    fn read(&self, database: &str) -> Option<Fingerprint> {
        let target = migrate_postgres::target::Target::parse(&self.server.url(database)).ok()?;
        let mut session = migrate_postgres::Session::connect(&target).ok()?;
        session.execute("set statement_timeout = 0").ok()?;
        Some(Fingerprint::of(&mut session, &self.query))
    }
}

fn outcome(error: &Error) -> Outcome {
    match error {
        Error::Ownership(_) => Outcome::Refused(Wall::Text, words(error)),
        Error::Execute {
            error: ExecuteError::Breach(_),
            ..
        } => Outcome::Refused(Wall::Transaction, words(error)),
        Error::Stopped { error, .. } => outcome(error),
        other => Outcome::Invalid(words(other)),
    }
}

fn words(error: &Error) -> String {
    migrate_text::causes::with_causes(error)
}
