//! Reads extensions.

use std::collections::BTreeMap;

use crate::Extension;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<String, Extension>, ServerError> {
    let rows = reader.query(include_str!("extension.sql"), &[])?;
    let extensions = rows.iter().map(|row| {
        let oid = row.number("oid");
        let extension = Extension {
            name: row.text("name"),
            schema: row.text("schema"),
            version: row.text("version"),
            about: facts.about(Class::Extension, oid, row.str("owner")),
        };
        (extension.name.clone(), extension)
    });
    Ok(extensions.collect())
}
