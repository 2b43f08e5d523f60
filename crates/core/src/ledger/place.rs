//! Where a ledger is, and why it cannot be read or written.

use migrate_postgres::ServerError;
use migrate_text::name::QualifiedName;

/// Where a database keeps its ledger: the schema in which Diesel's table is found, or else the
/// one in which it would be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPlace {
    /// The schema.
    pub schema: String,
    /// Whether Diesel's table is there.
    pub diesel_table: bool,
    /// The format of our tables; `None` when they are not there, or may not be read.
    pub format: Option<i32>,
    /// Whether they are there and may not be read.
    pub hidden: bool,
}

impl LedgerPlace {
    /// Diesel's table.
    pub fn diesel(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, "__diesel_schema_migrations")
    }

    /// Our table.
    pub fn ledger(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, "__migrate_ledger")
    }

    /// The names of all its tables.
    pub const TABLES: [&str; 3] = [
        "__diesel_schema_migrations",
        "__migrate_ledger",
        "__migrate_format",
    ];

    pub(super) fn format_table(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, "__migrate_format")
    }
}

/// The ledger could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The search path names no schema that exists, so there is no place for tables.
    #[error("the role's search_path names no schema that exists")]
    NoSchema,
    /// A later version of this tool has been here.
    #[error("the ledger has format {found}, and this version knows formats up to {known}")]
    TooNew {
        /// The format in the database.
        found: i32,
        /// The newest that we know.
        known: i32,
    },
    /// No version of this tool has written such a format.
    #[error("the ledger says that it has format {found}, and there is no such format")]
    NoSuchFormat {
        /// The format in the database.
        found: i32,
    },
    /// The server refused.
    #[error(transparent)]
    Server(#[from] ServerError),
}
