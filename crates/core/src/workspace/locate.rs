//! Finds a workspace: `migrate.toml`, or else a plain Diesel project.

use std::path::{Path, PathBuf};

use migrate_text::causes::Cause;
use migrate_text::document::{Located, Table, parse};
use migrate_text::problem::{Problem, ProblemKind, Problems};
use migrate_text::regular_file::{self, LONGEST_SETTINGS};
use migrate_text::source::{Location, SourceFile};

use super::manifest::{self, DatabaseSettings, Manifest};
use super::settings::{OpenOptions, Selection, Workspace, unknown};

impl Workspace {
    /// Finds the workspace of a directory and reads its settings' structure.
    pub fn open(options: OpenOptions) -> Result<Self, Problems> {
        open(options)
    }
}

fn open(options: OpenOptions) -> Result<Workspace, Problems> {
    let mut problems = Problems(Vec::new());
    // Resolved: the folders above `shop/../blog` are not those above `shop`.
    let Ok(directory) = options.directory.canonicalize() else {
        problems.add(ProblemKind::NoDirectory(options.directory));
        return Err(problems);
    };
    // A link that leads nowhere is there: without it the settings would be others.
    let above = |file: &str| {
        let is_there = |folder: &&Path| folder.join(file).symlink_metadata().is_ok();
        directory.ancestors().find(is_there)
    };

    let (root, has_manifest, manifest) = if let Some(root) = above("migrate.toml") {
        let file = read(&root.join("migrate.toml"), "migrate.toml", &mut problems);
        (root, true, manifest::read(&file, &mut problems))
    } else if let Some(root) = above("diesel.toml").or_else(|| above("migrations")) {
        (root, false, plain_manifest())
    } else {
        problems.add(ProblemKind::NoWorkspace(directory));
        return Err(problems);
    };
    let migrations = migrations_folder(root, &mut problems);
    if has_manifest && manifest.databases.is_empty() && problems.0.is_empty() {
        problems.add(ProblemKind::NoDatabase);
    }
    check_services(&manifest, &mut problems);
    let workspace = Workspace {
        root: root.to_owned(),
        migrations,
        environment: options.environment,
        variables: options.variables,
        has_manifest,
        settings: manifest.databases,
        services: manifest.services,
        transfers: manifest.transfers,
    };
    // Whoever has to mend the file shall be told of the variables at once too. After a syntax
    // error there is no telling what was meant.
    let is_syntax = |problem: &Problem| matches!(problem.kind, ProblemKind::Syntax(_));
    if !problems.0.is_empty() && !problems.0.iter().any(is_syntax) {
        let more = workspace.databases(&Selection::default());
        problems
            .0
            .extend(more.err().into_iter().flat_map(|more| more.0));
    }
    problems.into_result()?;
    Ok(workspace)
}

/// What a Diesel project means without saying it: one database, by `DATABASE_URL`.
fn plain_manifest() -> Manifest {
    let file = SourceFile::new("", "");
    let located = |value: &str| Located {
        value: value.to_owned(),
        location: Location {
            file: file.clone(),
            span: 0..0,
        },
    };
    let main = DatabaseSettings {
        name: located("main"),
        url: Some(located("${DATABASE_URL}")),
        parts: Vec::new(),
        create: false,
        roles: false,
        strict_order: false,
        extensions: Vec::new(),
        schemas: Vec::new(),
        pool_max_size: None,
        pool_idle_timeout: None,
        lock_timeout: None,
        lock_retries: None,
        statement_timeout: None,
    };
    Manifest {
        databases: vec![main],
        services: Vec::new(),
        transfers: Vec::new(),
    }
}

/// `migrations`, or what `diesel.toml` says.
///
/// Other sections of `diesel.toml` are Diesel's and not looked at here, so unknown keys pass.
fn migrations_folder(root: &Path, problems: &mut Problems) -> PathBuf {
    let path = root.join("diesel.toml");
    if !path.exists() {
        return root.join("migrations");
    }
    let file = read(&path, "diesel.toml", problems);
    let document = parse(&file, problems);
    let table = Table::new(&file, &document).table("migrations_directory", problems);
    let dir = table.and_then(|mut table| {
        let dir = table.string("dir", problems);
        table.finish(problems);
        dir
    });
    root.join(dir.map_or_else(|| "migrations".to_owned(), |dir| dir.value))
}

fn check_services(manifest: &Manifest, problems: &mut Problems) {
    let databases = manifest.databases.iter();
    let databases: Vec<String> = databases.map(|d| d.name.value.clone()).collect();
    for service in &manifest.services {
        if let Some(database) = &service.database {
            let location = &service.location;
            check_name("database", database, &databases, location, problems);
        }
    }
    let services = manifest.services.iter();
    let services: Vec<String> = services.map(|s| s.name.clone()).collect();
    for transfer in &manifest.transfers {
        for service in [&transfer.from, &transfer.to] {
            check_name("service", service, &services, &transfer.location, problems);
        }
    }
}

fn check_name(
    what: &'static str,
    name: &str,
    known: &[String],
    location: &Option<Location>,
    problems: &mut Problems,
) {
    if known.iter().any(|known| known == name) {
        return;
    }
    let unknown = unknown(what, name, known.to_vec()).0;
    problems.0.extend(unknown.into_iter().map(|mut problem| {
        problem.location.clone_from(location);
        problem
    }));
}

fn read(path: &Path, shown: &str, problems: &mut Problems) -> SourceFile {
    let text = regular_file::read_text(path, LONGEST_SETTINGS).unwrap_or_else(|error| {
        problems.add(ProblemKind::Unreadable {
            path: path.to_owned(),
            error: Cause::of(error),
        });
        String::new()
    });
    SourceFile::new(shown, text)
}
