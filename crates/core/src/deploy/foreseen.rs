//! Wall 2 for what has to be seen before it is done: a database that is dropped is gone, and no
//! comparison afterwards brings it back.

use crate::ownership::Mandate;
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
        let for_all = attribution.is_for_all(&mandate.services);
        let is_database = |name: &str| attribution.is_database(name);
        match foreseen(text, &mandate, for_all, is_database) {
            Some(change) => Err(refused(&[change])),
            None => Ok(()),
        }
    }
}

/// What a statement would do to what is everybody's, and a migration may not.
fn foreseen(
    text: &str,
    mandate: &Mandate,
    for_all: bool,
    is_database: impl Fn(&str) -> bool,
) -> Option<ForeignChange> {
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
        | LoneDeed::Unknown => return None,
    };
    let name = identifier(&written);
    let place = QualifiedName::new("public", &name);
    let is_named = kind == ObjectKind::Database && change == "dropped" && is_database(&name);
    let for_nobody = mandate.services.is_empty();
    let allowed = mandate.allowed.iter().any(|pattern| pattern.fits(&place));
    if !is_named && (for_nobody || for_all || allowed) {
        return None;
    }
    let words = match is_named {
        true => format!("to be {change}, while migrate.toml names it"),
        false => format!("to be {change}"),
    };
    Some(ForeignChange {
        kind,
        name: QualifiedName::new(&name, &name),
        services: Vec::new(),
        changes: vec![words],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_everybodys_is_for_all_or_none() {
        let told = |text: &str, services: &[&str], for_all: bool| {
            let mandate = Mandate {
                services: services.iter().map(ToString::to_string).collect(),
                ..Mandate::default()
            };
            let change = foreseen(text, &mandate, for_all, |name| name == "Shop");
            change.map(|change| format!("{} {}", change.name.name, change.changes.join("; ")))
        };
        for (text, expected) in [
            ("create database x", "x to be created"),
            (
                "/* */ DROP DATABASE if exists X with (force)",
                "x to be dropped",
            ),
            ("create tablespace t location ''", "t to be created"),
            ("drop subscription \"S\"", "S to be dropped"),
        ] {
            assert_eq!(told(text, &["auth"], false).as_deref(), Some(expected));
            assert_eq!(told(text, &["auth", "post"], true), None, "{text}");
            assert_eq!(told(text, &[], false), None, "{text}");
        }
        for text in [
            "vacuum users",
            "drop index concurrently i",
            "alter system reset all",
        ] {
            assert_eq!(told(text, &["auth"], false), None, "{text}");
        }
        // By nobody, not even by all.
        let expected = Some("Shop to be dropped, while migrate.toml names it".to_owned());
        for (services, for_all) in [
            (&["auth"][..], false),
            (&["auth", "post"], true),
            (&[], false),
        ] {
            assert_eq!(told("drop database \"Shop\"", services, for_all), expected);
        }
        assert_eq!(told("drop database shop", &[], false), None);
    }
}
