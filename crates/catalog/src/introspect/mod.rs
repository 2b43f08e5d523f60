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
mod depend;
mod event_trigger;
mod extension;
mod facts;
mod index;
mod other;
mod policy;
mod reader;
mod relation;
mod routine;
mod rule;
mod schema;
mod sequence;
mod statistics;
mod text;
mod transaction;
mod trigger;

use crate::{Catalog, Dependencies};
use migrate_postgres::{ServerError, Session};

use data_type::Types;
use facts::Facts;
use reader::Reader;
use relation::Relations;

pub use reader::Scope;

/// Reads the catalog of the database that the session is on.
///
/// Inside an open transaction it sees what that transaction sees. Otherwise it opens one of its
/// own. Either way the session is left as it was found, unless the server is gone.
pub fn read(session: &mut Session, scope: Scope) -> Result<Catalog, ServerError> {
    transaction::with_one_picture(session, |session| {
        read_all(&mut Reader::new(session, scope))
    })
}

/// Reads what the objects of the database need of each other, as [`read`] reads the objects.
///
/// Beside the catalog and not in it: who prints a `schema.rs` need not wait for it. Both are of one
/// moment inside a transaction that sees one (`REPEATABLE READ`).
///
/// What an extension brought along is named by the extension, and the parts that a catalog does not
/// list (row types, defaults, the rules that make views) by the object that they are a part of.
pub fn read_dependencies(session: &mut Session) -> Result<Dependencies, ServerError> {
    transaction::with_one_picture(session, |session| {
        depend::read(&mut Reader::new(session, Scope::Everything))
    })
}

fn read_all(reader: &mut Reader<'_>) -> Result<Catalog, ServerError> {
    let mut facts = Facts::read(reader)?;
    let mut types = Types::read(reader)?;
    let mut relations = Relations::read(reader, &mut facts, &types)?;
    relations.read_columns(reader, &mut facts, &mut types)?;
    relations.read_constraints(reader, &mut facts, &mut types)?;
    let mut catalog = Catalog {
        schemas: schema::read(reader, &mut facts)?,
        extensions: extension::read(reader, &mut facts)?,
        ..Catalog::default()
    };
    catalog.sequences = sequence::read(reader, &mut facts, &relations)?;
    if reader.scope() == Scope::Everything {
        index::read(reader, &mut facts, &mut relations)?;
        trigger::read(reader, &mut facts, &mut relations)?;
        rule::read(reader, &mut facts, &mut relations)?;
        policy::read(reader, &mut facts, &mut relations)?;
        catalog.routines = routine::read(reader, &mut facts)?;
        catalog.statistics = statistics::read(reader, &mut facts, &relations)?;
        catalog.event_triggers = event_trigger::read(reader, &mut facts)?;
        catalog.default_grants = default_grant::read(reader)?;
        catalog.others = other::read(reader, &mut facts)?;
    }
    catalog.types = types.into_catalog(&mut facts);
    catalog.relations = relations.into_catalog();
    Ok(catalog)
}
