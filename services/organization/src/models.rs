//! The rows of organization's tables.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{audit_entries, organizations, projects};

/// A tenant: whatever belongs to it, no other organization sees.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = organizations, check_for_backend(diesel::pg::Pg))]
pub struct Organization {
    /// The tenant id in every other table.
    pub id: Uuid,
    /// The name people read.
    pub name: String,
    /// The name in addresses: `acme-labs`.
    pub slug: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

/// An organization to create.
#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = organizations)]
pub struct NewOrganization<'a> {
    /// The name people read.
    pub name: &'a str,
    /// The name in addresses: small letters, digits, and single hyphens between them.
    pub slug: &'a str,
}

/// A project of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Identifiable, Associations)]
#[diesel(
    table_name = projects,
    belongs_to(Organization, foreign_key = tenant_id),
    check_for_backend(diesel::pg::Pg)
)]
pub struct Project {
    /// The key of the row.
    pub id: Uuid,
    /// The organization it belongs to.
    pub tenant_id: Uuid,
    /// What it is called; no two projects of an organization share a name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

/// A project to create. Whose it is, the transaction knows.
#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = projects)]
pub struct NewProject<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it is about.
    pub description: &'a str,
}

/// What may be changed in a project; `None` leaves it as it is.
#[derive(Debug, Clone, Copy, Default, AsChangeset)]
#[diesel(table_name = projects)]
pub struct ProjectChanges<'a> {
    /// What it is called.
    pub name: Option<&'a str>,
    /// What it is about.
    pub description: Option<&'a str>,
}

/// One change to one row. Only the audit trigger writes these.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = audit_entries, check_for_backend(diesel::pg::Pg))]
pub struct AuditEntry {
    /// Grows with time.
    pub id: i64,
    /// The organization the row belongs to.
    pub tenant_id: Uuid,
    /// The table the row is in.
    pub table_name: String,
    /// The key of the row.
    pub row_id: Uuid,
    /// `insert`, `update` or `delete`.
    pub action: String,
    /// The row as it was, if it was there before.
    pub old_row: Option<Value>,
    /// The row as it is now, if it is still there.
    pub new_row: Option<Value>,
    /// The database role that logged in.
    pub changed_by: String,
    /// When the transaction of the change began.
    pub changed_at: DateTime<Utc>,
}
