//! Triggers of tables and views.

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

/// A trigger. One that a partition has from its parent is listed only where it is enabled
/// differently there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The name; unique in its table.
    pub name: String,
    /// The function that it calls.
    pub function: QualifiedName,
    /// When it fires.
    #[serde(default, skip_serializing_if = "Enabled::is_origin")]
    pub enabled: Enabled,
    /// The whole statement: `pg_get_triggerdef`.
    pub definition: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// When a trigger or rule fires, by `session_replication_role`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enabled {
    /// Unless the session replays what another server did: the default.
    #[default]
    Origin,
    /// Always.
    Always,
    /// Only when the session replays what another server did.
    Replica,
    /// Never.
    Disabled,
}

impl Enabled {
    pub(super) fn is_origin(&self) -> bool {
        *self == Self::Origin
    }

    /// Says so after a definition, unless it is the default.
    pub(super) fn mark(self, mut definition: String) -> String {
        definition.push_str(match self {
            Self::Origin => "",
            Self::Always => " ENABLE ALWAYS",
            Self::Replica => " ENABLE REPLICA",
            Self::Disabled => " DISABLE",
        });
        definition
    }
}

impl Trigger {
    pub(super) fn with_state(&self) -> String {
        self.enabled.mark(self.definition.clone())
    }
}
