//! Functions, procedures, aggregates and window functions.

use std::fmt;

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

use super::{About, Keyed};

/// A routine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routine {
    /// The name.
    pub name: QualifiedName,
    /// The arguments that tell it from others of its name: `pg_get_function_identity_arguments`.
    pub arguments: String,
    /// Which of them it is.
    pub kind: RoutineKind,
    /// The language: `sql`, `plpgsql`, `c`.
    pub language: String,
    /// What it returns; `None` for procedures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<String>,
    /// The whole statement: `pg_get_functiondef`, and the same by hand for aggregates, which
    /// that function refuses.
    pub definition: String,
    /// Owner, grants, comment, extension.
    pub about: About,
}

/// The sorts of routines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineKind {
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// An aggregate.
    Aggregate,
    /// A window function.
    WindowFunction,
}

/// What a routine is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoutineKey {
    /// The name.
    pub name: QualifiedName,
    /// The arguments that tell it from others of its name.
    pub arguments: String,
}

impl fmt::Display for RoutineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.arguments)
    }
}

impl Keyed for Routine {
    type Key = RoutineKey;

    fn key(&self) -> RoutineKey {
        RoutineKey {
            name: self.name.clone(),
            arguments: self.arguments.clone(),
        }
    }
}
