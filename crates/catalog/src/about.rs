//! What every object has: an owner, grants, a comment, perhaps an extension that it belongs to.

use serde::{Deserialize, Serialize};

/// What can be said about an object of any kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct About {
    /// The role that owns it; empty for kinds of object without owner.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// The extension that brought it along, and that drops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Its comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How its privileges differ from those that such an object of this owner has by default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
}

/// A privilege that differs from PostgreSQL's default.
///
/// Differences rather than the whole list, so that the list is empty for nearly every object, and
/// so that a privilege which a new version invents for owners (`MAINTAIN` in 17) is no difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The role, or `None` for `PUBLIC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The privilege in capitals: `SELECT`.
    pub privilege: String,
    /// What was done to it.
    pub change: GrantChange,
}

/// How a privilege differs from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantChange {
    /// Granted.
    Granted,
    /// Granted, and the role may grant it further.
    GrantedWithGrantOption,
    /// There by default, and revoked.
    Revoked,
}
