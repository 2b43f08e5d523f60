//! Reads event triggers.

use std::collections::BTreeMap;

use crate::EventTrigger;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::text::CatalogRow as _;
use super::trigger::enabled;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<String, EventTrigger>, ServerError> {
    let rows = reader.query(include_str!("event_trigger.sql"), &[])?;
    let triggers = rows.iter().map(|row| {
        let oid = row.number("oid");
        let trigger = EventTrigger {
            name: row.text("name"),
            event: row.text("event"),
            tags: row.sorted_array("tags"),
            function: row.name("function_schema", "function_name"),
            enabled: enabled(&row),
            about: facts.about(Class::EventTrigger, oid, row.str("owner")),
        };
        (trigger.name.clone(), trigger)
    });
    Ok(triggers.collect())
}
