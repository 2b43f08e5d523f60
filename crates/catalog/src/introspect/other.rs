//! Reads the objects of the kinds that few schemas have.

use std::collections::BTreeMap;

use crate::{Keyed, OtherKey, OtherObject};
use migrate_postgres::ServerError;

use super::facts::Facts;
use super::reader::Reader;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
) -> Result<BTreeMap<OtherKey, OtherObject>, ServerError> {
    let rows = reader.query(include_str!("other.sql"), &[])?;
    let others = rows.iter().map(|row| {
        let (class, oid) = (row.number("class"), row.number("object"));
        let other = OtherObject {
            kind: row.text("kind"),
            identity: row.text("identity"),
            about: facts.about_other(class, oid, row.str("owner")),
            definition: row.text("definition"),
        };
        (other.key(), other)
    });
    Ok(others.collect())
}
