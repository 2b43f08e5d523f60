//! Policies of row-level security.

use serde::{Deserialize, Serialize};

use migrate_text::name::quote_identifier;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The name; unique in its table.
    pub name: String,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// Whether it permits rows, rather than restricting those that others permit.
    pub permissive: bool,
    /// The roles it is for, sorted; empty for everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Which rows can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub using: Option<String>,
    /// Which rows can be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_check: Option<String>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Policy {
    pub(super) fn definition(&self) -> String {
        let sort = if self.permissive {
            "PERMISSIVE"
        } else {
            "RESTRICTIVE"
        };
        let roles = if self.roles.is_empty() {
            "PUBLIC".to_owned()
        } else {
            let roles: Vec<String> = self.roles.iter().map(|r| quote_identifier(r)).collect();
            roles.join(", ")
        };
        let mut text = format!("AS {sort} FOR {} TO {roles}", self.command);
        if let Some(using) = &self.using {
            text.push_str(&format!(" USING ({using})"));
        }
        if let Some(check) = &self.with_check {
            text.push_str(&format!(" WITH CHECK ({check})"));
        }
        text
    }
}
