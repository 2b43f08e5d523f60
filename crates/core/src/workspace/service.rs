//! What `migrate.toml` says of services, and of tables that went from one to another.

use std::path::PathBuf;

use migrate_text::source::Location;

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
    /// Functions, types and sequences of others that it uses.
    pub uses: Vec<TablePattern>,
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
