//! A history inside the program: for a container that needs nothing but its image, and for tests.

use std::collections::BTreeMap;
use std::path::Path;

use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::source::SourceFile;

use super::read::{Files, NO_UP_SQL, Reader};
use super::rules::Rules;
use super::timeline::History;

impl History {
    /// Reads all migrations of a folder that was compiled into the program. `files` are its files
    /// by their paths below the folder of migrations, `20250101_users/up.sql`, as
    /// `include_dir::include_dir!` gives them. Reads what [`read`](super::read) would read of the
    /// same folder on disk.
    ///
    /// # Errors
    ///
    /// Every folder that is no migration, all that is wrong in any `metadata.toml`, and versions
    /// that stand twice.
    pub fn embedded<'f>(
        files: impl IntoIterator<Item = (&'f Path, &'f str)>,
        rules: &Rules,
    ) -> Result<Self, Problems> {
        let mut folders: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for (path, text) in files {
            // What does not lie in a folder is none of Diesel's either, nor what is hidden.
            if let Some((folder, file)) = path.to_str().and_then(|path| path.split_once('/'))
                && !folder.starts_with('.')
            {
                folders.entry(folder).or_default().insert(file, text);
            }
        }
        let mut reader = Reader {
            rules,
            problems: Problems(Vec::new()),
        };
        let mut migrations = Vec::new();
        for (folder, texts) in folders {
            let file = |name: &str| {
                let text = texts.get(name)?;
                Some(SourceFile::new(Path::new(folder).join(name), *text))
            };
            let Some(up) = file("up.sql") else {
                reader.problems.add(ProblemKind::NotAMigration {
                    path: folder.into(),
                    reason: NO_UP_SQL,
                });
                continue;
            };
            let files = Files {
                up,
                down: file("down.sql"),
                metadata: file("metadata.toml"),
            };
            migrations.push(reader.migration(folder.to_owned(), files));
        }
        reader.finish(migrations)
    }
}
