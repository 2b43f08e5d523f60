//! Reads a folder of migrations.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::migration::{Migration as DieselMigration, MigrationSource};
use diesel::pg::Pg;
use diesel_migrations::{FileBasedMigrations, MigrationError};

use migrate_text::causes::Cause;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::regular_file::{self, LONGEST_SQL};
use migrate_text::source::SourceFile;

use super::metadata::{self, Metadata};
use super::migration::Migration;
use super::rules::Rules;
use super::timeline::History;

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
    // Looked through already, so only a change at this very moment can fail here. It must not
    // pass for an empty history.
    let mut sources: Vec<Box<dyn DieselMigration<Pg>>> = files.migrations().map_err(|error| {
        let mut problems = Problems(Vec::new());
        problems.add(ProblemKind::Unreadable {
            path: shown(folder, root),
            error: Cause::of(error),
        });
        problems
    })?;
    // The file system gives them in any order, and problems shall come in one.
    sources.sort_by_key(|source| source.name().to_string());
    let mut reader = Reader { rules, problems };
    let mut disk = Disk {
        root,
        problems: Problems(Vec::new()),
    };
    let mut migrations = Vec::new();
    for source in sources {
        let folder_name = source.name().to_string();
        let found = disk.files(&folder.join(&folder_name));
        reader.problems.0.append(&mut disk.problems.0);
        let Some(files) = found else { continue };
        migrations.push(Migration {
            version: source.name().version().to_string(),
            run_in_transaction: source.metadata().run_in_transaction(),
            ..reader.migration(folder_name, files)
        });
    }
    reader.finish(migrations)
}

fn diesel_source(folder: &Path, root: &Path) -> Result<FileBasedMigrations, ProblemKind> {
    if !folder.is_dir() {
        return Err(ProblemKind::NoMigrationsFolder(folder.to_owned()));
    }
    // Diesel reads them without looking whether they are files.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path().join("metadata.toml");
        regular_file::check(&path).map_err(|error| ProblemKind::Unreadable {
            path: shown(&path, root),
            error: Cause::of(error),
        })?;
    }
    FileBasedMigrations::from_path(folder).map_err(|error| match error {
        MigrationError::UnknownMigrationFormat(path) => ProblemKind::NotAMigration {
            path: shown(&path, root),
            reason: NO_UP_SQL,
        },
        other => ProblemKind::Unreadable {
            path: folder.to_owned(),
            error: Cause::of(other),
        },
    })
}

/// What a folder lacks that is no migration.
pub(super) const NO_UP_SQL: &str = "it has no `up.sql`";

/// The files of a migration.
pub(super) struct Files {
    pub(super) up: SourceFile,
    pub(super) down: Option<SourceFile>,
    pub(super) metadata: Option<SourceFile>,
}

/// Reads migrations from their files, and collects what is wrong with them.
pub(super) struct Reader<'r> {
    pub(super) rules: &'r Rules,
    pub(super) problems: Problems,
}

impl Reader<'_> {
    /// The migration, of which `metadata.toml` says whether it runs in a transaction.
    pub(super) fn migration(&mut self, folder_name: String, files: Files) -> Migration {
        let folder = files.up.path().parent().unwrap_or(Path::new(""));
        if files.up.text().is_empty() {
            self.problems.add(ProblemKind::NotAMigration {
                path: folder.to_owned(),
                reason: "its `up.sql` is empty; a comment is enough",
            });
        }
        let metadata = match &files.metadata {
            Some(file) => metadata::read(file, self.rules, &mut self.problems),
            None => Metadata::default(),
        };
        if metadata.database.is_none() && self.rules.databases.len() > 1 {
            self.problems.add(ProblemKind::DatabaseRequired {
                migration: folder_name.clone(),
                known: self.rules.databases.clone(),
            });
        }
        Migration {
            down: files.down,
            run_in_transaction: metadata.run_in_transaction,
            services: metadata.services,
            database: metadata.database,
            allow: metadata.allow,
            limits: metadata.limits,
            ..Migration::of_file(folder_name, files.up)
        }
    }

    /// The history, or all that is wrong with it.
    pub(super) fn finish(mut self, migrations: Vec<Migration>) -> Result<History, Problems> {
        let history = History::of(migrations).unwrap_or_else(|more| {
            self.problems.0.extend(more.0);
            History::default()
        });
        self.problems.into_result().map(|()| history)
    }
}

/// The files of a folder on disk.
struct Disk<'r> {
    root: &'r Path,
    problems: Problems,
}

impl Disk<'_> {
    fn files(&mut self, folder: &Path) -> Option<Files> {
        let up = self.file(&folder.join("up.sql"))?;
        Some(Files {
            up,
            down: self.optional(&folder.join("down.sql")),
            metadata: self.optional(&folder.join("metadata.toml")),
        })
    }

    fn optional(&mut self, path: &Path) -> Option<SourceFile> {
        // What leads round in a circle is there, though it cannot be read.
        let is_missing =
            fs::metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        (!is_missing).then(|| self.file(path)).flatten()
    }

    fn file(&mut self, path: &Path) -> Option<SourceFile> {
        let bytes = match regular_file::read(path, LONGEST_SQL) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problems.add(ProblemKind::Unreadable {
                    path: shown(path, self.root),
                    error: Cause::of(error),
                });
                return None;
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => Some(SourceFile::new(shown(path, self.root), text)),
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let newlines = before.iter().filter(|byte| **byte == b'\n').count();
                self.problems.add(ProblemKind::NotUtf8 {
                    path: shown(path, self.root),
                    line: newlines + 1,
                });
                None
            }
        }
    }
}

/// The path as messages show it.
pub(crate) fn shown(path: &Path, root: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}
