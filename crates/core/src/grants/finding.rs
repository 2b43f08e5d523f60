//! What roles have that they should not have.

use serde::Serialize;

/// More than a role should have, or what keeps it from its work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The role.
    pub role: String,
    /// What it has.
    #[serde(flatten)]
    pub excess: Excess,
}

/// What a role has that it should not have; all but the last are about services' roles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Excess {
    /// Everything.
    Superuser,
    /// It may create databases.
    CreatesDatabases,
    /// It may create roles.
    CreatesRoles,
    /// It may replicate.
    Replicates,
    /// No policy holds for it.
    BypassesPolicies,
    /// Its time is over, so that no password helps: `VALID UNTIL`.
    Expired,
    /// It may open no connection: `CONNECTION LIMIT 0`.
    ShutOut,
    /// Its sessions begin with a setting that stops them, or leads round the walls.
    Setting {
        /// `role=admin`
        setting: String,
    },
    /// Its tables work with what is another's, and `uses` does not name it: it may not.
    NotInUses {
        /// Functions and sequences.
        objects: Vec<String>,
    },
    /// It is the role that deploys.
    Deploys,
    /// It owns objects, so it may do everything with them, `DROP` included.
    Owns {
        /// `table public.posts`, ...
        objects: Vec<String>,
    },
    /// It is a member of another role that has more.
    Member {
        /// The role.
        of: String,
        /// What that role has.
        because: Because,
    },
    /// It is no service's role, can log in, and may write to what services own.
    Stranger {
        /// What it may write to.
        writes: Vec<Written>,
    },
}

/// A table or view that somebody may write to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Written {
    /// The table, with its schema outside `public`.
    pub table: String,
    /// The services that own it.
    pub services: Vec<String>,
}

/// What a role has that a service's role is a member of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It is one of PostgreSQL's own.
    Predefined,
    /// It is a superuser.
    Superuser,
    /// It is the role that deploys.
    Deploys,
    /// It is the role of another service.
    Service(String),
    /// It owns these.
    Owns(Vec<String>),
    /// It holds a privilege that the service should not have: `select on public.posts`.
    Holds(String),
}
