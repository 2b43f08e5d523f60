//! Sequences.

use serde::{Deserialize, Serialize};

use migrate_text::name::{QualifiedName, quote_identifier};

use super::About;

/// A sequence; its value is data and not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// The name.
    pub name: QualifiedName,
    /// Owner, grants, comment, extension.
    pub about: About,
    /// `smallint`, `integer` or `bigint`.
    pub data_type: String,
    /// `START WITH`.
    pub start: i64,
    /// `INCREMENT BY`.
    pub increment: i64,
    /// `MINVALUE`.
    pub minimum: i64,
    /// `MAXVALUE`.
    pub maximum: i64,
    /// `CACHE`.
    pub cache: i64,
    /// `CYCLE`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cycle: bool,
    /// `UNLOGGED`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// The column that it belongs to, and is dropped with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<SequenceOwner>,
}

/// The column that a sequence belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceOwner {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// Whether it is an identity column, so that the sequence is a part of it.
    pub identity: bool,
}

impl Sequence {
    pub(super) fn definition(&self) -> String {
        let mut text = format!(
            "AS {} START {} INCREMENT {} MINVALUE {} MAXVALUE {} CACHE {}",
            self.data_type, self.start, self.increment, self.minimum, self.maximum, self.cache
        );
        if self.cycle {
            text.push_str(" CYCLE");
        }
        if self.unlogged {
            text.push_str(" UNLOGGED");
        }
        if let Some(owner) = &self.owned_by {
            let how = if owner.identity {
                "IDENTITY OF"
            } else {
                "OWNED BY"
            };
            let column = quote_identifier(&owner.column);
            text.push_str(&format!(" {how} {}.{column}", owner.table));
        }
        text
    }
}
