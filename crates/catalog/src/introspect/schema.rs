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
    let rows = reader.query(include_str!("schema.sql"), &[])?;
    let schemas = rows.iter().map(|row| {
        let oid = row.number("oid");
        let name = row.text("name");
        let about = facts.about(Class::Schema, oid, row.str("owner"));
        (name.clone(), Schema { name, about })
    });
    Ok(schemas.collect())
}
