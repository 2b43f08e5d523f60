//! The queries of organization, on PostgreSQL with the whole history applied, and the walls
//! between tenants.

use std::ops::{Deref, DerefMut};

use diesel::connection::SimpleConnection as _;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use organization::models::{NewOrganization, NewProject, Organization, ProjectChanges};
use organization::queries::{
    WriteError, create_organization, create_project, delete_project, history_of_project,
    organization_by_slug, project, projects, update_project,
};
use organization::schema::{audit_entries, projects as projects_table};
use organization::tenant::as_tenant;
use serde_json::json;
use testkit::Database;
use uuid::Uuid;

/// A connection that may do what the service may do in production.
///
/// The server's superuser is above row-level security, so every test makes a role that is not.
/// Roles belong to the whole server, which other tests use at the same time: each has a name of
/// its own.
struct Service {
    conn: PgConnection,
    role: String,
    // Last, so that the connection is closed before the database is dropped.
    _database: Database,
}

impl Service {
    fn connect() -> Self {
        let database =
            Database::with_history(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"));
        let mut conn = PgConnection::establish(database.url()).unwrap();
        let role = format!("organization_{}", Uuid::new_v4().simple());
        conn.batch_execute(&format!(
            "create role {role};
             grant select, insert, update, delete on organizations, projects to {role};
             grant select on audit_entries to {role};
             set role {role}"
        ))
        .unwrap();
        Self {
            conn,
            role,
            _database: database,
        }
    }

    /// Runs SQL as the superuser, then goes back to the service's role.
    fn as_superuser(&mut self, sql: &str) {
        let role = &self.role;
        self.conn
            .batch_execute(&format!("reset role; {sql}; set role {role}"))
            .unwrap();
    }

    fn organization(&mut self, slug: &str) -> Organization {
        create_organization(self, NewOrganization { name: slug, slug }).unwrap()
    }
}

impl Deref for Service {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.conn
    }
}

impl DerefMut for Service {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let role = &self.role;
        let dropped = self.conn.batch_execute(&format!(
            "reset role; reassign owned by {role} to current_user; drop owned by {role}; drop role {role}"
        ));
        // A test that is failing already says more than this could.
        if !std::thread::panicking() {
            dropped.unwrap();
        }
    }
}

const ENGINE: NewProject<'_> = NewProject {
    name: "Engine",
    description: "Analytical",
};

#[track_caller]
fn assert_denied<T>(result: Result<T, Error>, why: &str) {
    match result {
        Err(Error::DatabaseError(_, info)) => assert!(info.message().contains(why), "{info:?}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was allowed"),
    }
}

#[test]
fn an_organization_is_found_by_its_slug() {
    let mut service = Service::connect();
    let acme = service.organization("acme-labs");
    assert_eq!(
        organization_by_slug(&mut service, "acme-labs").unwrap(),
        Some(acme)
    );
    assert_eq!(organization_by_slug(&mut service, "acme").unwrap(), None);

    let again = NewOrganization {
        name: "Another",
        slug: "acme-labs",
    };
    assert!(matches!(
        create_organization(&mut service, again),
        Err(WriteError::NameTaken)
    ));
    let malformed = NewOrganization {
        name: "Acme",
        slug: "Acme Labs",
    };
    assert!(matches!(
        create_organization(&mut service, malformed),
        Err(WriteError::Database(Error::DatabaseError(
            DatabaseErrorKind::CheckViolation,
            _
        )))
    ));
}

#[test]
fn a_project_is_created_changed_and_deleted() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let created = as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)).unwrap();
    assert_eq!(created.tenant_id, acme);
    assert_eq!(created.description, "Analytical");

    let changes = ProjectChanges {
        name: Some("Difference engine"),
        ..ProjectChanges::default()
    };
    let changed = as_tenant(&mut service, acme, |conn| {
        update_project(conn, created.id, changes)
    })
    .unwrap()
    .unwrap();
    assert_eq!(changed.name, "Difference engine");
    assert_eq!(changed.description, "Analytical");
    assert!(changed.updated_at > created.updated_at);

    as_tenant(&mut service, acme, |conn| {
        assert_eq!(project(conn, created.id)?, Some(changed));
        assert!(delete_project(conn, created.id)?);
        assert!(!delete_project(conn, created.id)?);
        assert_eq!(project(conn, created.id)?, None);
        QueryResult::Ok(())
    })
    .unwrap();
}

#[test]
fn a_name_is_taken_within_its_organization_only() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let rival = service.organization("rival").id;
    as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)).unwrap();
    as_tenant(&mut service, rival, |conn| create_project(conn, ENGINE)).unwrap();
    assert!(matches!(
        as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)),
        Err(WriteError::NameTaken)
    ));
}

#[test]
fn a_tenant_sees_only_its_own() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let rival = service.organization("rival").id;
    let ours = as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)).unwrap();
    let theirs = as_tenant(&mut service, rival, |conn| create_project(conn, ENGINE)).unwrap();

    as_tenant(&mut service, acme, |conn| {
        assert_eq!(project(conn, theirs.id)?, None);
        assert_eq!(history_of_project(conn, theirs.id)?, []);
        assert_eq!(history_of_project(conn, ours.id)?.len(), 1);
        assert_eq!(projects(conn)?, [ours]);
        QueryResult::Ok(())
    })
    .unwrap();
}

#[test]
fn a_tenant_writes_only_its_own() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let rival = service.organization("rival").id;
    let ours = as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)).unwrap();
    let theirs = as_tenant(&mut service, rival, |conn| create_project(conn, ENGINE)).unwrap();

    // What it cannot see, it cannot change or delete.
    as_tenant(&mut service, acme, |conn| {
        let changes = ProjectChanges {
            name: Some("Ours now"),
            ..ProjectChanges::default()
        };
        assert_eq!(update_project(conn, theirs.id, changes)?, None);
        assert!(!delete_project(conn, theirs.id)?);
        Ok::<_, WriteError>(())
    })
    .unwrap();

    // It cannot put a row into another organization, new or its own.
    let planted = as_tenant(&mut service, acme, |conn| {
        diesel::insert_into(projects_table::table)
            .values((
                projects_table::tenant_id.eq(rival),
                projects_table::name.eq("Planted"),
            ))
            .execute(conn)
    });
    assert_denied(planted, "row-level security");
    let moved = as_tenant(&mut service, acme, |conn| {
        diesel::update(projects_table::table.find(ours.id))
            .set(projects_table::tenant_id.eq(rival))
            .execute(conn)
    });
    assert_denied(moved, "row-level security");

    let seen = as_tenant(&mut service, rival, projects).unwrap();
    assert_eq!(seen, [theirs]);
}

#[test]
fn without_a_tenant_there_is_nothing() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;

    // Before any transaction set a tenant on this connection, and after one did.
    for _ in 0..2 {
        assert_eq!(projects(&mut service).unwrap(), []);
        let ownerless = diesel::insert_into(projects_table::table)
            .values(ENGINE)
            .execute(&mut *service);
        assert_denied(ownerless, "row-level security");
        as_tenant(&mut service, acme, |conn| {
            let project = create_project(conn, ENGINE)?;
            delete_project(conn, project.id)?;
            Ok::<_, WriteError>(())
        })
        .unwrap();
    }
}

#[test]
fn a_failed_transaction_leaves_nothing_behind() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let failed = as_tenant(&mut service, acme, |conn| {
        create_project(conn, ENGINE)?;
        Err::<(), _>(WriteError::Database(Error::RollbackTransaction))
    });
    assert!(failed.is_err());
    assert_eq!(projects(&mut service).unwrap(), []);
    assert_eq!(as_tenant(&mut service, acme, projects).unwrap(), []);
}

#[test]
fn a_tenant_cannot_be_set_inside_a_transaction() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let rival = service.organization("rival").id;
    let nested = as_tenant(&mut service, acme, |conn| as_tenant(conn, rival, projects));
    assert_eq!(nested, Err(Error::AlreadyInTransaction));
}

#[test]
fn the_owner_of_the_tables_is_not_above_the_policies() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let rival = service.organization("rival").id;
    let ours = as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)).unwrap();
    let owner = service.role.clone();
    service.as_superuser(&format!(
        "alter table projects owner to {owner}; alter table audit_entries owner to {owner}"
    ));

    assert_eq!(projects(&mut service).unwrap(), []);
    assert_eq!(history_of_project(&mut service, ours.id).unwrap(), []);
    assert_eq!(as_tenant(&mut service, rival, projects).unwrap(), []);
    assert_eq!(as_tenant(&mut service, acme, projects).unwrap(), [ours]);
}

#[test]
fn every_change_of_a_project_is_in_its_history() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let created = as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)).unwrap();
    as_tenant(&mut service, acme, |conn| {
        let changes = ProjectChanges {
            description: Some("Difference"),
            ..ProjectChanges::default()
        };
        update_project(conn, created.id, changes)?;
        delete_project(conn, created.id)?;
        Ok::<_, WriteError>(())
    })
    .unwrap();

    let history = as_tenant(&mut service, acme, |conn| {
        history_of_project(conn, created.id)
    })
    .unwrap();
    let story: Vec<_> = history
        .iter()
        .map(|entry| {
            let description = |row: &Option<serde_json::Value>| {
                row.as_ref().map(|row| row["description"].clone())
            };
            (
                entry.action.as_str(),
                description(&entry.old_row),
                description(&entry.new_row),
            )
        })
        .collect();
    let (first, second) = (json!("Analytical"), json!("Difference"));
    assert_eq!(
        story,
        [
            ("insert", None, Some(first.clone())),
            ("update", Some(first), Some(second.clone())),
            ("delete", Some(second), None),
        ]
    );
    assert!(history.iter().all(|entry| entry.tenant_id == acme));
    assert!(history.iter().all(|entry| entry.changed_by == "postgres"));
}

#[test]
fn the_history_cannot_be_written_by_hand() {
    let mut service = Service::connect();
    let acme = service.organization("acme").id;
    let created = as_tenant(&mut service, acme, |conn| create_project(conn, ENGINE)).unwrap();

    let forged = as_tenant(&mut service, acme, |conn| {
        diesel::insert_into(audit_entries::table)
            .values((
                audit_entries::tenant_id.eq(acme),
                audit_entries::table_name.eq("projects"),
                audit_entries::row_id.eq(created.id),
                audit_entries::action.eq("update"),
            ))
            .execute(conn)
    });
    assert_denied(forged, "permission denied for table");
    let erased = as_tenant(&mut service, acme, |conn| {
        diesel::delete(audit_entries::table).execute(conn)
    });
    assert_denied(erased, "permission denied for table");

    // Nor by hanging the trigger function on a table of one's own.
    service
        .conn
        .batch_execute("create temporary table mine (id uuid, tenant_id uuid)")
        .unwrap();
    let hung = service.conn.batch_execute(
        "create trigger forge after insert on mine for each row execute function create_audit_entry()",
    );
    assert_denied(hung, "permission denied for function");

    // Nor by putting a table in the way of the real one.
    service
        .conn
        .batch_execute("create temporary table audit_entries (like public.audit_entries)")
        .unwrap();
    as_tenant(&mut service, acme, |conn| delete_project(conn, created.id)).unwrap();
    service
        .conn
        .batch_execute("drop table pg_temp.audit_entries")
        .unwrap();
    let entries: i64 = as_tenant(&mut service, acme, |conn| {
        audit_entries::table.select(count_star()).first(conn)
    })
    .unwrap();
    assert_eq!(entries, 2);
}
