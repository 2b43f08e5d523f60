//! Reads statistics objects.

use std::collections::BTreeMap;

use crate::Statistics;
use migrate_postgres::ServerError;
use migrate_text::name::QualifiedName;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;
use super::text::CatalogRow as _;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &Relations,
) -> Result<BTreeMap<QualifiedName, Statistics>, ServerError> {
    let rows = reader.query(include_str!("statistics.sql"), &[])?;
    let statistics = rows.iter().filter_map(|row| {
        let oid = row.number("oid");
        let name = row.name("schema", "name");
        let about = facts.about(Class::Statistics, oid, row.str("owner"));
        let statistics = Statistics {
            table: relations.listed_name(row.number("relation"))?.clone(),
            target: row.optional_number("target"),
            definition: row.text("definition"),
            name,
            about,
        };
        Some((statistics.name.clone(), statistics))
    });
    Ok(statistics.collect())
}
