//! `new`: the next migration's files.

use std::path::Path;

use crate::error::Error;
use crate::history::create::{Created, NewMigration, create};
use migrate_text::problem::{ProblemKind, Problems};

use super::Migrator;
use super::options::NewOptions;

impl Migrator {
    /// Writes an empty migration: folder, `up.sql`, `down.sql` and `metadata.toml`. Its version is
    /// the next after those in the workspace's folder, whatever other history was given.
    pub fn new_migration(&self, options: &NewOptions) -> Result<Created, Error> {
        let workspace = &self.workspace;
        if !options.name.chars().any(char::is_alphanumeric) {
            let mut problems = Problems(Vec::new());
            problems.add(ProblemKind::BadValue {
                key: "NAME".to_owned(),
                expected: "a name with letters or digits in it",
            });
            return Err(problems.into());
        }
        let service = match &options.service {
            Some(name) => Some(workspace.service(name)?),
            None => None,
        };
        let databases = workspace.database_names();
        let named = match &options.database {
            Some(name) => Some(workspace.known_database(name)?),
            None => None,
        };
        let database = match (named, service) {
            _ if databases.len() < 2 => None,
            (Some(name), _) => Some(name),
            (None, Some(service)) => Some(workspace.database_of(service)?),
            (None, None) => {
                let mut problems = Problems(Vec::new());
                problems.add(ProblemKind::AmbiguousDatabase { known: databases });
                return Err(problems.into());
            }
        };
        let new = NewMigration {
            name: options.name.clone(),
            services: options.service.iter().cloned().collect(),
            database,
            now: options.now,
        };
        let folder = workspace.migrations();
        std::fs::create_dir_all(folder).map_err(io(folder))?;
        let history = self.history_on_disk()?;
        create(folder, &history, &new).map_err(io(folder))
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::Io { path, error }
}
