//! Reads indexes.

use crate::Index;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &mut Relations,
) -> Result<(), ServerError> {
    let table = reader.query(include_str!("index.sql"), &[])?;
    for mut row in table.rows() {
        let (oid, owner) = (row.number(), row.number());
        if !relations.has(owner) {
            continue;
        }
        let name = row.text();
        let numbers: Vec<i16> = row.numbers();
        let (keys, included) = numbers.split_at(row.number::<usize>().min(numbers.len()));
        // An expression has the number 0, and no column has.
        let column = |number: &i16| relations.column_name(owner, *number).map(str::to_owned);
        let index = Index {
            name,
            columns: keys.iter().map(column).collect(),
            included: included.iter().filter_map(column).collect(),
            unique: row.flag(),
            primary: row.flag(),
            of_constraint: row.flag(),
            valid: row.flag(),
            clustered: row.flag(),
            replica_identity: row.flag(),
            partition_of: row.optional_name(),
            definition: row.text(),
            comment: facts.comment(Class::Relation, oid),
        };
        if let Some(relation) = relations.get_mut(owner) {
            relation.indexes.push(index);
        }
    }
    relations.for_each(|relation| relation.indexes.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}
