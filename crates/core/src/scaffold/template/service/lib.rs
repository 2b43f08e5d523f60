//! The service `{service}`.

pub mod schema;

use chrono::{DateTime, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;

/// A row of `accounts`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = schema::accounts, check_for_backend(Pg))]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// Where it is reached.
    pub email: String,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
}

/// The newest accounts.
pub fn newest(connection: &mut PgConnection, limit: i64) -> QueryResult<Vec<Account>> {
    use schema::accounts::dsl::{accounts, created_at};
    accounts
        .order(created_at.desc())
        .limit(limit)
        .select(Account::as_select())
        .load(connection)
}
