//! The rows of auth's tables.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use service_kit::text_list::TextList;
use uuid::Uuid;

use crate::schema::{third_party_integrations, users};

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub struct User {
    /// The key other tables refer to.
    pub id: Uuid,
    /// In lower case, so that it is found however it was typed.
    pub email: String,
    /// The name other users see.
    pub display_name: String,
    /// When the user registered.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a user may change; `None` leaves it as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = users)]
pub struct UserChanges<'a> {
    /// The name other users see.
    pub display_name: Option<&'a str>,
}

/// A user's account at another company.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Identifiable, Associations)]
#[diesel(
    table_name = third_party_integrations,
    belongs_to(User),
    check_for_backend(diesel::pg::Pg)
)]
pub struct Integration {
    /// The key of the row.
    pub id: Uuid,
    /// Whose account it is.
    pub user_id: Uuid,
    /// The company: `github`.
    pub provider: String,
    /// Who the user is to that company.
    pub external_id: String,
    /// What the user allowed us to do there.
    pub scopes: TextList,
    /// The provider's token, encrypted.
    pub sealed_secret: Option<Vec<u8>>,
    /// The name of the key that opens `sealed_secret`.
    pub sealed_with: Option<String>,
    /// When the account was linked.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

/// Leaves the secret out: encrypted or not, it has no business in a log.
impl fmt::Debug for Integration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Integration")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .field("provider", &self.provider)
            .field("external_id", &self.external_id)
            .field("scopes", &self.scopes)
            .field("sealed_with", &self.sealed_with)
            .finish_non_exhaustive()
    }
}

/// An account to link to a user.
#[derive(Clone, Insertable)]
#[diesel(table_name = third_party_integrations)]
pub struct NewIntegration<'a> {
    /// Whose account it is.
    pub user_id: Uuid,
    /// The company: `github`.
    pub provider: &'a str,
    /// Who the user is to that company.
    pub external_id: &'a str,
    /// What the user allowed us to do there.
    pub scopes: TextList,
    /// The provider's token.
    #[diesel(embed)]
    pub secret: Option<SealedSecret<'a>>,
}

/// A secret that was encrypted before it came here. There is no type for one that was not.
#[derive(Clone, Insertable)]
#[diesel(table_name = third_party_integrations)]
pub struct SealedSecret<'a> {
    /// The encrypted bytes.
    pub sealed_secret: &'a [u8],
    /// The name of the key that opens them.
    pub sealed_with: &'a str,
}
