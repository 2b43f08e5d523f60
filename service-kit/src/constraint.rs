//! Telling which constraint a write ran into.

use diesel::result::Error;

/// Whether `error` comes from PostgreSQL enforcing the constraint of this name.
///
/// Asking the constraint after the write is the only check that holds: a row looked for and not
/// found beforehand may have been written by somebody else in between.
pub fn violates(error: &Error, constraint: &str) -> bool {
    matches!(error, Error::DatabaseError(_, info) if info.constraint_name() == Some(constraint))
}
