//! What a migration does and may not.

use migrate_sql::verb::{Effect, Verb};
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;
use migrate_text::source::Location;

/// A statement touches what its migration may not touch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {migration} may not {verb} {kind} {}", .name.name)]
pub struct Breach {
    /// The migration's folder name.
    pub migration: String,
    /// The services that the migration is for; none where it names none.
    pub services: Vec<String>,
    /// The name that is meant, where it stands.
    pub location: Location,
    /// What is done.
    pub verb: Verb,
    /// What it is done to.
    pub kind: ObjectKind,
    /// Its name.
    pub name: QualifiedName,
    /// The migration that created it, by its folder name, where the history tells.
    pub created_in: Option<String>,
    /// Why that may not be.
    pub reason: Reason,
    /// Services whose consent the same statement needs besides: what several tables need is changed
    /// for all of them at once.
    pub besides: Vec<String>,
}

impl Breach {
    /// Whether its name is in no schema, whatever its kind: of what leads out, and of what is
    /// everybody's.
    pub fn is_unplaced(&self) -> bool {
        matches!(self.verb.effect(), Effect::Sways | Effect::Leaves)
    }
}

/// Why something may not be touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is of other services.
    Owned {
        /// They: any of them may.
        owners: Vec<String>,
    },
    /// A table of other services needs it.
    UsedBy {
        /// They: any of them may.
        owners: Vec<String>,
        /// The table.
        table: QualifiedName,
    },
    /// It is of no service, and the migration is for one.
    Nobodys,
    /// It is of other services, and `reads` does not name it.
    NotRead {
        /// They.
        owners: Vec<String>,
    },
    /// It is a function, operator or sequence of other services, and `uses` does not name it.
    NotUsed {
        /// They.
        owners: Vec<String>,
    },
    /// It acts on what every service does, and the migration is not for all of them.
    ForAll {
        /// All services of the database.
        services: Vec<String>,
    },
    /// `migrate.toml` names the database: others come to it by its name.
    NamedDatabase,
    /// It leads to where no wall looks, and `allow` does not name it.
    WayOut,
    /// It is what we keep our own records in.
    Ledger,
    /// It is PostgreSQL's own catalog.
    SystemCatalog,
    /// The migration says no service, and what it touches has several owners.
    Several {
        /// Each owner with something of theirs, in the order of the file.
        owners: Vec<(String, QualifiedName)>,
        /// Whether one statement needs the consent of several, so that no two migrations will do.
        at_once: bool,
    },
}
