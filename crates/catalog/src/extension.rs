//! Extensions.

use serde::{Deserialize, Serialize};

use super::About;

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The name.
    pub name: String,
    /// The schema that it was put in.
    pub schema: String,
    /// The version.
    pub version: String,
    /// Owner and comment.
    pub about: About,
}

impl Extension {
    pub(super) fn definition(&self) -> String {
        format!("SCHEMA {} VERSION {}", self.schema, self.version)
    }
}
