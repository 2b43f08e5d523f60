//! Reads a folder of migrations.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use diesel::migration::{Migration as DieselMigration, MigrationSource};
use diesel::pg::Pg;
use diesel_migrations::{FileBasedMigrations, MigrationError};

use migrate_text::checksum::Checksum;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::source::SourceFile;

use super::metadata::{self, Metadata};
use super::{History, Migration};

/// Diesel's table has `version varchar(50)`: src/migration in Diesel.
const LONGEST_VERSION: usize = 50;

/// What migrations may name, and how strictly they are read.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The configured databases. Where there are several, each migration has to name one.
    pub databases: Vec<String>,
    /// The configured services.
    pub services: Vec<String>,
    /// Whether `metadata.toml` has to say `run_in_transaction`. Not so in a plain Diesel project,
    /// where a file without it means `false`.
    pub strict: bool,
}

/// Reads all migrations of `folder`. Files are shown in messages relative to `root`.
///
/// Reports every folder that is no migration, all that is wrong in any `metadata.toml`, and
/// versions that stand twice.
pub fn read(folder: &Path, root: &Path, rules: &Rules) -> Result<History, Problems> {
    let mut problems = Problems(Vec::new());
    let files = diesel_source(folder, root).map_err(|kind| {
        problems.add(kind);
        problems.clone()
    })?;
    let mut reader = Reader {
        root,
        rules,
        problems,
    };
    // Looked through already, so only a change at this very moment can fail here. It must not
    // pass for an empty history.
    let mut sources: Vec<Box<dyn DieselMigration<Pg>>> = files.migrations().map_err(|error| {
        let mut problems = Problems(Vec::new());
        problems.add(ProblemKind::Unreadable {
            path: shown(folder, root),
            reason: error.to_string(),
        });
        problems
    })?;
    // The file system gives them in any order, and problems shall come in one.
    sources.sort_by_key(|source| source.name().to_string());
    let mut migrations: Vec<Migration> = sources
        .iter()
        .filter_map(|source| reader.migration(folder, source.as_ref()))
        .collect();
    migrations.sort_by(|a, b| (&a.version, &a.folder_name).cmp(&(&b.version, &b.folder_name)));
    reader.check_versions(&migrations);
    reader.problems.into_result()?;
    Ok(History {
        folder: folder.to_owned(),
        migrations: migrations.into_iter().map(Arc::new).collect(),
    })
}

fn diesel_source(folder: &Path, root: &Path) -> Result<FileBasedMigrations, ProblemKind> {
    if !folder.is_dir() {
        return Err(ProblemKind::NoMigrationsFolder(folder.to_owned()));
    }
    FileBasedMigrations::from_path(folder).map_err(|error| match error {
        MigrationError::UnknownMigrationFormat(path) => ProblemKind::NotAMigration {
            path: shown(&path, root),
            reason: "it has no `up.sql`",
        },
        other => ProblemKind::Unreadable {
            path: folder.to_owned(),
            reason: other.to_string(),
        },
    })
}

struct Reader<'r> {
    root: &'r Path,
    rules: &'r Rules,
    problems: Problems,
}

impl Reader<'_> {
    fn migration(&mut self, folder: &Path, source: &dyn DieselMigration<Pg>) -> Option<Migration> {
        let folder_name = source.name().to_string();
        let folder = folder.join(&folder_name);
        let up = self.file(&folder.join("up.sql"))?;
        let down = folder.join("down.sql");
        let down = down.exists().then(|| self.file(&down)).flatten();
        if up.text().is_empty() {
            self.problems.add(ProblemKind::NotAMigration {
                path: self.shown(&folder),
                reason: "its `up.sql` is empty; a comment is enough",
            });
        }
        let metadata = folder.join("metadata.toml");
        let metadata = match metadata.exists().then(|| self.file(&metadata)).flatten() {
            Some(file) => metadata::read(&file, self.rules, &mut self.problems),
            None => Metadata::default(),
        };
        if metadata.database.is_none() && self.rules.databases.len() > 1 {
            self.problems.add(ProblemKind::DatabaseRequired {
                migration: folder_name.clone(),
                known: self.rules.databases.clone(),
            });
        }
        let version = source.name().version().to_string();
        let length = version.chars().count();
        if length > LONGEST_VERSION {
            self.problems.add(ProblemKind::VersionTooLong {
                migration: folder_name.clone(),
                length,
                longest: LONGEST_VERSION,
            });
        }
        Some(Migration {
            version,
            run_in_transaction: source.metadata().run_in_transaction(),
            services: metadata.services,
            database: metadata.database,
            allow: metadata.allow,
            limits: metadata.limits,
            folder_name,
            folder,
            checksum: Checksum::of(up.text()),
            up,
            down,
        })
    }

    fn file(&mut self, path: &Path) -> Option<SourceFile> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problems.add(ProblemKind::Unreadable {
                    path: self.shown(path),
                    reason: error.to_string(),
                });
                return None;
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => Some(SourceFile::new(self.shown(path), text)),
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let newlines = before.iter().filter(|byte| **byte == b'\n').count();
                self.problems.add(ProblemKind::NotUtf8 {
                    path: self.shown(path),
                    line: newlines + 1,
                });
                None
            }
        }
    }

    fn check_versions(&mut self, migrations: &[Migration]) {
        for pair in migrations.windows(2) {
            if pair[0].version == pair[1].version {
                self.problems.add(ProblemKind::DuplicateVersion {
                    version: pair[0].version.clone(),
                    first: pair[0].folder_name.clone(),
                    second: pair[1].folder_name.clone(),
                });
            }
        }
    }

    fn shown(&self, path: &Path) -> PathBuf {
        shown(path, self.root)
    }
}

/// The path as messages show it.
pub(super) fn shown(path: &Path, root: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}
