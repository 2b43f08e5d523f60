//! Where the commands of a page run: a copy of this workspace, with a server of its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use regex::{Captures, Regex};
use tempfile::TempDir;

use crate::page::Command;
use crate::root;

/// What of this workspace is copied.
const COPIED: [&str; 7] = [
    "migrate.toml",
    "diesel.toml",
    "schema.rs",
    "migrations",
    "services",
    ".env.docker",
    ".gitignore",
];

/// Where pages say that things are.
const SHOWN_WORKSPACE: &str = "/home/ada/shop";
const SHOWN_STATE: &str = "/home/ada/.local/state/migrate";

/// A copy of this workspace.
pub struct Place {
    folder: TempDir,
    filters: Vec<(Regex, &'static str)>,
    /// Versions of migrations that a page writes: as the page says, and as they are.
    versions: Vec<(String, String)>,
}

/// A command that has run.
pub struct Run {
    /// What it printed, with paths as pages show them.
    pub output: String,
    /// Its exit code.
    pub code: i32,
}

impl Place {
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("docs").expect("a temporary folder can be created");
        let place = Self {
            folder,
            filters: filters(),
            versions: Vec::new(),
        };
        for path in ["", "state", "bin", "shop"] {
            let path = place.path(path);
            fs::create_dir_all(&path).expect("the folder can be created");
            // As root the server runs as another user, who has to get through.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        }
        for name in COPIED {
            copy(&root().join(name), &place.path("shop").join(name));
        }
        let local = "DATABASE_URL=embedded:\n";
        fs::write(place.path("shop/.env.local"), local).expect("the file can be written");
        let program = env!("CARGO_BIN_EXE_migrate");
        symlink(program, place.path("bin/migrate")).expect("the link can be made");
        if testkit::server_version() < 15 {
            place.close_public_schema();
        }
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Takes from everybody what a new database gives them before 15 only: the right to create in
    /// the schema `public`. Pages show what there is to take since then.
    fn close_public_schema(&self) {
        let output = self
            .shell(
                "migrate db start && \
                 psql \"$(migrate db url | sed s,/main,/template1,)\" \
                     -c 'revoke create on schema public from public' && \
                 migrate db stop",
            )
            .output()
            .expect("there is a shell");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
    }

    /// Runs a command as the page has it.
    pub fn run(&mut self, command: &Command) -> Run {
        let mut script = command.script.clone();
        for (said, real) in &self.versions {
            script = script.replace(said, real);
        }
        let output = self.shell(&script).output().expect("there is a shell");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        self.learn_versions(&command.output.join("\n"), &text);
        Run {
            output: self.shown(&text),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// A shell in the workspace, which knows none of our own variables.
    fn shell(&self, script: &str) -> std::process::Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(self.path("shop"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOME", self.path(""))
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let theirs = ["DATABASE", "MIGRATE_", "PG", "XDG_"];
            if name != "PG_BIN" && theirs.into_iter().any(|start| name.starts_with(start)) {
                shell.env_remove(&*name);
            }
        }
        shell.env("MIGRATE_EMBEDDED_DIR", self.path("state"));
        shell
    }

    /// Where the page says `created migrations/20251201090000_x`, the version is another today.
    fn learn_versions(&mut self, said: &str, printed: &str) {
        let folder = Regex::new(r"\b(\d{14})_([\w-]+)").expect("the pattern is valid");
        for real in folder.captures_iter(printed) {
            let said = folder
                .captures_iter(said)
                .find(|said| said[2] == real[2] && said[1] != real[1]);
            let Some(said) = said else { continue };
            let pair = (said[1].to_owned(), real[1].to_owned());
            if !self.versions.contains(&pair) {
                self.versions.push(pair);
            }
        }
    }

    /// The text as pages show it: this run's paths and versions replaced.
    fn shown(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (said, real) in &self.versions {
            text = text.replace(real, said);
        }
        for (folder, shown) in [("shop", SHOWN_WORKSPACE), ("state", SHOWN_STATE)] {
            let path = self.path(folder);
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            for path in [real, path] {
                let path = path.display().to_string();
                text = text.replace(&path, shown);
                // The same in a URL.
                text = text.replace(&path.replace('/', "%2F"), &shown.replace('/', "%2F"));
            }
        }
        // No machine's name gets into a page by `UPDATE_DOCS`.
        let host = Regex::new(r#"(postgres@|"host": "|migrate \d+@)[\w.-]+(  migrate|"| as )"#);
        let host = host.expect("the pattern is valid");
        host.replace_all(&text, "${1}laptop${2}").into_owned()
    }

    /// A text in which everything that differs from run to run is replaced by its kind.
    pub fn normal(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, kind) in &self.filters {
            let replaced = pattern.replace_all(&text, |found: &Captures<'_>| {
                kind.replace("$1", found.get(1).map_or("", |group| group.as_str()))
            });
            text = replaced.into_owned();
        }
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Not by `migrate db stop`: a page may have made more than one workspace.
        for server in fs::read_dir(self.path("state"))
            .into_iter()
            .flatten()
            .flatten()
        {
            stop(&server.path().join("data/postmaster.pid"));
        }
    }
}

/// Stops a server as `pg_ctl stop -m immediate` does, and waits until it is gone: its data is
/// about to be removed.
fn stop(pid_file: &Path) {
    let Ok(text) = fs::read_to_string(pid_file) else {
        return;
    };
    let number = text.lines().next().and_then(|line| line.parse().ok());
    let Some(pid) = number.map(Pid::from_raw) else {
        return;
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    let _ = kill(pid, Signal::SIGQUIT);
    while kill(pid, None).is_ok() && Instant::now() < deadline {
        sleep(Duration::from_millis(20));
    }
}

/// What differs from run to run.
fn filters() -> Vec<(Regex, &'static str)> {
    [
        (r" *(?:<1 ms|\b\d+ ms|\b\d+\.\d s|\b\d+ min)\b", " [time]"),
        (
            r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::\d\d)?)?",
            "[moment]",
        ),
        (r#"("duration_ms": )[0-9.e-]+"#, "$1[time]"),
        (r"PostgreSQL \d+(?:\.\d+)?", "PostgreSQL [version]"),
        (r"migrate \d+\.\d+\.\d+", "migrate [version]"),
        (r#"("tool_version": )"[^"]+""#, "$1[version]"),
        (r"migrate \d+@[\w.-]+", "migrate [process]"),
        (r"(postgres@)[\w.-]+  migrate", "$1[host]  migrate"),
        (r#"("host": )"[^"]+""#, "$1[host]"),
        (r"server process \d+", "server process [process]"),
        (r"(pg_terminate_backend)\(\d+\)", "$1([process])"),
        // The folder of a workspace's server. In a URL `%2F` stands before it.
        (r"(%2F|/)[0-9a-f]{12}\b", "$1[workspace]"),
        (r"(%2F|/)[0-9a-f]{12}%2F", "$1[workspace]%2F"),
    ]
    .map(|(pattern, kind)| (Regex::new(pattern).expect("the pattern is valid"), kind))
    .into()
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).expect("the file can be copied");
        return;
    }
    fs::create_dir_all(to).expect("the folder can be created");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
