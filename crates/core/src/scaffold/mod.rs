//! A new workspace: files that compile, and a history that deploys.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

use crate::history::timestamp;

/// What to create.
#[derive(Debug, Clone)]
pub struct ScaffoldOptions {
    /// The folder; created if it does not exist.
    pub folder: PathBuf,
    /// The first service: a crate's name.
    pub service: String,
    /// The moment that becomes the first migration's version.
    pub now: SystemTime,
}

/// What was written and what was there already.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Scaffolded {
    /// New files, from the folder.
    pub created: Vec<PathBuf>,
    /// Files that were there, and are as they were.
    pub kept: Vec<PathBuf>,
}

/// Files of every workspace.
const FRAME: [(&str, &str); 5] = [
    ("migrate.toml", include_str!("template/migrate.toml")),
    ("diesel.toml", include_str!("template/diesel.toml")),
    (".env.local", include_str!("template/env.local")),
    (".env.docker", include_str!("template/env.docker")),
    (".gitignore", include_str!("template/gitignore")),
];

/// Files of a workspace that begins with nothing. One that has a history or a `Cargo.toml` has
/// its own.
const START: [(&str, &str); 8] = [
    ("Cargo.toml", include_str!("template/cargo.toml")),
    ("README.md", include_str!("template/readme.md")),
    ("schema.rs", include_str!("template/schema.rs")),
    (
        "services/{service}/Cargo.toml",
        include_str!("template/service/cargo.toml"),
    ),
    (
        "services/{service}/src/lib.rs",
        include_str!("template/service/lib.rs"),
    ),
    (
        "services/{service}/src/schema.rs",
        include_str!("template/service/schema.rs"),
    ),
    (
        "migrations/{version}_initial/up.sql",
        include_str!("template/migrations/initial/up.sql"),
    ),
    (
        "migrations/{version}_initial/down.sql",
        include_str!("template/migrations/initial/down.sql"),
    ),
];

/// Creates a workspace in a folder, or completes a Diesel project to one. No file that exists is
/// touched.
///
/// # Errors
///
/// Whatever the file system says, with the path.
pub fn scaffold(options: &ScaffoldOptions) -> Result<Scaffolded, (PathBuf, io::Error)> {
    let folder = &options.folder;
    let version = timestamp(options.now);
    let begins_with_nothing =
        !folder.join("migrations").exists() && !folder.join("Cargo.toml").exists();
    let fill = |text: &str| {
        text.replace("{service}", &options.service)
            .replace("{crate}", &options.service.replace('-', "_"))
            .replace("{version}", &version)
    };
    let mut files: Vec<(String, String)> = Vec::new();
    let metadata = "run_in_transaction = true\nservices = [\"{service}\"]\n";
    let service = "[services.{service}]\ncrate = \"services/{service}\"\nowns = [\"accounts\"]\n";
    // Beside a Diesel project's `.env` it would silently mean another database.
    let has_env = folder.join(".env").exists();
    for (path, text) in FRAME {
        if path == ".env.local" && has_env {
            continue;
        }
        let mut text = fill(text);
        if path == "migrate.toml" && begins_with_nothing {
            text.push_str(&format!("\n{}", fill(service)));
        }
        files.push((fill(path), text));
    }
    if begins_with_nothing {
        files.extend(START.map(|(path, text)| (fill(path), fill(text))));
        let path = "migrations/{version}_initial/metadata.toml";
        files.push((fill(path), fill(metadata)));
    }
    let mut done = Scaffolded::default();
    for (path, text) in files {
        let path = PathBuf::from(path);
        match write_new(&folder.join(&path), &text) {
            Ok(()) => done.created.push(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => done.kept.push(path),
            Err(error) => return Err((folder.join(path), error)),
        }
    }
    Ok(done)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}
