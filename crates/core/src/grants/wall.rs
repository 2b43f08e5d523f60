//! What wall 3 is made of: whose everything is, and the services' roles.

use crate::ownership::{Owners, QualifiedPattern};
use migrate_text::name::QualifiedName;

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
    /// Functions and sequences of others that the service uses.
    pub uses: Vec<QualifiedPattern>,
}
