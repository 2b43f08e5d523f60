//! The session that the kinds of objects are read through.

use migrate_postgres::{Rows, ServerError, Session};

use super::text;

/// How much of a database is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Everything,
    /// What a code generator asks for: schemas, extensions, types, relations, sequences, columns,
    /// primary and foreign keys, comments. No owners' grants, and no definitions of constraints and views.
    Shape,
}

/// A session that sees one picture of the database.
pub(super) struct Reader<'s> {
    session: &'s mut Session,
    scope: Scope,
}

impl<'s> Reader<'s> {
    pub(super) fn new(session: &'s mut Session, scope: Scope) -> Self {
        Self { session, scope }
    }

    pub(super) fn scope(&self) -> Scope {
        self.scope
    }

    /// Runs one of the queries.
    pub(super) fn query(
        &mut self,
        sql: &str,
        parameters: &[Option<&str>],
    ) -> Result<Rows, ServerError> {
        let major = self.session.server_version() / 10_000;
        let sql = text::for_version(sql, major);
        self.session.query(&sql, parameters)
    }
}
