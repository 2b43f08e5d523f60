//! Wall 3: PostgreSQL's own privileges, so that no service's role can touch what is another's.
//!
//! [`Snapshot`] is what a database says now, `wanted` what it should say, `difference` the
//! statements that lead from one to the other, and [`apply()`] runs them in one transaction.

mod apply;
mod difference;
mod findings;
mod privilege;
mod read;
mod snapshot;
#[cfg(test)]
mod tests;
mod tomorrow;
mod wanted;

use serde::Serialize;

use crate::ownership::{Owners, QualifiedPattern};
use migrate_text::name::QualifiedName;

pub use apply::{Applied, Passwords, apply};
pub use read::read;
pub use snapshot::Snapshot;

/// Whose everything is, and by which roles the services come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wall {
    /// The services' roles.
    pub roles: Vec<WallRole>,
    /// The owners of everything.
    pub owners: Owners,
    /// Diesel's own table, if it is there: a service looks there whether its database is behind.
    pub versions: Option<QualifiedName>,
}

/// A service's role.
#[derive(Debug, Clone, PartialEq)]
pub struct WallRole {
    /// The service.
    pub service: String,
    /// The role.
    pub role: String,
    /// Tables of others that the service reads.
    pub reads: Vec<QualifiedPattern>,
}

/// How the privileges of a database stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Privileges {
    /// What each service's role may do, or will when everything is as it should be.
    pub roles: Vec<RolePrivileges>,
    /// What has to be done so that everything is as it should be, in order.
    pub changes: Vec<Change>,
    /// What no `GRANT` or `REVOKE` of ours can mend.
    pub findings: Vec<Finding>,
}

/// What a service's role may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RolePrivileges {
    /// The service.
    pub service: String,
    /// The role.
    pub role: String,
    /// Whether the role exists.
    pub exists: bool,
    /// Tables that it reads and writes.
    pub writes: Vec<String>,
    /// Tables that it only reads.
    pub reads: Vec<String>,
    /// Sequences that no column owns, and routines.
    pub uses: Vec<String>,
}

/// A statement that brings a database nearer to what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The role; `None` is PUBLIC.
    pub role: Option<String>,
    /// How many privileges it gives or takes.
    pub privileges: usize,
    /// The SQL. Never holds a password.
    pub sql: String,
    /// Why the role that asked cannot do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
}

/// What a [`Change`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Creates a role.
    CreateRole,
    /// Lets a role log in.
    Login,
    /// Gives what is missing.
    Give,
    /// Takes what is too much.
    Take,
}

/// Why a role cannot make a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// It may not create or alter roles.
    NoCreateRole,
    /// The role that would be given something does not exist and cannot be created.
    NoRole,
    /// It is neither this role nor a member of it.
    NotOwner(String),
    /// PostgreSQL took the statement and did nothing.
    NoEffect,
    /// The password was set, and whoever comes with it is refused still.
    StillRefused,
}

/// More than a role should have.
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

impl Privileges {
    /// How the privileges stand, by what the database says.
    pub fn of(wall: &Wall, snapshot: &Snapshot) -> Self {
        let wanted = wanted::wanted(wall, snapshot);
        Self {
            roles: wanted::summary(wall, snapshot, &wanted),
            changes: difference::difference(wall, snapshot, &wanted),
            findings: findings::findings(wall, snapshot, &wanted),
        }
    }

    /// Whether everything is as it should be, and no role has more.
    pub fn is_right(&self) -> bool {
        self.changes.is_empty() && self.findings.is_empty()
    }

    /// How many privileges the changes of a kind are about.
    pub fn count(&self, kind: ChangeKind) -> usize {
        let all = self.changes.iter().filter(|change| change.kind == kind);
        all.map(|change| change.privileges).sum()
    }
}
