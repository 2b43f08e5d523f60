//! The table whose life it is.

use super::super::entity::Entity;

/// A table of the head company or of a subsidiary.
pub(super) struct Table {
    pub(super) entity: &'static Entity,
    pub(super) schema: String,
    /// The parent's name with its schema, and the type of its key.
    pub(super) parent: Option<Parent>,
    /// Decides which chapters this table goes through.
    pub(super) turn: usize,
}

/// The table another one belongs to.
pub(super) struct Parent {
    pub(super) table: String,
    pub(super) key_type: &'static str,
    /// The referring column.
    pub(super) column: String,
    /// Whether the foreign key comes with the table, or years later.
    pub(super) from_the_start: bool,
}

impl Table {
    /// The table's name, with its schema outside `public`.
    pub(super) fn name(&self) -> String {
        self.in_schema(self.entity.table)
    }

    /// The name of another object beside the table.
    pub(super) fn beside(&self, suffix: &str) -> String {
        self.in_schema(&format!("{}_{suffix}", self.entity.table))
    }

    pub(super) fn in_schema(&self, object: &str) -> String {
        qualified(&self.schema, object)
    }
}

pub(super) fn qualified(schema: &str, object: &str) -> String {
    if schema == "public" {
        object.to_owned()
    } else {
        format!("{schema}.{object}")
    }
}
