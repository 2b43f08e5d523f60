//! Reads event triggers.

use std::collections::BTreeMap;

use crate::EventTrigger;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::trigger::enabled;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<String, EventTrigger>, ServerError> {
    let table = reader.query(include_str!("event_trigger.sql"), &[])?;
    let triggers = table.rows().map(|mut row| {
        let oid = row.number();
        let trigger = EventTrigger {
            name: row.text(),
            event: row.text(),
            tags: row.sorted_texts(),
            function: row.name(),
            enabled: enabled(&mut row),
            about: facts.about(Class::EventTrigger, oid, row.str()),
        };
        (trigger.name.clone(), trigger)
    });
    Ok(triggers.collect())
}
