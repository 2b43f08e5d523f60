//! Reads the [`Catalog`] of a database.
//!
//! One query for each kind of object, whatever the number of objects, in one read-only
//! transaction, so that the picture is of one moment. There is one file and one `.sql` for each
//! kind. The queries only join whole catalogs: what belongs to what is put together here, by the
//! numbers (OIDs) that the server gives its objects, and then forgotten.
//!
//! It may use a session and the values of the catalog. It may not write, nor compare, nor know what
//! a picture is taken for. The values know nothing of it.
//!
//! ```no_run
//! use migrate_catalog::introspect::{Scope, read};
//! use migrate_postgres::{Session, target::Target};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut session = Session::connect(&Target::parse("postgresql://app@localhost/shop")?)?;
//! let catalog = read(&mut session, Scope::Everything)?;
//! println!("{} tables and views", catalog.relations.len());
//! # Ok(())
//! # }
//! ```

mod data_type;
mod default_grant;
mod event_trigger;
mod extension;
mod facts;
mod index;
mod other;
mod policy;
mod relation;
mod routine;
mod rule;
mod schema;
mod sequence;
mod statistics;
mod text;
mod transaction;
mod trigger;

use crate::Catalog;
use migrate_postgres::{Rows, ServerError, Session};

use data_type::Types;
use facts::Facts;
use relation::Relations;

/// How much of a database is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Everything,
    /// What a code generator asks for: schemas, extensions, types, relations, sequences, columns,
    /// primary and foreign keys, comments. No owners' grants, and no definitions of constraints and views.
    Shape,
}

/// Reads the catalog of the database that the session is on.
///
/// Inside an open transaction it sees what that transaction sees. Otherwise it opens one of its
/// own. Either way the session is left as it was found, unless the server is gone.
pub fn read(session: &mut Session, scope: Scope) -> Result<Catalog, ServerError> {
    transaction::with_one_picture(session, |session| {
        let mut reader = Reader { session, scope };
        reader.read()
    })
}

/// A session within the transaction of [`read`].
struct Reader<'s> {
    session: &'s mut Session,
    scope: Scope,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<Catalog, ServerError> {
        let mut facts = Facts::read(self)?;
        let mut types = Types::read(self)?;
        let mut relations = Relations::read(self, &mut facts, &types)?;
        relations.read_columns(self, &mut facts, &mut types)?;
        relations.read_constraints(self, &mut facts, &mut types)?;
        let mut catalog = Catalog {
            schemas: schema::read(self, &mut facts)?,
            extensions: extension::read(self, &mut facts)?,
            ..Catalog::default()
        };
        catalog.sequences = sequence::read(self, &mut facts, &relations)?;
        if self.scope == Scope::Everything {
            index::read(self, &mut facts, &mut relations)?;
            trigger::read(self, &mut facts, &mut relations)?;
            rule::read(self, &mut facts, &mut relations)?;
            policy::read(self, &mut facts, &mut relations)?;
            catalog.routines = routine::read(self, &mut facts)?;
            catalog.statistics = statistics::read(self, &mut facts, &relations)?;
            catalog.event_triggers = event_trigger::read(self, &mut facts)?;
            catalog.default_grants = default_grant::read(self)?;
            catalog.others = other::read(self, &mut facts)?;
        }
        catalog.types = types.into_catalog(&mut facts);
        catalog.relations = relations.into_catalog();
        Ok(catalog)
    }

    /// Runs one of the queries.
    fn query(&mut self, sql: &str, parameters: &[Option<&str>]) -> Result<Rows, ServerError> {
        let major = self.session.server_version() / 10_000;
        let sql = text::for_version(sql, major);
        self.session.query(&sql, parameters)
    }
}
