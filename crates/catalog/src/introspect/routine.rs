//! Reads functions, procedures, aggregates and window functions.

use std::collections::BTreeMap;

use crate::{Keyed, Routine, RoutineKey, RoutineKind};
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::text::CatalogRow as _;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<RoutineKey, Routine>, ServerError> {
    let rows = reader.query(include_str!("routine.sql"), &[])?;
    let routines = rows.iter().map(|row| {
        let oid = row.number("oid");
        let routine = Routine {
            name: row.name("schema", "name"),
            arguments: row.text("arguments"),
            kind: match row.letter("kind") {
                Some('p') => RoutineKind::Procedure,
                Some('a') => RoutineKind::Aggregate,
                Some('w') => RoutineKind::WindowFunction,
                _ => RoutineKind::Function,
            },
            about: facts.about(Class::Routine, oid, row.str("owner")),
            language: row.text("language"),
            returns: row.optional("returns"),
            definition: row.text("definition"),
        };
        (routine.key(), routine)
    });
    Ok(routines.collect())
}
