//! Reads schemas.

use std::collections::BTreeMap;

use crate::Schema;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<String, Schema>, ServerError> {
    let table = reader.query(include_str!("schema.sql"), &[])?;
    let schemas = table.rows().map(|mut row| {
        let oid = row.number();
        let name = row.text();
        let about = facts.about(Class::Schema, oid, row.str());
        (name.clone(), Schema { name, about })
    });
    Ok(schemas.collect())
}
