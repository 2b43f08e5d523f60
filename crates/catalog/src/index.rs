//! Indexes.

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

/// An index of a table or materialized view. Its schema is that of its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The name; unique in its schema.
    pub name: String,
    /// The columns that are searched by, in their order; `None` for an expression.
    pub columns: Vec<Option<String>>,
    /// The columns that are only carried along (`INCLUDE`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<String>,
    /// Whether it is unique.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// Whether it is the primary key's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
    /// Whether it belongs to the constraint of its name, and comes and goes with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_constraint: bool,
    /// Whether queries may use it. An index is left invalid by a failed
    /// `CREATE INDEX CONCURRENTLY`.
    pub valid: bool,
    /// Whether `CLUSTER` uses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clustered: bool,
    /// Whether it identifies rows to logical replication.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replica_identity: bool,
    /// The index of the partitioned table that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<QualifiedName>,
    /// The whole statement: `pg_get_indexdef`.
    pub definition: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Index {
    pub(super) fn with_state(&self) -> String {
        let mut text = self.definition.clone();
        for (is_so, words) in [
            (!self.valid, " INVALID"),
            (self.clustered, " CLUSTER"),
            (self.replica_identity, " REPLICA IDENTITY"),
        ] {
            if is_so {
                text.push_str(words);
            }
        }
        if let Some(parent) = &self.partition_of {
            text.push_str(&format!(" PARTITION OF {parent}"));
        }
        text
    }
}
