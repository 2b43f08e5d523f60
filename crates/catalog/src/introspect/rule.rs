//! Reads rules.

use crate::Rule;
use migrate_postgres::ServerError;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::relation::Relations;
use super::trigger::enabled;

pub(super) fn read(
    reader: &mut Reader<'_>,
    facts: &mut Facts,
    relations: &mut Relations,
) -> Result<(), ServerError> {
    let rows = reader.query(include_str!("rule.sql"), &[])?;
    for row in rows.iter() {
        let oid = row.number("oid");
        let Some(relation) = relations.get_mut(row.number("relation")) else {
            continue;
        };
        relation.rules.push(Rule {
            name: row.text("name"),
            enabled: enabled(&row),
            definition: row.text("definition"),
            comment: facts.comment(Class::Rule, oid),
        });
    }
    relations.for_each(|relation| relation.rules.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}
