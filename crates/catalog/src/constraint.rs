//! Constraints of tables.

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// The name; unique in its table.
    pub name: String,
    /// What it demands.
    pub kind: ConstraintKind,
    /// Its columns, in the order in which it names them. Empty for a check of the whole row, and
    /// without the expressions of an exclusion constraint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What a foreign key points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferrable::is_no")]
    pub deferrable: Deferrable,
    /// Whether the rows that were there before it are known to satisfy it.
    pub validated: bool,
    /// Whether it is there only because a parent table has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
    /// What would be written after `CONSTRAINT name`: `pg_get_constraintdef`. Empty where the
    /// [scope](crate::introspect::Scope) leaves it out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub definition: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What a constraint demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    /// A primary key.
    PrimaryKey,
    /// Uniqueness.
    Unique,
    /// A check.
    Check,
    /// An exclusion.
    Exclusion,
    /// A foreign key.
    ForeignKey,
    /// A `NOT NULL` that [`Column::not_null`](super::Column::not_null) does not say all about:
    /// `NOT VALID` or `NO INHERIT`, since PostgreSQL 18.
    NotNull,
}

/// What a foreign key points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The table.
    pub table: QualifiedName,
    /// Its columns, in the order of the key's own.
    pub columns: Vec<String>,
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferrable {
    /// At once, always.
    #[default]
    No,
    /// At once, unless a transaction asks otherwise.
    InitiallyImmediate,
    /// At the end of the transaction, unless it asks otherwise.
    InitiallyDeferred,
}

impl Deferrable {
    fn is_no(&self) -> bool {
        *self == Self::No
    }
}

impl Constraint {
    pub(super) fn with_state(&self) -> String {
        let mark = if self.inherited { " INHERITED" } else { "" };
        format!("{}{mark}", self.definition)
    }
}
