//! What is wrong with files that people write: settings, metadata, names.
//!
//! Problems are collected, so that one run tells all of them.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use crate::causes::{Cause, with_causes};
use crate::source::Location;
use crate::target_error::TargetError;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The text that is meant, where there is one.
    pub location: Option<Location>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        self.kind.fmt(f)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.kind.source()
    }
}

/// Several problems, never none. Its `Display` tells each with its causes, as there is only one
/// `source()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// `Ok` when nothing was wrong. Else the problems, those with a place in the order of their
    /// places.
    pub fn into_result(mut self) -> Result<(), Self> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|problem| {
            let location = problem.location.as_ref();
            location.map(|location| (location.file.path().to_owned(), location.span.start))
        });
        Err(self)
    }

    /// Adds a problem with a place.
    pub fn at(&mut self, location: Location, kind: ProblemKind) {
        self.0.push(Problem {
            kind,
            location: Some(location),
        });
    }

    /// Adds a problem that no text shows.
    pub fn add(&mut self, kind: ProblemKind) {
        self.0.push(Problem {
            kind,
            location: None,
        });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}", with_causes(problem))?;
        }
        Ok(())
    }
}

impl Error for Problems {}

/// Every way in which settings can be wrong, with what a message needs to tell it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// Not TOML, or not a line of an `.env` file.
    #[error("{0}")]
    Syntax(String),
    /// A key that means nothing here.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// As written.
        key: String,
        /// The known key most like it.
        nearest: Option<String>,
        /// All keys known here.
        known: Vec<&'static str>,
    },
    /// A key whose value has another type.
    #[error("`{key}` must be {expected}, not {found}")]
    WrongType {
        /// The key.
        key: String,
        /// What it takes, with its article.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A value of the right type that makes no sense.
    #[error("`{key}` must be {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// What it takes, with its article.
        expected: &'static str,
    },
    /// A key that has to be there.
    #[error("`{key}` is missing")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// What to write.
        example: &'static str,
    },
    /// Two keys that exclude each other.
    #[error("`{first}` and `{second}` cannot both be given")]
    Conflict {
        /// One of them.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A `${` without its `}`, or with something else than a name in it.
    #[error("`${{` must be followed by a variable's name and `}}`")]
    BadReference,
    /// A variable without a value and without a default.
    #[error("variable `{name}` is not set")]
    UnsetVariable {
        /// The variable.
        name: String,
        /// The file where it would be looked for after the process's own variables.
        env_file: PathBuf,
        /// Whether that file is there.
        env_file_exists: bool,
        /// A variable that is set and has nearly this name.
        nearest: Option<String>,
    },
    /// A variable without a value whose default is not used in production.
    #[error("variable `{name}` is not set, and `prod` does not fall back to a default")]
    DefaultInProduction {
        /// The variable.
        name: String,
    },
    /// A URL that libpq does not take.
    #[error("the URL of database `{database}` is wrong")]
    BadUrl {
        /// The database.
        database: String,
        /// Why; never quotes a password.
        #[source]
        error: TargetError,
    },
    /// The embedded server is for development.
    #[error("`prod` cannot use the embedded server")]
    EmbeddedInProduction,
    /// A name of a database or service that is not configured.
    #[error("there is no {what} `{name}`")]
    UnknownName {
        /// `database` or `service`.
        what: &'static str,
        /// As given.
        name: String,
        /// The configured name most like it.
        nearest: Option<String>,
        /// All configured names.
        known: Vec<String>,
    },
    /// More than one database, and nothing says which is meant.
    #[error("which database? there are several")]
    AmbiguousDatabase {
        /// The configured names.
        known: Vec<String>,
    },
    /// More than one database, and a service does not say in which its tables are.
    #[error("service `{service}` does not say which database it uses")]
    ServiceWithoutDatabase {
        /// The service.
        service: String,
        /// The configured names.
        known: Vec<String>,
    },
    /// No database at all.
    #[error("no database is configured")]
    NoDatabase,
    /// Neither `migrate.toml` nor a `migrations` folder.
    #[error("no workspace in `{0}` or any folder above it")]
    NoWorkspace(PathBuf),
    /// The folder of migrations is missing.
    #[error("the folder of migrations `{0}` does not exist")]
    NoMigrationsFolder(PathBuf),
    /// The folder to work in is not there.
    #[error("there is no folder `{}`", .0.display())]
    NoDirectory(PathBuf),
    /// A file that is not UTF-8.
    #[error("`{}` is not UTF-8: line {line} has another byte in it", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first such byte, from 1.
        line: usize,
    },
    /// A file that cannot be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, mostly in the operating system's words.
        #[source]
        error: Cause,
    },
    /// A folder that is no migration.
    #[error("`{path}` is not a migration: {reason}")]
    NotAMigration {
        /// The folder.
        path: PathBuf,
        /// What it lacks.
        reason: &'static str,
    },
    /// Two folders with one version: Diesel would silently never run one of them.
    #[error("two migrations have the version {version}: `{first}` and `{second}`")]
    DuplicateVersion {
        /// The version.
        version: String,
        /// One folder.
        first: String,
        /// The other.
        second: String,
    },
    /// A version that Diesel's table has no room for.
    #[error(
        "the version of migration `{migration}` has {length} characters, and Diesel's table has room for {longest}"
    )]
    VersionTooLong {
        /// The folder.
        migration: String,
        /// Its version's length in characters.
        length: usize,
        /// The most that is possible.
        longest: usize,
    },
    /// A table that no service owns.
    #[error("no service owns table `{table}`")]
    NotOwned {
        /// The table, with its schema outside `public`.
        table: String,
    },
    /// A table, view or sequence that two services own.
    #[error("services {first} and {second} both own `{name}`")]
    OwnedTwice {
        /// Its name, with its schema outside `public`.
        name: String,
        /// The first in `migrate.toml`.
        first: String,
        /// The other.
        second: String,
    },
    /// A role that two services of one database would share.
    #[error("services {first} and {second} would both have the role `{role}`")]
    RoleTwice {
        /// The role.
        role: String,
        /// The first in `migrate.toml`.
        first: String,
        /// The other.
        second: String,
    },
    /// A variable from which two services of one database would have their passwords.
    #[error("services {first} and {second} would both have their password in `{variable}`")]
    PasswordTwice {
        /// The variable.
        variable: String,
        /// The first in `migrate.toml`.
        first: String,
        /// The other.
        second: String,
    },
    /// A name that PostgreSQL does not take for a role.
    #[error("`{role}` cannot be the role of service {service}: {reason}")]
    BadRole {
        /// The service.
        service: String,
        /// The role.
        role: String,
        /// Why.
        reason: &'static str,
    },
    /// A table that is handed over by someone else than its owner.
    #[error("service {service} does not own table `{table}`")]
    NotTheOwner {
        /// As given.
        table: String,
        /// As given.
        service: String,
        /// Who owns it.
        owner: Option<String>,
    },
    /// Two services between which no table can go.
    #[error("no table can go from service {from} to service {to}")]
    NoTransfer {
        /// As given.
        from: String,
        /// As given.
        to: String,
    },
    /// A name or pattern that neither a table of the history has nor a view.
    #[error("the history has no table `{pattern}`")]
    NoSuchTable {
        /// As written.
        pattern: String,
        /// The name most like it.
        nearest: Option<String>,
    },
    /// Two generated files that are one: sections of `diesel.toml` that name one file, or that of
    /// a service.
    #[error("two generated files would be written to `{}`", .0.display())]
    OnePathTwice(PathBuf),
    /// A pattern that is no glob.
    #[error("`{pattern}` is not a pattern: {reason}")]
    BadPattern {
        /// As written.
        pattern: String,
        /// Why.
        reason: &'static str,
    },
    /// A migration does not say for which of several databases it is.
    #[error("migration `{migration}` does not say for which database it is")]
    DatabaseRequired {
        /// The folder.
        migration: String,
        /// The configured names.
        known: Vec<String>,
    },
}
