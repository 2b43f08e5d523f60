//! Privileges of objects that are not there yet: `ALTER DEFAULT PRIVILEGES`.

use serde::{Deserialize, Serialize};

use super::{Grant, Keyed};

/// What objects of one sort, made by one role, will be granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultGrant {
    /// The role that makes the objects.
    pub role: String,
    /// The schema that they are made in; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES`, `SCHEMAS`.
    pub objects: String,
    /// How it differs from what PostgreSQL would do.
    pub grants: Vec<Grant>,
}

/// What a default grant is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefaultGrantKey {
    /// The role that makes the objects.
    pub role: String,
    /// The schema that they are made in; `None` for all.
    pub schema: Option<String>,
    /// `TABLES`, `SEQUENCES`, ...
    pub objects: String,
}

impl Keyed for DefaultGrant {
    type Key = DefaultGrantKey;

    fn key(&self) -> DefaultGrantKey {
        DefaultGrantKey {
            role: self.role.clone(),
            schema: self.schema.clone(),
            objects: self.objects.clone(),
        }
    }
}
