//! Working for one organization at a time.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use uuid::Uuid;

#[diesel::declare_sql_function]
extern "SQL" {
    /// Sets a configuration parameter; a local one only until the transaction ends.
    fn set_config(name: Text, value: Text, is_local: Bool) -> Text;
}

/// Runs `work` in a transaction that sees and writes the rows of one organization only.
///
/// The tenant is set for the transaction, not for the connection: however the transaction ends,
/// the next borrower of a pooled connection starts without a tenant, and so without any rows.
///
/// It cannot be called inside another transaction (the error is
/// [`AlreadyInTransaction`](diesel::result::Error::AlreadyInTransaction)): there the tenant would
/// outlast `work`, until the outer transaction ends.
///
/// PostgreSQL does not apply row-level security to superusers and to roles with `BYPASSRLS`; a
/// service must connect as neither.
pub fn as_tenant<T, E>(
    conn: &mut PgConnection,
    tenant: Uuid,
    work: impl FnOnce(&mut PgConnection) -> Result<T, E>,
) -> Result<T, E>
where
    E: From<diesel::result::Error>,
{
    conn.build_transaction().run(|conn| {
        diesel::select(set_config("app.tenant_id", tenant.to_string(), true)).execute(conn)?;
        work(conn)
    })
}
