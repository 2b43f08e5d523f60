//! Reads triggers.

use crate::{Enabled, Trigger};
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;
use super::text::Fields;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &mut Relations,
) -> Result<(), ServerError> {
    let table = reader.query(include_str!("trigger.sql"), &[])?;
    for mut row in table.rows() {
        let oid = row.number();
        let Some(relation) = relations.get_mut(row.number()) else {
            continue;
        };
        relation.triggers.push(Trigger {
            name: row.text(),
            function: row.name(),
            enabled: enabled(&mut row),
            definition: row.text(),
            comment: facts.comment(Class::Trigger, oid),
        });
    }
    relations.for_each(|relation| relation.triggers.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}

/// When a trigger or rule fires.
pub(super) fn enabled(row: &mut Fields<'_>) -> Enabled {
    match row.letter() {
        Some('A') => Enabled::Always,
        Some('R') => Enabled::Replica,
        Some('D') => Enabled::Disabled,
        _ => Enabled::Origin,
    }
}
