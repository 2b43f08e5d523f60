//! Reads what `ALTER DEFAULT PRIVILEGES` has set.

use std::collections::BTreeMap;

use crate::{DefaultGrant, DefaultGrantKey};
use migrate_postgres::ServerError;

use super::facts::grant;
use super::reader::Reader;

pub(super) fn read(
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<DefaultGrantKey, DefaultGrant>, ServerError> {
    let table = reader.query(include_str!("default_grant.sql"), &[])?;
    let mut defaults: BTreeMap<DefaultGrantKey, DefaultGrant> = BTreeMap::new();
    for mut row in table.rows() {
        let key = DefaultGrantKey {
            role: row.text(),
            schema: row.optional_text(),
            objects: row.text(),
        };
        let default = defaults.entry(key.clone()).or_insert(DefaultGrant {
            role: key.role,
            schema: key.schema,
            objects: key.objects,
            grants: Vec::new(),
        });
        default.grants.push(grant(&mut row));
    }
    for default in defaults.values_mut() {
        default.grants.sort();
    }
    Ok(defaults)
}
