//! Wall 2 for what has to be seen before it is done: a database that is dropped is gone, and no
//! comparison afterwards brings it back.

use migrate_postgres::ServerError;
use migrate_sql::LoneDeed;
use migrate_text::kind::ObjectKind;
use migrate_text::name::{QualifiedName, identifier};

use super::executor::Executor;
use super::guard::{ForeignChange, refused};
use super::job::Job;

impl Executor<'_> {
    /// Refuses a statement about what is everybody's, but for a migration that is for all or for
    /// none. The first wall may not have been able to read it.
    pub(super) fn foresee(&self, job: &Job<'_>, text: &str) -> Result<(), ServerError> {
        let (Some(attribution), Some(mandate)) = (self.attribution, job.mandate(self.attribution))
        else {
            return Ok(());
        };
        let (kind, written, change) = match LoneDeed::of(text) {
            LoneDeed::CreateDatabase { name } => (ObjectKind::Database, name, "created"),
            LoneDeed::DropDatabase { name } => (ObjectKind::Database, name, "dropped"),
            LoneDeed::CreateTablespace { name } => (ObjectKind::Tablespace, name, "created"),
            LoneDeed::DropTablespace { name } => (ObjectKind::Tablespace, name, "dropped"),
            LoneDeed::CreateSubscription { name } => (ObjectKind::Subscription, name, "created"),
            LoneDeed::DropSubscription { name } => (ObjectKind::Subscription, name, "dropped"),
            LoneDeed::BuildIndex { .. }
            | LoneDeed::DropIndex { .. }
            | LoneDeed::Reindex { .. }
            | LoneDeed::DetachPartition { .. }
            | LoneDeed::Repeatable
            // That is never read from a text.
            | LoneDeed::Escaped
            | LoneDeed::Unknown => return Ok(()),
        };
        let name = identifier(&written);
        let place = QualifiedName::new("public", &name);
        let is_named = change == "dropped" && attribution.is_database(&name);
        let for_all = mandate.services.is_empty() || attribution.is_for_all(&mandate.services);
        let allowed = mandate.allowed.iter().any(|pattern| pattern.fits(&place));
        if !is_named && (for_all || allowed) {
            return Ok(());
        }
        let words = match is_named {
            true => format!("to be {change}, while migrate.toml names it"),
            false => format!("to be {change}"),
        };
        Err(refused(&[ForeignChange {
            kind,
            name: QualifiedName::new(&name, &name),
            services: Vec::new(),
            changes: vec![words],
        }]))
    }
}
