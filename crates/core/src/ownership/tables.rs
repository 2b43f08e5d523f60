//! Who owns which table: `migrate.toml`'s names and globs, resolved against what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use crate::workspace::{Service, TablePattern};
use migrate_text::name::{QualifiedName, nearest};
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::source::Location;

use super::{QualifiedPattern, table_name};

/// Something that `owns` and `reads` may name.
#[derive(Debug, Clone, Copy)]
pub struct Ownable<'t> {
    /// Its name.
    pub name: &'t QualifiedName,
    /// The table that it is a partition of or inherits from: its owner, where it has none itself.
    pub parent: Option<&'t QualifiedName>,
    /// Whether it must have an owner. A view may have one, and is in no generated file.
    pub is_table: bool,
}

/// The owner of every table, and what each service reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ownership {
    tables: BTreeSet<QualifiedName>,
    owners: BTreeMap<QualifiedName, String>,
    reads: BTreeMap<String, BTreeSet<QualifiedName>>,
}

impl Ownership {
    /// Resolves what the services own and read against what there is in one database. `created_in`
    /// says where the history creates a table, for the error about one that nobody owns.
    ///
    /// Reports every table that no service owns or two own, and every name that means nothing.
    pub fn resolve<'t>(
        services: &[&Service],
        ownables: impl IntoIterator<Item = Ownable<'t>>,
        created_in: impl Fn(&QualifiedName) -> Option<Location>,
    ) -> Result<Self, Problems> {
        let ownables: Vec<Ownable<'t>> = ownables.into_iter().collect();
        let tables = ownables.iter().filter(|ownable| ownable.is_table);
        let mut resolver = Resolver {
            ownership: Self {
                tables: tables.map(|table| table.name.clone()).collect(),
                ..Self::default()
            },
            ownables: &ownables,
            problems: Problems(Vec::new()),
        };
        for service in services {
            resolver.owns(service);
        }
        resolver.inherit();
        for service in services {
            resolver.reads(service);
        }
        resolver.report_orphans(created_in);
        resolver.problems.into_result()?;
        Ok(resolver.ownership)
    }

    /// The service that owns a table.
    pub fn owner(&self, table: &QualifiedName) -> Option<&str> {
        self.owners.get(table).map(String::as_str)
    }

    /// The tables that a service owns, by name.
    pub fn owned_by<'s>(&'s self, service: &'s str) -> impl Iterator<Item = &'s QualifiedName> {
        let all = self.owners.iter();
        all.filter(move |(name, owner)| *owner == service && self.tables.contains(*name))
            .map(|(table, _)| table)
    }

    /// The tables of others that a service reads, by name, each with its owner.
    pub fn read_by(&self, service: &str) -> impl Iterator<Item = (&QualifiedName, &str)> {
        let reads = self.reads.get(service).into_iter().flatten();
        let tables = reads.filter(|name| self.tables.contains(*name));
        tables.filter_map(|table| Some((table, self.owner(table)?)))
    }
}

/// A table as it is written in `migrate.toml`.
pub fn shown(table: &QualifiedName) -> String {
    match table.schema.as_str() {
        "public" => table.name.clone(),
        schema => format!("{schema}.{}", table.name),
    }
}

struct Resolver<'r> {
    ownables: &'r [Ownable<'r>],
    problems: Problems,
    ownership: Ownership,
}

impl Resolver<'_> {
    fn owns(&mut self, service: &Service) {
        let (except, owns): (Vec<_>, Vec<_>) = service
            .owns
            .iter()
            .partition(|pattern| pattern.text.starts_with('!'));
        let except: BTreeSet<QualifiedName> = except
            .into_iter()
            .flat_map(|pattern| self.matches(pattern, &pattern.text[1..]))
            .collect();
        for pattern in owns {
            let mut names = self.matches(pattern, &pattern.text);
            // An exception is one from globs: a name that stands for itself is meant.
            let is_name = table_name(&pattern.text);
            names.retain(|name| *name == is_name || !except.contains(name));
            for name in names {
                let owner = service.name.clone();
                let first = self.ownership.owners.insert(name.clone(), owner);
                if let Some(first) = first.filter(|first| *first != service.name) {
                    self.problems.at(
                        pattern.location.clone(),
                        ProblemKind::OwnedTwice {
                            name: shown(&name),
                            first,
                            second: service.name.clone(),
                        },
                    );
                }
            }
        }
    }

    /// What no pattern of `owns` means is its parent's, or that one's parent's.
    fn inherit(&mut self) {
        let parents: BTreeMap<&QualifiedName, &QualifiedName> = self
            .ownables
            .iter()
            .filter_map(|ownable| Some((ownable.name, ownable.parent?)))
            .collect();
        let owners = &mut self.ownership.owners;
        let heirs = parents.keys().filter(|heir| !owners.contains_key(**heir));
        let inherited = heirs.filter_map(|heir| {
            let mut ancestors = successors(Some(*heir), |child| parents.get(*child).copied());
            let owner = ancestors.find_map(|ancestor| owners.get(ancestor))?;
            Some(((*heir).clone(), owner.clone()))
        });
        let inherited: Vec<_> = inherited.collect();
        owners.extend(inherited);
    }

    fn reads(&mut self, service: &Service) {
        for pattern in &service.reads {
            let mut names = self.matches(pattern, &pattern.text);
            // A glob over everything means everything of the others.
            names.retain(|name| self.ownership.owner(name) != Some(&service.name));
            let reads = self.ownership.reads.entry(service.name.clone());
            reads.or_default().extend(names);
        }
    }

    fn report_orphans(&mut self, created_in: impl Fn(&QualifiedName) -> Option<Location>) {
        let is_orphan = |name: &QualifiedName| {
            self.ownership.tables.contains(name) && !self.ownership.owners.contains_key(name)
        };
        // An owner of the parent is one of its partitions too.
        let orphans = self
            .ownables
            .iter()
            .filter(|ownable| is_orphan(ownable.name) && !ownable.parent.is_some_and(is_orphan));
        for orphan in orphans {
            let table = shown(orphan.name);
            let problem = ProblemKind::NotOwned { table };
            match created_in(orphan.name) {
                Some(location) => self.problems.at(location, problem),
                None => self.problems.add(problem),
            }
        }
    }

    /// What the text of a pattern means; nothing is a problem.
    fn matches(&mut self, pattern: &TablePattern, text: &str) -> Vec<QualifiedName> {
        let meant = match QualifiedPattern::parse(text) {
            Ok(meant) => meant,
            Err(error) => {
                let problem = ProblemKind::BadPattern {
                    pattern: pattern.text.clone(),
                    reason: error.msg,
                };
                self.problems.at(pattern.location.clone(), problem);
                return Vec::new();
            }
        };
        let all = self.ownables.iter().map(|ownable| ownable.name);
        let found: Vec<_> = all
            .clone()
            .filter(|name| meant.fits(name))
            .cloned()
            .collect();
        if found.is_empty() {
            let names: Vec<String> = all.map(shown).collect();
            let nearest = nearest(text, names.iter().map(String::as_str));
            let problem = ProblemKind::NoSuchTable {
                pattern: pattern.text.clone(),
                nearest: nearest.map(str::to_owned),
            };
            self.problems.at(pattern.location.clone(), problem);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ownership::made::service;

    fn resolve(services: &[Service], tables: &[(&str, &str)]) -> Result<Ownership, Vec<String>> {
        let tables: Vec<QualifiedName> = tables
            .iter()
            .map(|(schema, name)| QualifiedName::new(*schema, *name))
            .collect();
        let tables = tables.iter().map(|name| Ownable {
            name,
            parent: None,
            is_table: true,
        });
        let services: Vec<&Service> = services.iter().collect();
        Ownership::resolve(&services, tables, |_| None)
            .map_err(|problems| problems.0.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn names_and_globs_within_a_schema() {
        let services = [
            service("auth", &["users", "auth_*"], &["billing.*"]),
            service("billing", &["billing.*"], &["*"]),
        ];
        let tables = [
            ("public", "users"),
            ("public", "auth_tokens"),
            ("billing", "users"),
        ];
        let ownership = resolve(&services, &tables).unwrap();
        let owned: Vec<String> = ownership.owned_by("auth").map(shown).collect();
        assert_eq!(owned, ["auth_tokens", "users"]);
        let read: Vec<_> = ownership
            .read_by("auth")
            .map(|(table, owner)| (shown(table), owner))
            .collect();
        assert_eq!(read, [("billing.users".to_owned(), "billing")]);
        assert_eq!(ownership.read_by("billing").count(), 2);
    }

    #[test]
    fn what_nobody_two_or_no_table_answers_to_is_reported() {
        let services = [
            service("auth", &["users", "usres"], &[]),
            service("post", &["user*"], &["[a"]),
        ];
        let told = resolve(&services, &[("public", "users"), ("public", "posts")]).unwrap_err();
        assert_eq!(
            told,
            [
                "no service owns table `posts`",
                "the history has no table `usres`",
                "services auth and post both own `users`",
                "`[a` is not a pattern: invalid range pattern",
            ]
        );
    }
}
