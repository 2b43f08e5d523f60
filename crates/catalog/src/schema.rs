//! Schemas.

use serde::{Deserialize, Serialize};

use super::About;

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The name.
    pub name: String,
    /// Owner, grants, comment, extension.
    pub about: About,
}
