//! What organization asks its database.
//!
//! Everything about projects belongs inside [`as_tenant`](crate::tenant::as_tenant). None of it
//! names the tenant: the policies of the tables do, and cannot be forgotten. Outside there is
//! nothing to see, and nothing can be written.

use diesel::dsl::now;
use diesel::prelude::*;
use diesel::result::Error as DatabaseError;
use service_kit::constraint::violates;
use thiserror::Error;
use uuid::Uuid;

use crate::models::{
    AuditEntry, NewOrganization, NewProject, Organization, Project, ProjectChanges,
};
use crate::schema::{audit_entries, organizations, projects};

/// Why an organization or a project was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Another organization has this slug, or another project of the organization this name.
    #[error("this name is taken")]
    NameTaken,
    /// Anything else.
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for WriteError {
    fn from(error: DatabaseError) -> Self {
        if violates(&error, "organizations_slug_key") || violates(&error, "projects_name_key") {
            Self::NameTaken
        } else {
            Self::Database(error)
        }
    }
}

/// Creates an organization.
pub fn create_organization(
    conn: &mut PgConnection,
    organization: NewOrganization<'_>,
) -> Result<Organization, WriteError> {
    Ok(diesel::insert_into(organizations::table)
        .values(organization)
        .returning(Organization::as_returning())
        .get_result(conn)?)
}

/// The organization with this slug.
pub fn organization_by_slug(
    conn: &mut PgConnection,
    slug: &str,
) -> QueryResult<Option<Organization>> {
    organizations::table
        .filter(organizations::slug.eq(slug))
        .select(Organization::as_select())
        .first(conn)
        .optional()
}

/// Creates a project of the tenant.
pub fn create_project(
    conn: &mut PgConnection,
    project: NewProject<'_>,
) -> Result<Project, WriteError> {
    Ok(diesel::insert_into(projects::table)
        .values(project)
        .returning(Project::as_returning())
        .get_result(conn)?)
}

/// The tenant's projects, by name.
pub fn projects(conn: &mut PgConnection) -> QueryResult<Vec<Project>> {
    projects::table
        .order(projects::name)
        .select(Project::as_select())
        .load(conn)
}

/// One project of the tenant.
pub fn project(conn: &mut PgConnection, id: Uuid) -> QueryResult<Option<Project>> {
    projects::table
        .find(id)
        .select(Project::as_select())
        .first(conn)
        .optional()
}

/// Changes a project. `None` when the tenant has no such project.
pub fn update_project(
    conn: &mut PgConnection,
    id: Uuid,
    changes: ProjectChanges<'_>,
) -> Result<Option<Project>, WriteError> {
    Ok(diesel::update(projects::table.find(id))
        .set((changes, projects::updated_at.eq(now)))
        .returning(Project::as_returning())
        .get_result(conn)
        .optional()?)
}

/// Deletes a project. False when the tenant has no such project.
pub fn delete_project(conn: &mut PgConnection, id: Uuid) -> QueryResult<bool> {
    diesel::delete(projects::table.find(id))
        .execute(conn)
        .map(|deleted| deleted == 1)
}

/// What happened to a project, the oldest first. It is there after the project is gone, too.
pub fn history_of_project(conn: &mut PgConnection, id: Uuid) -> QueryResult<Vec<AuditEntry>> {
    audit_entries::table
        .filter(audit_entries::table_name.eq("projects"))
        .filter(audit_entries::row_id.eq(id))
        .order(audit_entries::id)
        .select(AuditEntry::as_select())
        .load(conn)
}
