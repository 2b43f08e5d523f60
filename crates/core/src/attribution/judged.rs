//! A history of one database with everything attributed and judged.

use std::collections::HashMap;
use std::sync::Arc;

use crate::history::{History, Migration};
use crate::ownership::{Mandate, OwnerRule, Owners, Policy, QualifiedPattern};
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;
use migrate_text::source::{Location, SourceFile};

use super::names::Names;
use super::owner::{LastHolders, NOW, Registry, is_named, names};
use super::replay::{Touched, Tracer};
use super::verdict::Case;
use super::world::{Moment, Objects, TracedId, TracedObject};

use super::breach::Breach;
use super::replay::Unseen;

/// Whether newer migrations were applied before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// No: the history is applied in its order.
    No,
    /// Yes.
    Yes,
}

/// A history of one database with everything attributed.
pub struct Attribution<'a> {
    pub(super) policy: &'a Policy,
    pub(super) migrations: &'a [Arc<Migration>],
    /// Their versions, and after them the present.
    versions: Vec<&'a str>,
    pub(super) objects: Objects,
    last_holders: LastHolders,
    pub(super) touched: Vec<Touched>,
    /// The services that each migration is for, named or found out.
    services: Vec<Vec<String>>,
    breaches: Vec<Breach>,
}

impl<'a> Attribution<'a> {
    /// Reads every `up.sql` of a history.
    pub fn of(history: &'a History, policy: &'a Policy) -> Self {
        let migrations = history.migrations();
        let mut tracer = Tracer {
            policy,
            objects: Objects::default(),
            names: Names::default(),
            only_tried: false,
        };
        let touched: Vec<Touched> = migrations
            .iter()
            .enumerate()
            .map(|(moment, migration)| {
                tracer.file(&migration.up, moment, migration.run_in_transaction)
            })
            .collect();
        let versions = migrations.iter().map(|m| m.version.as_str());
        let mut attribution = Self {
            policy,
            migrations,
            versions: versions.chain([NOW]).collect(),
            last_holders: LastHolders::of(&tracer.objects),
            objects: tracer.objects,
            touched,
            services: migrations.iter().map(|m| m.services.clone()).collect(),
            breaches: Vec::new(),
        };
        attribution.judge();
        attribution
    }

    fn judge(&mut self) {
        for (moment, migration) in self.migrations.iter().enumerate() {
            let case = Case {
                migration,
                moment,
                touched: &self.touched[moment],
            };
            match case.services(&self.registry()) {
                Ok(services) => {
                    // What it creates is theirs.
                    self.services[moment] = services;
                    let registry = self.registry();
                    let breaches = case.breaches(&registry, &self.services[moment]);
                    self.breaches.extend(breaches);
                }
                Err(breach) => self.breaches.push(*breach),
            }
        }
    }

    fn registry(&self) -> Registry<'_> {
        Registry {
            policy: self.policy,
            objects: &self.objects,
            versions: &self.versions,
            services: &self.services,
            last_holders: &self.last_holders,
        }
    }

    /// What the `up.sql` files do and may not, in the order of the history.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// What the `up.sql` files of these migrations do and may not.
    pub fn breaches_of(&self, versions: &[&str]) -> Vec<Breach> {
        let of_these = |breach: &&Breach| {
            let mut all = self.migrations.iter();
            let migration = all.find(|m| m.folder_name == breach.migration);
            migration.is_some_and(|m| versions.contains(&m.version.as_str()))
        };
        self.breaches.iter().filter(of_these).cloned().collect()
    }

    /// What could not be seen through, in the order of the history.
    pub fn unseen(&self) -> impl Iterator<Item = &Unseen> {
        self.touched.iter().flat_map(|touched| &touched.unseen)
    }

    /// What the `down.sql` files of these migrations do and may not.
    pub fn breaches_of_down(&self, versions: &[&str]) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for (moment, migration) in self.migrations.iter().enumerate() {
            let down = migration.down.as_ref();
            let Some(down) = down.filter(|_| versions.contains(&migration.version.as_str())) else {
                continue;
            };
            let (objects, touched) = self.tried(down, moment);
            let registry = Registry {
                objects: &objects,
                ..self.registry()
            };
            let case = Case {
                migration,
                moment,
                touched: &touched,
            };
            breaches.extend(case.breaches(&registry, &self.services[moment]));
        }
        breaches
    }

    /// What a file touches if it is run after a migration, and the objects with those that it
    /// makes.
    pub(super) fn tried(&self, file: &SourceFile, moment: Moment) -> (Objects, Touched) {
        let mut tracer = Tracer {
            policy: self.policy,
            objects: self.objects.clone(),
            names: self.names_at(moment),
            only_tried: true,
        };
        let in_transaction = self.migrations[moment].run_in_transaction;
        let touched = tracer.file(file, moment, in_transaction);
        (tracer.objects, touched)
    }

    /// What names mean after a migration.
    fn names_at(&self, moment: Moment) -> Names {
        let mut present = Names::default();
        for (id, object) in self.objects.all().filter(|(_, o)| o.exists_at(moment)) {
            let name = &object.names[object.segment_at(moment)].name;
            present.add(object.class, name, id, true);
        }
        present
    }

    /// Where a table is created, as far as the text tells: the last of this name. One that the text
    /// puts into no schema may be in another than it seems, where the connection's search path
    /// leads elsewhere.
    pub fn created_in(&self, table: &QualifiedName) -> Option<&Location> {
        let all = self.objects.all().map(|(_, object)| object);
        let tables = all.filter(|object| object.kind == ObjectKind::Table && !object.temporary);
        let unsaid = QualifiedName::new("public", &table.name);
        let exact = tables
            .clone()
            .filter(|object| object.name() == table)
            .last();
        let found = exact.or_else(|| tables.filter(|object| *object.name() == unsaid).last());
        found.map(|object| &object.created_at)
    }

    /// The tables that there are after the last migration, by name.
    pub fn tables(&self) -> Vec<&QualifiedName> {
        let all = self.objects.all().map(|(_, object)| object);
        let present =
            all.filter(|object| object.gone.is_none() && object.kind == ObjectKind::Table);
        let mut names: Vec<&QualifiedName> = present.map(|object| object.name()).collect();
        names.sort_unstable();
        names
    }

    /// What these `up.sql` files, which come late, do and may not: a table that has changed hands
    /// since is already its new owner's.
    pub fn breaches_of_late(&self, versions: &[&str]) -> Vec<Breach> {
        let registry = Registry {
            versions: &vec![NOW; self.versions.len()],
            ..self.registry()
        };
        let all = self.migrations.iter().enumerate();
        all.filter(|(_, migration)| versions.contains(&migration.version.as_str()))
            .flat_map(|(moment, migration)| {
                let case = Case {
                    migration,
                    moment,
                    touched: &self.touched[moment],
                };
                case.breaches(&registry, &self.services[moment])
            })
            .collect()
    }

    /// What a migration may touch. One that is not in the history any more, whose `down.sql` the
    /// ledger kept, may touch what the services own now that the ledger names; so may one that
    /// comes late, as the database is past it.
    pub fn mandate(&self, version: &str, services: &[String], late: Late) -> Mandate {
        let mut all = self.migrations.iter();
        let Some(moment) = all.position(|m| m.version == version) else {
            return Mandate {
                services: services.to_vec(),
                owners: self.owners_at(self.migrations.len()),
                reads: self.reads_at(services, self.migrations.len()),
                uses: self.uses(services),
                roles: self.policy.roles_of_others(services),
                allowed: Vec::new(),
            };
        };
        let migration = &self.migrations[moment];
        let services = self.services[moment].clone();
        let mut owners = self.owners_at(moment);
        let seen = match late {
            Late::No => moment,
            Late::Yes => {
                // What is not there any more is whose it was.
                let past = std::mem::replace(&mut owners, self.owners_at(self.migrations.len()));
                owners.0.extend(past.0);
                self.migrations.len()
            }
        };
        Mandate {
            owners,
            reads: self.reads_at(&services, seen),
            uses: self.uses(&services),
            roles: self.policy.roles_of_others(&services),
            allowed: self.allowed(migration),
            services,
        }
    }

    /// Whether `migrate.toml` names a database that a server knows by this name.
    pub(crate) fn is_database(&self, name: &str) -> bool {
        self.policy.is_database(name)
    }

    /// Whether these are all services of the database.
    pub(crate) fn is_for_all(&self, services: &[String]) -> bool {
        let mut all = self.policy.services();
        all.all(|service| services.iter().any(|named| named == service))
    }

    /// The exceptions that a migration makes. A schema or extension is in none.
    fn allowed(&self, migration: &Migration) -> Vec<QualifiedPattern> {
        let mut patterns = Vec::new();
        for exception in &migration.allow {
            patterns.extend(QualifiedPattern::parse(&exception.object));
            let is_plain = |object: &TracedObject| {
                !object.class.has_schema() && object.name().name == exception.object
            };
            let plain = self.objects.all().find(|(_, object)| is_plain(object));
            patterns.extend(plain.map(|(_, object)| QualifiedPattern::exact(object.name())));
        }
        patterns
    }

    /// Whose everything is now, after the last migration and the last transfer. A name that is
    /// not in use any more comes last: a database that is behind, or was taken back, may have it.
    pub fn owners(&self) -> Owners {
        let mut owners = self.owners_at(self.migrations.len());
        let registry = self.registry();
        let all = self.objects.all().filter(|(_, object)| is_named(object));
        for (id, object) in all {
            let moments = object.names.iter().map(|named| named.since + 1);
            for (name, moment) in names(object).into_iter().zip(moments) {
                owners.0.push(OwnerRule {
                    class: object.class,
                    pattern: QualifiedPattern::exact(name),
                    services: registry.owners(id, moment),
                });
            }
        }
        owners
    }

    /// Whose everything is at a moment: first what is not as `owns` says, then `owns`. What the
    /// history has made for nobody is in it too: no service may change that.
    fn owners_at(&self, moment: Moment) -> Owners {
        let registry = self.registry();
        let mut rules: Vec<OwnerRule> = Vec::new();
        // Several functions may have one name, and then any of their owners may change them.
        let mut overloaded: HashMap<(Class, &QualifiedName), usize> = HashMap::new();
        for (id, object) in self.objects.all() {
            // An object that the migration itself drops or renames counts too.
            let was = object.gone.is_none_or(|gone| gone >= moment) && object.born <= moment;
            let is_part = object.class == Class::Relation && !is_named(object);
            if !was || object.temporary || is_part {
                continue;
            }
            let services = registry.owners(id, moment);
            for name in self.names_around(id, moment) {
                let by_name = self.policy.owner_of(object.class, name);
                if by_name.is_some() && services.iter().map(String::as_str).eq(by_name) {
                    continue;
                }
                let key = (object.class, name);
                if let Some(known) = overloaded.get(&key) {
                    let owners = &mut rules[*known].services;
                    owners.extend(
                        services
                            .iter()
                            .filter(|s| !owners.contains(s))
                            .cloned()
                            .collect::<Vec<_>>(),
                    );
                    continue;
                }
                if object.class.is_overloaded() {
                    overloaded.insert(key, rules.len());
                }
                rules.push(OwnerRule {
                    class: object.class,
                    pattern: QualifiedPattern::exact(name),
                    services: services.clone(),
                });
            }
        }
        rules.extend(self.policy.owners().0);
        Owners(rules)
    }

    /// The names of an object before and after a migration.
    fn names_around(&self, id: TracedId, moment: Moment) -> Vec<&QualifiedName> {
        let object = &self.objects[id];
        let after = object.segment_at(moment);
        let before = moment.checked_sub(1).map_or(0, |m| object.segment_at(m));
        let all = names(object);
        all[before..=after].to_vec()
    }

    /// What is no table and of others, and these services may use.
    fn uses(&self, services: &[String]) -> Vec<QualifiedPattern> {
        let uses = services
            .iter()
            .flat_map(|service| self.policy.uses(service));
        uses.cloned().collect()
    }

    /// What services may read at a moment, under the names of that moment too.
    fn reads_at(&self, services: &[String], moment: Moment) -> Vec<QualifiedPattern> {
        let reads = services
            .iter()
            .flat_map(|service| self.policy.reads(service));
        let mut patterns: Vec<QualifiedPattern> = reads.cloned().collect();
        let registry = self.registry();
        for (id, object) in self.objects.all() {
            let is_renamed = object.names.len() > 1 && is_named(object);
            if is_renamed && object.exists_at(moment) && registry.may_read(services, id, moment) {
                let name = &object.names[object.segment_at(moment)].name;
                patterns.push(QualifiedPattern::exact(name));
            }
        }
        patterns
    }
}
