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
    let table = reader.query(include_str!("extension.sql"), &[])?;
    let extensions = table.rows().map(|mut row| {
        let oid = row.number();
        let extension = Extension {
            name: row.text(),
            schema: row.text(),
            version: row.text(),
            about: facts.about(Class::Extension, oid, row.str()),
        };
        (extension.name.clone(), extension)
    });
    Ok(extensions.collect())
}
