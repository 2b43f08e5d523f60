//! Statistics objects.

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

use super::About;

/// A statistics object: `CREATE STATISTICS`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// The name.
    pub name: QualifiedName,
    /// The table it is about.
    pub table: QualifiedName,
    /// The statistics target, if one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<i32>,
    /// The whole statement: `pg_get_statisticsobjdef`.
    pub definition: String,
    /// Owner, comment, extension.
    pub about: About,
}

impl Statistics {
    pub(super) fn with_target(&self) -> String {
        match self.target {
            Some(target) => format!("{} SET STATISTICS {target}", self.definition),
            None => self.definition.clone(),
        }
    }
}
