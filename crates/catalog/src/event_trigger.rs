//! Event triggers.

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

use super::{About, Enabled};

/// An event trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTrigger {
    /// The name.
    pub name: String,
    /// The event: `ddl_command_end`.
    pub event: String,
    /// The commands it is for, sorted; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The function that it calls.
    pub function: QualifiedName,
    /// When it fires.
    #[serde(default, skip_serializing_if = "Enabled::is_origin")]
    pub enabled: Enabled,
    /// Owner, comment, extension.
    pub about: About,
}

impl EventTrigger {
    pub(super) fn definition(&self) -> String {
        let mut text = format!("ON {}", self.event);
        if !self.tags.is_empty() {
            text.push_str(&format!(" WHEN TAG IN ({})", self.tags.join(", ")));
        }
        text.push_str(&format!(" EXECUTE FUNCTION {}()", self.function));
        self.enabled.mark(text)
    }
}
