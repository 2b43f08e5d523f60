//! The workspace: where it is, and what its settings say once every variable is looked up.

mod expand;
mod hide;
mod locate;
mod manifest;
mod resolve;
mod roles;
mod variables;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migrate_postgres::target::Target;
use migrate_text::name::nearest;
use migrate_text::prerequisites::Prerequisites;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::secret::Secret;
use migrate_text::source::Location;
use migrate_text::variables::Variables;

use manifest::DatabaseSettings;

/// The environment whose settings may not fall back to anything.
pub const PRODUCTION: &str = "prod";

/// The folder with `migrate.toml`, or a plain Diesel project, and its settings.
///
/// Opening reads the structure only. The variables of a database are looked up by
/// [`Workspace::databases`], so that a command that needs no database needs no variables.
pub struct Workspace {
    root: PathBuf,
    migrations: PathBuf,
    environment: String,
    variables: Variables,
    has_manifest: bool,
    settings: Vec<DatabaseSettings>,
    services: Vec<Service>,
    transfers: Vec<Transfer>,
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

/// A database with all its settings resolved.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its name in `migrate.toml`; `main` where there is none.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Whether `deploy` creates it when it is missing.
    pub create: bool,
    /// What has to be in it before the first migration.
    pub prerequisites: Prerequisites,
    /// What services are told about their pools.
    pub pool: Pool,
    /// How long a statement of a migration may wait for a lock; zero for ever.
    pub lock_timeout: Duration,
    /// How often a migration is tried again that did not get a lock in time.
    pub lock_retries: u32,
    /// How long a statement of a migration may take; zero for ever.
    pub statement_timeout: Duration,
    /// Whether each service has a role of its own there, with the privileges it needs.
    pub roles: bool,
    /// Whether migrations that come late are refused.
    pub strict_order: bool,
    /// The services whose tables are there, with their roles.
    pub services: Vec<ServiceRole>,
}

/// A service by the role with which it comes to its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRole {
    /// The service.
    pub service: String,
    /// The role.
    pub role: String,
    /// The role's password, if a variable has one.
    pub password: Option<Secret>,
    /// The variable that has it, or would have it.
    pub password_variable: String,
}

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// On the server that we run ourselves.
    Embedded {
        /// The database's name there.
        database: String,
    },
    /// On a server of someone else's.
    Server(Target),
}

impl fmt::Display for Address {
    /// For people, without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { database } => write!(f, "embedded:{database}"),
            Self::Server(target) => target.fmt(f),
        }
    }
}

/// A service's pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Connections at most.
    pub max_size: u32,
    /// After which an unused connection is closed.
    pub idle_timeout: Duration,
}

/// A service: a crate that owns tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name in `migrate.toml`.
    pub name: String,
    /// Its crate's folder, from the workspace's root.
    pub crate_path: PathBuf,
    /// Its database, where `migrate.toml` says so.
    pub database: Option<String>,
    /// Tables it owns.
    pub owns: Vec<TablePattern>,
    /// Tables of others that it reads.
    pub reads: Vec<TablePattern>,
    /// The name of its role as written; its own name, where there is none.
    pub role: Option<RoleName>,
    /// Where its database is named in `migrate.toml`, or else the service itself.
    pub location: Option<Location>,
}

/// A table that went from one service to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The table's name at the time, with its schema outside `public`.
    pub table: String,
    /// Whose it was.
    pub from: String,
    /// Whose it became.
    pub to: String,
    /// The last version that still saw it as `from`'s.
    pub after: String,
    /// Where it stands in `migrate.toml`; none for one that is to be written.
    pub location: Option<Location>,
}

/// Which databases a command is about.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// One database by name.
    pub database: Option<String>,
    /// One service by name; its database, where no other is named.
    pub service: Option<String>,
}

/// A name or glob of tables, `schema.table` outside `public`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePattern {
    /// As written.
    pub text: String,
    /// Where.
    pub location: Location,
}

/// The name of a role, which may refer to variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName {
    /// As written.
    pub text: String,
    /// Where.
    pub location: Location,
}

impl Workspace {
    /// Finds the workspace of a directory and reads its settings' structure.
    pub fn open(options: OpenOptions) -> Result<Self, Problems> {
        locate::open(options)
    }

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
    /// needs before its first migration. Looks no variable up.
    pub fn prerequisites(
        &self,
        selection: &Selection,
    ) -> Result<Vec<(String, Prerequisites)>, Problems> {
        let wanted = self.wanted(selection)?;
        let selected = self.settings.iter().filter(|settings| {
            let name = &settings.name.value;
            wanted.as_ref().is_none_or(|wanted| wanted == name)
        });
        Ok(selected
            .map(|settings| (settings.name.value.clone(), settings.prerequisites.clone()))
            .collect())
    }

    /// The selected databases, or all, in the order of the file, every variable looked up. All
    /// that is missing or malformed is reported at once.
    pub fn databases(&self, selection: &Selection) -> Result<Vec<Database>, Problems> {
        let wanted = self.wanted(selection)?;
        resolve::databases(self, |name| {
            wanted.as_deref().is_none_or(|wanted| wanted == name)
        })
    }

    /// The one database that a selection means; `None` for all.
    fn wanted(&self, selection: &Selection) -> Result<Option<String>, Problems> {
        match (&selection.database, &selection.service) {
            (Some(name), _) => self.known_database(name).map(Some),
            (None, Some(service)) => self.database_of(self.service(service)?).map(Some),
            (None, None) => Ok(None),
        }
    }
}

fn unknown(what: &'static str, name: &str, known: Vec<String>) -> Problems {
    let mut problems = Problems(Vec::new());
    problems.add(ProblemKind::UnknownName {
        what,
        name: name.to_owned(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        known,
    });
    problems
}
