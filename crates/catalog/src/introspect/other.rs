//! Reads the objects of the kinds that few schemas have.

use std::collections::BTreeMap;

use crate::{Keyed, OtherKey, OtherObject};
use migrate_postgres::ServerError;

use super::facts::Facts;
use super::reader::Reader;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<OtherKey, OtherObject>, ServerError> {
    let table = reader.query(include_str!("other.sql"), &[])?;
    let others = table.rows().map(|mut row| {
        let (class, oid) = (row.number(), row.number());
        let other = OtherObject {
            kind: row.text(),
            identity: row.text(),
            about: facts.about_other(class, oid, row.str()),
            definition: row.text(),
        };
        (other.key(), other)
    });
    Ok(others.collect())
}
