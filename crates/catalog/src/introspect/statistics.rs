//! Reads statistics objects.

use std::collections::BTreeMap;

use crate::Statistics;
use migrate_postgres::ServerError;
use migrate_text::name::QualifiedName;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &Relations,
) -> Result<BTreeMap<QualifiedName, Statistics>, ServerError> {
    let table = reader.query(include_str!("statistics.sql"), &[])?;
    let statistics = table.rows().filter_map(|mut row| {
        let oid = row.number();
        let name = row.name();
        let about = facts.about(Class::Statistics, oid, row.str());
        let statistics = Statistics {
            table: relations.listed_name(row.number())?.clone(),
            target: row.optional_number(),
            definition: row.text(),
            name,
            about,
        };
        Some((statistics.name.clone(), statistics))
    });
    Ok(statistics.collect())
}
