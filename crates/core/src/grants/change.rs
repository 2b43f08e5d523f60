//! What brings a database nearer to what it should be.

use serde::Serialize;

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
