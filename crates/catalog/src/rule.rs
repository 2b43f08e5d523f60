//! Rewrite rules.

use serde::{Deserialize, Serialize};

use super::Enabled;

/// A rule of a table or view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The name; unique in its table.
    pub name: String,
    /// When it fires.
    #[serde(default, skip_serializing_if = "Enabled::is_origin")]
    pub enabled: Enabled,
    /// The whole statement: `pg_get_ruledef`.
    pub definition: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Rule {
    pub(super) fn with_state(&self) -> String {
        self.enabled.mark(self.definition.clone())
    }
}
