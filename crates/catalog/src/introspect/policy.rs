//! Reads policies.

use crate::Policy;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &mut Relations,
) -> Result<(), ServerError> {
    let table = reader.query(include_str!("policy.sql"), &[])?;
    for mut row in table.rows() {
        let oid = row.number();
        let Some(relation) = relations.get_mut(row.number()) else {
            continue;
        };
        relation.policies.push(Policy {
            name: row.text(),
            command: match row.letter() {
                Some('r') => "SELECT",
                Some('a') => "INSERT",
                Some('w') => "UPDATE",
                Some('d') => "DELETE",
                _ => "ALL",
            }
            .to_owned(),
            permissive: row.flag(),
            roles: row.sorted_texts(),
            using: row.optional_text(),
            with_check: row.optional_text(),
            comment: facts.comment(Class::Policy, oid),
        });
    }
    relations.for_each(|relation| relation.policies.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}
