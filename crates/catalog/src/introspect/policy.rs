//! Reads policies.

use crate::Policy;
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
    let rows = reader.query(include_str!("policy.sql"), &[])?;
    for row in rows.iter() {
        let oid = row.number("oid");
        let Some(relation) = relations.get_mut(row.number("relation")) else {
            continue;
        };
        relation.policies.push(Policy {
            name: row.text("name"),
            command: match row.letter("command") {
                Some('r') => "SELECT",
                Some('a') => "INSERT",
                Some('w') => "UPDATE",
                Some('d') => "DELETE",
                _ => "ALL",
            }
            .to_owned(),
            permissive: row.bool("permissive"),
            roles: row.sorted_array("roles"),
            using: row.optional("using_sql"),
            with_check: row.optional("check_sql"),
            comment: facts.comment(Class::Policy, oid),
        });
    }
    relations.for_each(|relation| relation.policies.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}
