//! Reads indexes.

use crate::Index;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;
use super::text::CatalogRow as _;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &mut Relations,
) -> Result<(), ServerError> {
    let rows = reader.query(include_str!("index.sql"), &[])?;
    for row in rows.iter() {
        let (oid, owner) = (row.number("oid"), row.number("relation"));
        if !relations.has(owner) {
            continue;
        }
        let name = row.text("name");
        let numbers: Vec<i16> = row.numbers("columns");
        let (keys, included) = numbers.split_at(row.number::<usize>("keys").min(numbers.len()));
        // An expression has the number 0, and no column has.
        let column = |number: &i16| relations.column_name(owner, *number).map(str::to_owned);
        let index = Index {
            name,
            columns: keys.iter().map(column).collect(),
            included: included.iter().filter_map(column).collect(),
            unique: row.bool("unique"),
            primary: row.bool("primary"),
            of_constraint: row.bool("of_constraint"),
            valid: row.bool("valid"),
            clustered: row.bool("clustered"),
            replica_identity: row.bool("replica_identity"),
            partition_of: row.optional_name("parent_schema", "parent_name"),
            definition: row.text("definition"),
            comment: facts.comment(Class::Relation, oid),
        };
        if let Some(relation) = relations.get_mut(owner) {
            relation.indexes.push(index);
        }
    }
    relations.for_each(|relation| relation.indexes.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}
