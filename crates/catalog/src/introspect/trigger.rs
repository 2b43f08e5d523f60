//! Reads triggers.

use crate::{Enabled, Trigger};
use migrate_postgres::{Row, ServerError};

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;
use super::text::CatalogRow as _;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &mut Relations,
) -> Result<(), ServerError> {
    let rows = reader.query(include_str!("trigger.sql"), &[])?;
    for row in rows.iter() {
        let oid = row.number("oid");
        let Some(relation) = relations.get_mut(row.number("relation")) else {
            continue;
        };
        relation.triggers.push(Trigger {
            name: row.text("name"),
            function: row.name("function_schema", "function_name"),
            enabled: enabled(&row),
            definition: row.text("definition"),
            comment: facts.comment(Class::Trigger, oid),
        });
    }
    relations.for_each(|relation| relation.triggers.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}

/// When a trigger or rule fires.
pub(super) fn enabled(row: &Row<'_>) -> Enabled {
    match row.letter("enabled") {
        Some('A') => Enabled::Always,
        Some('R') => Enabled::Replica,
        Some('D') => Enabled::Disabled,
        _ => Enabled::Origin,
    }
}
