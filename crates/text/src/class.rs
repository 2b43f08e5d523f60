//! What can have an owner.

use serde::Serialize;

/// The classes of objects that have an owner of their own: of each kind the one that
/// [`ObjectKind::class`](crate::kind::ObjectKind::class) says. Columns, indexes, constraints,
/// triggers, rules and policies are their table's, and so are the sequences of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The database itself; `migrate.toml` gives it to nobody.
    Database,
    /// A schema; its name is both schema and name.
    Schema,
    /// An extension; its name is both schema and name.
    Extension,
    /// A table, view, materialized view, foreign table or sequence.
    Relation,
    /// A function, procedure or aggregate; all of one name are one.
    Routine,
    /// An enum, domain, composite, range or base type.
    Type,
}
