//! A workspace for one test, and the real binary run in it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;
use tempfile::TempDir;

use crate::{Database, Running};

/// A folder with `migrate.toml`, whose database `main` is this test's own.
pub struct Workspace {
    folder: TempDir,
    program: PathBuf,
    database: Database,
    /// What else differs from run to run.
    hidden: Vec<(String, &'static str)>,
}

impl Workspace {
    /// A workspace with a `migrate.toml` of two services, `auth` and `post`, and a database that
    /// does not exist yet. `program` is the binary to test.
    ///
    /// # Panics
    ///
    /// Like all of this type's functions, when the file system refuses.
    pub fn new(program: &str) -> Self {
        let workspace = Self::empty(program);
        workspace.write(
            "migrate.toml",
            "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
             [services.auth]\nowns = [\"users\"]\n\n\
             [services.post]\nowns = [\"posts\"]\nreads = [\"users\"]\n",
        );
        fs::create_dir(workspace.path("migrations")).expect("the folder can be created");
        workspace
    }

    /// A folder with nothing but `.env.local`.
    pub fn empty(program: &str) -> Self {
        let workspace = Self {
            folder: TempDir::with_prefix("workspace").expect("a temporary folder can be created"),
            program: PathBuf::from(program),
            database: Database::reserve(),
            hidden: Vec::new(),
        };
        let url = workspace.database.url();
        workspace.write(".env.local", &format!("DATABASE_URL='{url}'\n"));
        workspace
    }

    /// Has the database `main` at another URL.
    pub fn set_url(&self, url: &str) {
        self.write(".env.local", &format!("DATABASE_URL='{url}'\n"));
    }

    /// Shows something else instead of a text that differs from run to run.
    pub fn hide(&mut self, text: impl ToString, shown: &'static str) {
        self.hidden.push((text.to_string(), shown));
    }

    /// The test's own database: `main`.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A path in the workspace.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("the folder can be created");
        }
        fs::write(path, text).expect("the file can be written");
    }

    /// Adds a migration of service `auth`.
    pub fn migration(&self, name: &str, up: &str, down: &str) {
        self.migration_with(
            name,
            up,
            down,
            "run_in_transaction = true\nservices = [\"auth\"]\n",
        );
    }

    /// Adds a migration with its own `metadata.toml`.
    pub fn migration_with(&self, name: &str, up: &str, down: &str, metadata: &str) {
        self.write(&format!("migrations/{name}/up.sql"), up);
        self.write(&format!("migrations/{name}/down.sql"), down);
        self.write(&format!("migrations/{name}/metadata.toml"), metadata);
    }

    /// Removes a migration's folder.
    pub fn remove_migration(&self, name: &str) {
        fs::remove_dir_all(self.path("migrations").join(name)).expect("the migration was there");
    }

    /// The binary, to be run in this workspace with none of our own variables.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(self.folder.path());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("DATABASE") || name.starts_with("MIGRATE_") {
                command.env_remove(&*name);
            }
        }
        command
    }

    /// Runs a command line, words split at spaces.
    pub fn run(&self, line: &str) -> Run {
        self.run_with(line, &[])
    }

    /// Runs a command line with more variables.
    pub fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> Run {
        let output = self
            .command()
            .args(line.split_whitespace())
            .envs(variables.iter().copied())
            .output()
            .expect("the binary runs");
        Run {
            line: line.to_owned(),
            output,
            hidden: self.hidden(),
        }
    }

    /// Begins a command line.
    pub fn spawn(&self, line: &str) -> Running {
        self.spawn_with(line, &[])
    }

    /// Begins a command line with more variables.
    pub fn spawn_with(&self, line: &str, variables: &[(&str, &str)]) -> Running {
        let mut command = self.command();
        command
            .args(line.split_whitespace())
            .envs(variables.iter().copied());
        Running::begin(command)
    }

    /// Waits for the end of what was begun.
    #[track_caller]
    pub fn end(&self, line: &str, running: Running) -> Run {
        Run {
            line: line.to_owned(),
            output: running.output(),
            hidden: self.hidden(),
        }
    }

    /// What differs from run to run, and what a snapshot shows instead.
    fn hidden(&self) -> Vec<(String, &'static str)> {
        let text = |path: &Path| path.display().to_string();
        let folder = self.folder.path();
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let socket = self.database.target().get("host").unwrap_or_default();
        let mut hidden = self.hidden.clone();
        hidden.extend([
            (text(&real), "[workspace]"),
            (text(folder), "[workspace]"),
            (socket.to_owned(), "[socket]"),
            // The same in a URL.
            (socket.replace('/', "%2F"), "[socket]"),
            (self.database.name().to_owned(), "[database]"),
        ]);
        hidden
    }
}

/// A finished run. Displays as what a person saw, with all that differs from run to run replaced.
pub struct Run {
    line: String,
    output: Output,
    hidden: Vec<(String, &'static str)>,
}

impl Run {
    /// The exit code; -1 after a signal.
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    /// Standard output as it was.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Standard error as it was.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Shows something else that differs from run to run as this.
    #[must_use]
    pub fn hiding(mut self, hidden: &str, shown: &'static str) -> Self {
        self.hidden.insert(0, (hidden.to_owned(), shown));
        self
    }

    /// Standard output with all that differs from run to run replaced.
    pub fn stdout_filtered(&self) -> String {
        self.filtered(&self.stdout())
    }

    /// Makes sure that it went well.
    ///
    /// # Panics
    ///
    /// When it did not.
    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(self.code(), 0, "{self}");
        self
    }

    fn filtered(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (hidden, shown) in &self.hidden {
            text = text.replace(hidden, shown);
        }
        for (pattern, shown) in [
            (r" *(<1 ms|\b\d+ ms|\b\d+\.\d s\b)", " [time]"),
            (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?(\+\d\d)?", "[moment]"),
            (r#""duration_ms": [0-9.e-]+"#, r#""duration_ms": 0"#),
            (r"migrate \d+@\S+", "migrate [pid]@[host]"),
            (
                r"postgres@[a-zA-Z0-9_.-]+  migrate \S+",
                "postgres@[host]  migrate [version]",
            ),
            (r#""host": "[^"]+""#, r#""host": "[host]""#),
            (
                r#""tool_version": "[^"]+""#,
                r#""tool_version": "[version]""#,
            ),
            (r"server process \d+", "server process [pid]"),
            (
                r"pg_terminate_backend\(\d+\)",
                "pg_terminate_backend([pid])",
            ),
        ] {
            let pattern = Regex::new(pattern).expect("the pattern is a constant");
            text = pattern.replace_all(&text, shown).into_owned();
        }
        text
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ migrate {}", self.filtered(&self.line))?;
        for (name, text) in [("stderr", self.stderr()), ("stdout", self.stdout())] {
            if !text.is_empty() {
                writeln!(f, "--- {name}")?;
                writeln!(f, "{}", self.filtered(&text).trim_end())?;
            }
        }
        write!(f, "--- exit {}", self.code())
    }
}
