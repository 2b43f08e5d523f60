//! The names that a workspace has. One that cannot be opened has none: nobody reads an error there.

use std::path::PathBuf;

use clap_complete::engine::CompletionCandidate;
use migrate_core::migrator::Migrator;
use migrate_core::workspace::{OpenOptions, Workspace};
use migrate_postgres::embedded::EmbeddedOptions;
use migrate_text::variables::Variables;

use crate::session::client;

/// The databases of `migrate.toml`.
pub fn databases() -> Vec<CompletionCandidate> {
    candidates(|workspace| Some(workspace.database_names()))
}

/// The services of `migrate.toml`.
pub fn services() -> Vec<CompletionCandidate> {
    candidates(|workspace| {
        let services = workspace.services().iter();
        Some(services.map(|service| service.name.clone()).collect())
    })
}

/// The environments that have a file.
pub fn environments() -> Vec<CompletionCandidate> {
    candidates(|workspace| {
        let files = std::fs::read_dir(workspace.root()).ok()?;
        let names = files.flatten().filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            Some(name.strip_prefix(".env.")?.to_owned())
        });
        Some(names.collect())
    })
}

/// The versions of the history, the newest first, each with its name.
pub fn versions() -> Vec<CompletionCandidate> {
    let Some(workspace) = open() else {
        return Vec::new();
    };
    let embedded = EmbeddedOptions::from_variables(&Variables::default());
    let Ok(history) = Migrator::new(workspace, embedded, client()).history() else {
        return Vec::new();
    };
    let newest = history.migrations().iter().rev().enumerate();
    newest
        .map(|(place, migration)| {
            CompletionCandidate::new(&migration.version)
                .help(Some(migration.name().to_owned().into()))
                .display_order(Some(place))
        })
        .collect()
}

/// The tables that services own by name.
pub fn tables() -> Vec<CompletionCandidate> {
    candidates(|workspace| {
        let patterns = workspace
            .services()
            .iter()
            .flat_map(|service| &service.owns);
        let names = patterns.map(|pattern| &pattern.text);
        // Of a glob nobody knows the tables without the database.
        let is_name = |name: &&String| !name.contains(['*', '?', '[', '!']);
        Some(names.filter(is_name).cloned().collect())
    })
}

fn candidates(names: impl Fn(&Workspace) -> Option<Vec<String>>) -> Vec<CompletionCandidate> {
    let names = open().and_then(|workspace| names(&workspace));
    let names = names.unwrap_or_default().into_iter();
    names.map(CompletionCandidate::new).collect()
}

fn open() -> Option<Workspace> {
    let options = OpenOptions {
        directory: directory(),
        environment: "local".to_owned(),
        variables: Variables::default(),
    };
    Workspace::open(options).ok()
}

/// What stands after `-C` on the line that is completed: it is not parsed yet.
fn directory() -> PathBuf {
    let mut words = std::env::args_os().skip_while(|word| word != "--");
    let given = words.find(|word| word == "-C").and_then(|_| words.next());
    given.map_or_else(|| PathBuf::from("."), PathBuf::from)
}
