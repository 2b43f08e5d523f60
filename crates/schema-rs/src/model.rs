//! What is in a `schema.rs`, before it is text.

use std::borrow::Cow;

/// A `table!`.
pub(super) struct Table<'c> {
    /// The schema, unless it is `public`.
    pub(super) schema: Option<&'c str>,
    pub(super) sql_name: &'c str,
    pub(super) rust_name: Cow<'c, str>,
    /// The columns of the primary key, in SQL.
    pub(super) primary_key: Vec<&'c str>,
    pub(super) columns: Vec<Column<'c>>,
    pub(super) comment: Option<&'c str>,
    /// A line about it, for people.
    pub(super) note: Option<String>,
}

/// A column of a `table!`.
pub(super) struct Column<'c> {
    pub(super) sql_name: &'c str,
    pub(super) rust_name: Cow<'c, str>,
    pub(super) sql_type: SqlType<'c>,
    /// An array of the type. Its elements take NULL, always.
    pub(super) is_array: bool,
    pub(super) is_nullable: bool,
    pub(super) max_length: Option<u32>,
    pub(super) comment: Option<&'c str>,
}

/// A type that is neither array nor nullable.
pub(super) struct SqlType<'c> {
    /// The schema, unless it is `public`.
    pub(super) schema: Option<&'c str>,
    pub(super) sql_name: &'c str,
    pub(super) rust_name: String,
    /// Whether the file has to define it, as Diesel does not.
    pub(super) is_custom: bool,
}

/// A `joinable!` between two tables, by their places in the list.
pub(super) struct Join {
    pub(super) child: usize,
    pub(super) parent: usize,
    /// The child's column, in Rust.
    pub(super) column: String,
}

impl Table<'_> {
    /// As Diesel writes it into attributes and comments: not quoted.
    pub(super) fn full_sql_name(&self) -> Cow<'_, str> {
        match self.schema {
            Some(schema) => Cow::Owned(format!("{schema}.{}", self.sql_name)),
            None => Cow::Borrowed(self.sql_name),
        }
    }
}

impl Column<'_> {
    /// The column's type in Rust.
    pub(super) fn rust_type(&self) -> Cow<'_, str> {
        let name = &self.sql_type.rust_name;
        match (self.is_nullable, self.is_array) {
            (false, false) => Cow::Borrowed(name),
            (true, false) => Cow::Owned(format!("Nullable<{name}>")),
            (false, true) => Cow::Owned(format!("Array<Nullable<{name}>>")),
            (true, true) => Cow::Owned(format!("Nullable<Array<Nullable<{name}>>>")),
        }
    }
}
