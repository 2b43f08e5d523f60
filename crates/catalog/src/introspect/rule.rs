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
    let table = reader.query(include_str!("rule.sql"), &[])?;
    for mut row in table.rows() {
        let oid = row.number();
        let Some(relation) = relations.get_mut(row.number()) else {
            continue;
        };
        relation.rules.push(Rule {
            name: row.text(),
            enabled: enabled(&mut row),
            definition: row.text(),
            comment: facts.comment(Class::Rule, oid),
        });
    }
    relations.for_each(|relation| relation.rules.sort_by(|a, b| a.name.cmp(&b.name)));
    Ok(())
}
