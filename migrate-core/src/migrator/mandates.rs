//! What each migration may touch.

use crate::deploy::Mandates;
use crate::event::MigrationRef;
use crate::ownership::{Class, Mandate, OwnerRule, Owners, QualifiedPattern};
use crate::workspace::{Service, TablePattern};

use super::Migrator;

impl Migrator {
    /// The mandates of the migrations of one database: none where it has not two services.
    pub(super) fn mandates(&self, database: &str) -> Mandates {
        let services: Vec<Service> = self
            .workspace
            .services()
            .iter()
            .filter(|service| {
                let of = self.workspace.database_of(service);
                of.is_ok_and(|name| name == database)
            })
            .cloned()
            .collect();
        if services.len() < 2 {
            return Box::new(|_, _| None);
        }
        Box::new(move |migration, _| mandate(&services, migration))
    }
}

fn mandate(services: &[Service], migration: &MigrationRef) -> Option<Mandate> {
    if migration.services.is_empty() {
        return None;
    }
    let owners = services.iter().flat_map(|service| {
        patterns(&service.owns).map(|pattern| OwnerRule {
            class: Class::Relation,
            pattern,
            services: vec![service.name.clone()],
        })
    });
    let acting = services
        .iter()
        .filter(|service| migration.services.contains(&service.name));
    Some(Mandate {
        services: migration.services.clone(),
        owners: Owners(owners.collect()),
        reads: acting
            .flat_map(|service| patterns(&service.reads))
            .collect(),
        allowed: Vec::new(),
    })
}

/// A pattern that cannot be read is reported where ownership is resolved.
fn patterns(texts: &[TablePattern]) -> impl Iterator<Item = QualifiedPattern> {
    texts
        .iter()
        .filter_map(|pattern| QualifiedPattern::parse(&pattern.text).ok())
}
