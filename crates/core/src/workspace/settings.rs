//! What a workspace's settings say.

use std::path::{Path, PathBuf};

use migrate_text::name::nearest;
use migrate_text::prerequisites::Prerequisites;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::variables::Variables;

use super::manifest::DatabaseSettings;
use super::resolve::Resolver;
use super::service::{Service, Transfer};

/// The environment whose settings may not fall back to anything.
pub const PRODUCTION: &str = "prod";

/// The folder with `migrate.toml`, or a plain Diesel project, and its settings.
///
/// Opening reads the structure only. The variables of a database are looked up by
/// [`Workspace::databases`], so that a command that needs no database needs no variables.
pub struct Workspace {
    pub(super) root: PathBuf,
    pub(super) migrations: PathBuf,
    pub(super) environment: String,
    pub(super) variables: Variables,
    pub(super) has_manifest: bool,
    pub(super) settings: Vec<DatabaseSettings>,
    pub(super) services: Vec<Service>,
    pub(super) transfers: Vec<Transfer>,
}

/// How to open a workspace.
#[derive(Clone)]
pub struct OpenOptions {
    /// Where to look first; then in every folder above.
    pub directory: PathBuf,
    /// The environment: `local`, `docker`, `prod`, ...
    pub environment: String,
    /// The process's variables.
    pub variables: Variables,
}

/// Which databases a command is about.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// One database by name.
    pub database: Option<String>,
    /// One service by name; its database, where no other is named.
    pub service: Option<String>,
}

impl Workspace {
    /// The folder that holds `migrate.toml`, or the Diesel project.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the history.
    pub fn migrations(&self) -> &Path {
        &self.migrations
    }

    /// The environment's name.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// Whether the environment is production, where nothing is destroyed or assumed.
    pub fn is_production(&self) -> bool {
        self.environment == PRODUCTION
    }

    /// Whether there is a `migrate.toml`.
    pub fn has_manifest(&self) -> bool {
        self.has_manifest
    }

    /// The names of all databases, in the order of the file.
    pub fn database_names(&self) -> Vec<String> {
        let names = self.settings.iter();
        names.map(|settings| settings.name.value.clone()).collect()
    }

    /// The services, in the order of the file.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The tables that have changed hands, in the order of the file.
    pub fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }

    /// The services whose tables are in a database, in the order of the file.
    pub fn services_of(&self, database: &str) -> Result<Vec<&Service>, Problems> {
        let mut services = Vec::new();
        for service in &self.services {
            if self.database_of(service)? == database {
                services.push(service);
            }
        }
        Ok(services)
    }

    /// A service by its name, or the problem with the name.
    pub fn service(&self, name: &str) -> Result<&Service, Problems> {
        let found = self.services.iter().find(|service| service.name == name);
        found.ok_or_else(|| {
            let names = self.services.iter().map(|service| service.name.clone());
            unknown("service", name, names.collect())
        })
    }

    /// The database that a service's tables are in.
    pub fn database_of(&self, service: &Service) -> Result<String, Problems> {
        let names = self.database_names();
        match (&service.database, names.as_slice()) {
            (Some(name), _) => Ok(name.clone()),
            (None, [only]) => Ok(only.clone()),
            (None, _) => {
                let mut problems = Problems(Vec::new());
                problems.0.push(migrate_text::problem::Problem {
                    kind: ProblemKind::ServiceWithoutDatabase {
                        service: service.name.clone(),
                        known: names,
                    },
                    location: service.location.clone(),
                });
                Err(problems)
            }
        }
    }

    /// A database's name if it is configured, or the problem with it.
    pub fn known_database(&self, name: &str) -> Result<String, Problems> {
        let known = self.database_names();
        if known.iter().any(|database| database == name) {
            Ok(name.to_owned())
        } else {
            Err(unknown("database", name, known))
        }
    }

    /// The names of the selected databases, or of all, in the order of the file, and what each
    /// needs before its first migration. Looks up the variables of that alone.
    pub fn prerequisites(
        &self,
        selection: &Selection,
    ) -> Result<Vec<(String, Prerequisites)>, Problems> {
        let wanted = self.wanted(selection)?;
        let selected = self.settings.iter().filter(|settings| {
            let name = &settings.name.value;
            wanted.as_ref().is_none_or(|wanted| wanted == name)
        });
        let mut needed = Vec::new();
        // Who asks for no variable needs no file that has them, nor a good one.
        let mut resolver = None;
        for settings in selected {
            let name = settings.name.value.clone();
            let prerequisites = match settings.plain_prerequisites() {
                Some(plain) => plain,
                None => resolver
                    .get_or_insert_with(|| Resolver::of(self))
                    .prerequisites(settings),
            };
            needed.push((name, prerequisites));
        }
        match resolver {
            Some(resolver) => resolver.problems.into_result().map(|()| needed),
            None => Ok(needed),
        }
    }

    /// The one database that a selection means; `None` for all.
    pub(super) fn wanted(&self, selection: &Selection) -> Result<Option<String>, Problems> {
        match (&selection.database, &selection.service) {
            (Some(name), _) => self.known_database(name).map(Some),
            (None, Some(service)) => self.database_of(self.service(service)?).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// The problem with a name that nothing has.
pub(super) fn unknown(what: &'static str, name: &str, known: Vec<String>) -> Problems {
    let mut problems = Problems(Vec::new());
    problems.add(ProblemKind::UnknownName {
        what,
        name: name.to_owned(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        known,
    });
    problems
}
