//! Reads functions, procedures, aggregates and window functions.

use std::collections::BTreeMap;

use crate::{Keyed, Routine, RoutineKey, RoutineKind};
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<RoutineKey, Routine>, ServerError> {
    let table = reader.query(include_str!("routine.sql"), &[])?;
    let routines = table.rows().map(|mut row| {
        let oid = row.number();
        let routine = Routine {
            name: row.name(),
            arguments: row.text(),
            kind: match row.letter() {
                Some('p') => RoutineKind::Procedure,
                Some('a') => RoutineKind::Aggregate,
                Some('w') => RoutineKind::WindowFunction,
                _ => RoutineKind::Function,
            },
            about: facts.about(Class::Routine, oid, row.str()),
            language: row.text(),
            returns: row.optional_text(),
            definition: row.text(),
        };
        (routine.key(), routine)
    });
    Ok(routines.collect())
}
