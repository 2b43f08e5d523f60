//! Reads sequences.

use std::collections::BTreeMap;

use crate::{Sequence, SequenceOwner};
use migrate_postgres::ServerError;
use migrate_text::name::QualifiedName;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::{Relations, is_bookkeeping};

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &Relations,
) -> Result<BTreeMap<QualifiedName, Sequence>, ServerError> {
    let table = reader.query(include_str!("sequence.sql"), &[])?;
    let sequences = table.rows().map(|mut row| {
        let oid = row.number();
        Sequence {
            name: row.name(),
            about: facts.about(Class::Relation, oid, row.str()),
            data_type: row.text(),
            start: row.number(),
            increment: row.number(),
            minimum: row.number(),
            maximum: row.number(),
            cache: row.number(),
            cycle: row.flag(),
            unlogged: row.flag(),
            owned_by: row.reference().and_then(|table| {
                Some(SequenceOwner {
                    table: relations.name(table)?.clone(),
                    column: relations.column_name(table, row.number())?.to_owned(),
                    identity: row.flag(),
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
