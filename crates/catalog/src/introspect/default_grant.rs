//! Reads what `ALTER DEFAULT PRIVILEGES` has set.

use std::collections::BTreeMap;

use crate::{DefaultGrant, DefaultGrantKey};
use migrate_postgres::ServerError;

use super::facts::grant;
use super::reader::Reader;

pub(super) fn read(
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<DefaultGrantKey, DefaultGrant>, ServerError> {
    let rows = reader.query(include_str!("default_grant.sql"), &[])?;
    let mut defaults: BTreeMap<DefaultGrantKey, DefaultGrant> = BTreeMap::new();
    for row in rows.iter() {
        let key = DefaultGrantKey {
            role: row.text("creator"),
            schema: row.optional("schema"),
            objects: row.text("objects"),
        };
        let default = defaults.entry(key.clone()).or_insert(DefaultGrant {
            role: key.role,
            schema: key.schema,
            objects: key.objects,
            grants: Vec::new(),
        });
        default.grants.push(grant(&row));
    }
    for default in defaults.values_mut() {
        default.grants.sort();
    }
    Ok(defaults)
}
