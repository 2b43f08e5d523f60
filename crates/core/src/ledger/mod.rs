//! The ledger: what a database says was applied to it.
//!
//! Diesel's `__diesel_schema_migrations` holds the truth of what is applied, so that Diesel's own
//! tool may run at any time. Beside it, `__migrate_ledger` has a row for every attempt, never
//! changed once it is finished: what was run, by whom, when, for how long, and how it ended.

mod attempt;
mod by_hand;
mod digest;
mod read;
mod schema;
mod write;

use migrate_postgres::ServerError;
use migrate_text::name::QualifiedName;

pub use attempt::{Attempt, Begun, Outcome};
pub use by_hand::{ByHand, record_by_hand};
pub use digest::{StandingDigest, digest};
pub use read::{
    Applied, LedgerState, all_attempts, attempted_sql, locate, read, saved_down_sql, saved_up_sql,
};
pub use schema::{FORMAT, ensure};
pub use write::{
    Attempted, Client, adopt, finish_applied, finish_failed, record_applied, record_failure,
    record_reverted, start_outside_transaction, statement_begun, statement_done,
};

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
    /// How many upgrades the tables have had, if it is a number that we know of.
    fn upgrades_done(&self) -> Result<usize, LedgerError> {
        let found = self.format.unwrap_or(0);
        if found > FORMAT {
            return Err(LedgerError::TooNew {
                found,
                known: FORMAT,
            });
        }
        usize::try_from(found).map_err(|_| LedgerError::NoSuchFormat { found })
    }

    /// Diesel's table.
    pub fn diesel(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, "__diesel_schema_migrations")
    }

    /// Our table.
    pub fn ledger(&self) -> QualifiedName {
        QualifiedName::new(&self.schema, "__migrate_ledger")
    }

    fn format_table(&self) -> QualifiedName {
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
