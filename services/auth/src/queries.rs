//! What auth asks its database.

use diesel::dsl::now;
use diesel::prelude::*;
use diesel::result::Error as DatabaseError;
use diesel::sql_types::Text;
use service_kit::constraint::violates;
use thiserror::Error;
use uuid::Uuid;

use crate::models::{Integration, NewIntegration, User, UserChanges};
use crate::schema::{third_party_integrations, users};

#[diesel::declare_sql_function]
extern "SQL" {
    /// PostgreSQL's own, because it is PostgreSQL that checks the result: Rust's differs outside
    /// ASCII.
    fn lower(text: Text) -> Text;
}

/// Why a user was not registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Somebody has this address already.
    #[error("this e-mail address is registered already")]
    EmailTaken,
    /// Anything else.
    #[error(transparent)]
    Database(DatabaseError),
}

/// Registers a user. The address may be typed in any case.
pub fn register(
    conn: &mut PgConnection,
    email: &str,
    display_name: &str,
) -> Result<User, RegisterError> {
    diesel::insert_into(users::table)
        .values((
            users::email.eq(lower(email)),
            users::display_name.eq(display_name),
        ))
        .returning(User::as_returning())
        .get_result(conn)
        .map_err(|error| {
            if violates(&error, "users_email_key") {
                RegisterError::EmailTaken
            } else {
                RegisterError::Database(error)
            }
        })
}

/// The user with this address, typed in any case.
pub fn find_by_email(conn: &mut PgConnection, email: &str) -> QueryResult<Option<User>> {
    users::table
        .filter(users::email.eq(lower(email)))
        .select(User::as_select())
        .first(conn)
        .optional()
}

/// Changes a user. `None` when there is no such user.
pub fn update_user(
    conn: &mut PgConnection,
    id: Uuid,
    changes: &UserChanges<'_>,
) -> QueryResult<Option<User>> {
    diesel::update(users::table.find(id))
        .set((changes, users::updated_at.eq(now)))
        .returning(User::as_returning())
        .get_result(conn)
        .optional()
}

/// Why an account was not linked.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The account is linked already, to this user or to another.
    #[error("this account is linked already")]
    AccountTaken,
    /// There is no user to link it to.
    #[error("there is no such user")]
    NoSuchUser,
    /// Anything else.
    #[error(transparent)]
    Database(DatabaseError),
}

/// Links an account elsewhere to a user.
pub fn link_integration(
    conn: &mut PgConnection,
    integration: &NewIntegration<'_>,
) -> Result<Integration, LinkError> {
    diesel::insert_into(third_party_integrations::table)
        .values(integration)
        .returning(Integration::as_returning())
        .get_result(conn)
        .map_err(|error| {
            if violates(&error, "third_party_integrations_account_key") {
                LinkError::AccountTaken
            } else if violates(&error, "third_party_integrations_user_id_fkey") {
                LinkError::NoSuchUser
            } else {
                LinkError::Database(error)
            }
        })
}

/// The accounts a user linked, by provider.
pub fn integrations_of(conn: &mut PgConnection, user: &User) -> QueryResult<Vec<Integration>> {
    Integration::belonging_to(user)
        .select(Integration::as_select())
        .order((
            third_party_integrations::provider,
            third_party_integrations::external_id,
        ))
        .load(conn)
}

/// The user who linked this account: signing in with it.
pub fn find_by_integration(
    conn: &mut PgConnection,
    provider: &str,
    external_id: &str,
) -> QueryResult<Option<User>> {
    users::table
        .inner_join(third_party_integrations::table)
        .filter(third_party_integrations::provider.eq(provider))
        .filter(third_party_integrations::external_id.eq(external_id))
        .select(User::as_select())
        .first(conn)
        .optional()
}

/// Deletes a user and, with it, the accounts the user linked. False when there is no such user.
///
/// Another service whose rows refer to the user stops this with a foreign key violation: what
/// happens to those rows is for that service to say.
pub fn delete_user(conn: &mut PgConnection, id: Uuid) -> QueryResult<bool> {
    diesel::delete(users::table.find(id))
        .execute(conn)
        .map(|deleted| deleted == 1)
}
