//! Reads sequences.

use std::collections::BTreeMap;

use crate::{Sequence, SequenceOwner};
use migrate_postgres::ServerError;
use migrate_text::name::{QualifiedName, is_bookkeeping};

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;
use super::text::CatalogRow as _;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &Relations,
) -> Result<BTreeMap<QualifiedName, Sequence>, ServerError> {
    let rows = reader.query(include_str!("sequence.sql"), &[])?;
    let sequences = rows.iter().map(|row| {
        let oid = row.number("oid");
        Sequence {
            name: row.name("schema", "name"),
            about: facts.about(Class::Relation, oid, row.str("owner")),
            data_type: row.text("data_type"),
            start: row.number("start"),
            increment: row.number("increment"),
            minimum: row.number("minimum"),
            maximum: row.number("maximum"),
            cache: row.number("cache"),
            cycle: row.bool("cycle"),
            unlogged: row.bool("unlogged"),
            owned_by: row.reference("owner_table").and_then(|table| {
                Some(SequenceOwner {
                    table: relations.name(table)?.clone(),
                    column: relations
                        .column_name(table, row.number("owner_column"))?
                        .to_owned(),
                    identity: row.bool("identity"),
                })
            }),
        }
    });
    Ok(sequences
        .filter(|sequence| match &sequence.owned_by {
            Some(owner) => !is_bookkeeping(&owner.table.name),
            None => true,
        })
        .map(|sequence| (sequence.name.clone(), sequence))
        .collect())
}
