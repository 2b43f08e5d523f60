//! `generate`: `schema.rs` and every service's subset, from the history.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::attribution::Attribution;
use crate::error::{Doing, Error};
use crate::event::{Event, Observer};
use crate::generate::{CombinedFile, FileReport, FileState, GeneratedFile, combined, subset};
use crate::history::History;
use crate::ownership::{Ownable, Ownership, Policy};
use crate::remembered::{Chain, Remembered};
use crate::report::GenerateReport;
use crate::shadow::{Replay, ShadowServer};
use crate::turn::refuse;
use crate::workspace::Selection;
use migrate_catalog::Catalog;
use migrate_catalog::introspect::{self, Scope};
use migrate_postgres::ServerWait;
use migrate_schema_rs::{Section, is_table, read_sections};
use migrate_text::prerequisites::Prerequisites;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::regular_file::{self, LONGEST_SETTINGS};
use migrate_text::source::SourceFile;

use super::Migrator;
use super::options::GenerateOptions;

/// A database's name, its history and its schema.
struct Schema {
    database: String,
    history: History,
    /// The versions that the schema is of, oldest first.
    versions: Vec<String>,
    catalog: Catalog,
}

impl Migrator {
    /// Generates the combined files of `diesel.toml` and every service's subset, and writes those
    /// that are not fresh. A file that a person wrote is not touched without `force`.
    pub fn generate(
        &self,
        options: &GenerateOptions,
        observer: &dyn Observer,
    ) -> Result<GenerateReport, Error> {
        let mut report = GenerateReport {
            check: options.check,
            ..GenerateReport::default()
        };
        let sections = self.sections()?;
        let schemas = self.schemas(options, observer, &mut report)?;
        let mut files = Vec::new();
        // The combined file is of all databases or not at all.
        if schemas.len() == self.workspace.database_names().len() {
            files = self.combined_files(&sections, &schemas, &mut report)?;
        }
        files.extend(self.subsets(&sections, &schemas)?);
        check_paths(&files)?;
        let root = self.workspace.root();
        let mut states = Vec::new();
        for file in &files {
            states.push(file.state(root).map_err(io(&file.path))?);
        }
        let is_hand_written = |state: &FileState| matches!(state, FileState::HandWritten { .. });
        let refused = !options.check && !options.force && states.iter().any(is_hand_written);
        // All of them or none, whoever asks to stop.
        let _writing = self.interrupt.hold();
        for (file, state) in files.iter().zip(states) {
            let written = !options.check && !refused && state != FileState::Fresh;
            if written {
                file.write().map_err(io(&file.path))?;
            }
            report.files.push(FileReport {
                path: file.path.strip_prefix(root).unwrap_or(&file.path).into(),
                state,
                written,
            });
        }
        if refused {
            let hand_written = report
                .files
                .into_iter()
                .filter(|file| is_hand_written(&file.state));
            return Err(Error::HandWritten(hand_written.collect()));
        }
        Ok(report)
    }

    /// The combined file alone, that of the section `default`, and what may be trouble in it.
    /// Nothing is written.
    pub fn combined_text(
        &self,
        options: &GenerateOptions,
        observer: &dyn Observer,
    ) -> Result<CombinedFile, Error> {
        let mut report = GenerateReport::default();
        let sections = self.sections()?;
        let schemas = self.schemas(options, observer, &mut report)?;
        let section = default_section(&sections);
        let catalog = merged(&schemas);
        let root = self.workspace.root();
        Ok(combined(&catalog, section, root, Path::new("schema.rs"))?)
    }

    /// The sections of `diesel.toml`. Where none says which file, and there is a `migrate.toml`,
    /// it is `schema.rs`.
    fn sections(&self) -> Result<Vec<Section>, Error> {
        let root = self.workspace.root();
        let path = root.join("diesel.toml");
        let text = match path.exists() {
            true => regular_file::read_text(&path, LONGEST_SETTINGS).map_err(io(&path))?,
            false => String::new(),
        };
        let file = SourceFile::new("diesel.toml", text);
        let mut sections = read_sections(&file, |patch| {
            regular_file::read_text(&root.join(patch), LONGEST_SETTINGS)
        })?;
        let nowhere = sections.iter().all(|section| section.file.is_none());
        if nowhere && self.workspace.has_manifest() {
            for section in sections.iter_mut().filter(|s| s.name == "default") {
                section.file = Some(PathBuf::from("schema.rs"));
            }
        }
        Ok(sections)
    }

    /// The schema of every selected database.
    fn schemas(
        &self,
        options: &GenerateOptions,
        observer: &dyn Observer,
        report: &mut GenerateReport,
    ) -> Result<Vec<Schema>, Error> {
        let history = self.history()?;
        // A name that means nothing is an error, though the history is replayed for all.
        self.workspace.prerequisites(&options.connect.selection)?;
        if options.from_database {
            return self.schemas_of_databases(options, &history, observer, report);
        }
        let mut shadows = Shadows {
            migrator: self,
            options,
            remembered: options.shadow.is_none().then(|| self.remembered()),
            server: None,
        };
        let mut schemas = Vec::new();
        for (database, prerequisites) in self.workspace.prerequisites(&Selection::default())? {
            let history = history.of_database(&database);
            let catalog = shadows.catalog(&database, &history, &prerequisites, observer, report)?;
            let versions = history.migrations().iter();
            schemas.push(Schema {
                versions: versions.map(|m| m.version.clone()).collect(),
                database,
                history,
                catalog,
            });
        }
        Ok(schemas)
    }

    fn schemas_of_databases(
        &self,
        options: &GenerateOptions,
        history: &History,
        observer: &dyn Observer,
        report: &mut GenerateReport,
    ) -> Result<Vec<Schema>, Error> {
        let connect = &options.connect;
        let databases = self.workspace.databases(&connect.selection)?;
        let mut schemas = Vec::new();
        let mut wait = ServerWait::of(connect.wait);
        for mut connected in self.run(observer).connect(databases, &mut wait)? {
            let before = connected.session.messages_sent();
            let catalog = introspect::read(&mut connected.session, Scope::Shape)
                .map_err(connected.failed(Doing::ReadingCatalog))?;
            report.messages += connected.session.messages_sent() - before;
            // What is applied there, not what the files hold.
            let applied = connected.read_ledger()?.entries.into_iter();
            let mut versions: Vec<String> = applied
                .filter(|entry| entry.in_diesel)
                .map(|entry| entry.version)
                .collect();
            versions.sort_unstable();
            schemas.push(Schema {
                versions,
                history: history.of_database(&connected.database.name),
                database: connected.database.name,
                catalog,
            });
        }
        Ok(schemas)
    }

    fn shadow_server(&self, options: &GenerateOptions) -> Result<ShadowServer, Error> {
        Ok(match &options.shadow {
            Some(target) => ShadowServer::Given(target.clone()),
            None => {
                self.embedded.create_folder()?;
                let lock = self.embedded.folder().join("shadow.lock");
                ShadowServer::start(self.embedded.shadow(), lock, &self.interrupt)?
            }
        })
    }

    fn combined_files(
        &self,
        sections: &[Section],
        schemas: &[Schema],
        report: &mut GenerateReport,
    ) -> Result<Vec<GeneratedFile>, Error> {
        let catalog = merged(schemas);
        let root = self.workspace.root();
        let mut files = Vec::new();
        for section in sections {
            let Some(file) = &section.file else { continue };
            let combined = combined(&catalog, section, root, file)?;
            let warnings = combined.warnings.iter().map(ToString::to_string);
            report.warnings.extend(warnings);
            files.push(combined.file);
        }
        Ok(files)
    }

    /// Every service's file. Without services there is nothing to own.
    fn subsets(
        &self,
        sections: &[Section],
        schemas: &[Schema],
    ) -> Result<Vec<GeneratedFile>, Error> {
        let section = default_section(sections);
        // Where a table is created does not depend on whose it is.
        let policy = Policy::default();
        let mut files = Vec::new();
        let mut problems = Problems(Vec::new());
        for schema in schemas {
            let mut services = Vec::new();
            for service in self.workspace.services() {
                if self.workspace.database_of(service)? == schema.database {
                    services.push(service);
                }
            }
            if services.is_empty() {
                continue;
            }
            // Reads the whole history, and only where there is something to report.
            let attribution = LazyCell::new(|| Attribution::of(&schema.history, &policy));
            let created_in = |table: &_| attribution.created_in(table).cloned();
            match Ownership::resolve(&services, ownables(&schema.catalog), created_in) {
                Err(more) => problems.0.extend(more.0),
                Ok(ownership) => {
                    for service in services {
                        let root = self.workspace.root();
                        let (catalog, versions) = (&schema.catalog, &schema.versions);
                        let file = subset(catalog, section, root, service, &ownership, versions)?;
                        files.push(file);
                    }
                }
            }
        }
        problems.into_result()?;
        Ok(files)
    }
}

/// What is needed to learn the schemas of histories.
struct Shadows<'a> {
    migrator: &'a Migrator,
    options: &'a GenerateOptions,
    /// Where catalogs are. Who names a server wants to hear from that one.
    remembered: Option<Remembered<'a>>,
    /// Started when the first history has to be replayed.
    server: Option<ShadowServer>,
}

impl Shadows<'_> {
    /// The schema of a history: kept, or else replayed.
    fn catalog(
        &mut self,
        database: &str,
        history: &History,
        prerequisites: &Prerequisites,
        observer: &dyn Observer,
        report: &mut GenerateReport,
    ) -> Result<Catalog, Error> {
        let chain = Chain::of(history, prerequisites);
        let kept =
            |remembered: &Option<Remembered<'_>>| remembered.as_ref()?.catalog(chain.whole());
        if let Some(catalog) = kept(&self.remembered) {
            return Ok(catalog);
        }
        let guarded = self.migrator.guarded(history, database)?;
        let attributed = guarded.attributed();
        refuse(attributed.breaches().to_vec())?;
        let server = match &mut self.server {
            Some(server) => server,
            None => {
                let server = self.migrator.shadow_server(self.options)?;
                let server = self.server.insert(server);
                // Somebody else may have replayed the same while we waited for the server.
                if let Some(catalog) = kept(&self.remembered) {
                    return Ok(catalog);
                }
                server
            }
        };
        let replay = Replay {
            history,
            chain: &chain,
            prerequisites,
            attribution: attributed.attribution(),
            client: &self.migrator.client,
            interrupt: &self.migrator.interrupt,
        };
        let replayed = replay.run(server).map_err(|error| Error::Shadow {
            database: database.to_owned(),
            error,
        })?;
        if let Some(remembered) = &self.remembered {
            remembered.keep_catalog(chain.whole(), &replayed.catalog);
        }
        report.replayed += replayed.migrations;
        report.messages += replayed.messages;
        if replayed.migrations > 0 {
            observer.observe(&Event::Replayed {
                database: database.to_owned(),
                migrations: replayed.migrations,
            });
        }
        Ok(replayed.catalog)
    }
}

/// What `owns` and `reads` may name. What an extension brings is its own, and the sequence of a
/// column its table's.
fn ownables(catalog: &Catalog) -> impl Iterator<Item = Ownable<'_>> {
    let relations = catalog.relations.values();
    let relations = relations.filter(|relation| relation.about.extension.is_none());
    let relations = relations.map(|relation| Ownable {
        name: &relation.name,
        parent: match &relation.partition {
            Some(partition) => Some(&partition.of),
            None => relation.inherits.first(),
        },
        is_table: is_table(relation),
    });
    let sequences = catalog.sequences.values();
    let sequences = sequences.filter(|s| s.owned_by.is_none() && s.about.extension.is_none());
    relations.chain(sequences.map(|sequence| Ownable {
        name: &sequence.name,
        parent: None,
        is_table: false,
    }))
}

/// Two files in one place would overwrite each other for ever.
fn check_paths(files: &[GeneratedFile]) -> Result<(), Problems> {
    let mut problems = Problems(Vec::new());
    let mut paths = HashSet::new();
    for file in files {
        if !paths.insert(&file.path) {
            problems.add(ProblemKind::OnePathTwice(file.path.clone()));
        }
    }
    problems.into_result()
}

fn default_section(sections: &[Section]) -> &Section {
    let default = sections.iter().find(|section| section.name == "default");
    // `read_sections` always gives one.
    default.expect("there is always a section `default`")
}

/// The schemas of all databases as one: a table that is in two is taken from the first.
fn merged(schemas: &[Schema]) -> Catalog {
    let mut merged = Catalog::default();
    for schema in schemas.iter().rev() {
        merged.relations.extend(schema.catalog.relations.clone());
        merged.types.extend(schema.catalog.types.clone());
        merged.schemas.extend(schema.catalog.schemas.clone());
        merged.extensions.extend(schema.catalog.extensions.clone());
    }
    merged
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::Io { path, error }
}
