//! Who owns which table: `migrate.toml`'s names and globs, resolved against the tables there are.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::{QualifiedName, nearest};
use crate::problem::{ProblemKind, Problems};
use crate::source::Location;
use crate::workspace::{Service, TablePattern};

use super::QualifiedPattern;

/// The owner of every table, and what each service reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ownership {
    owners: BTreeMap<QualifiedName, String>,
    reads: BTreeMap<String, BTreeSet<QualifiedName>>,
}

impl Ownership {
    /// Resolves what the services own and read against the tables of one database. `created_in`
    /// says where the history creates a table, for the error about one that nobody owns.
    ///
    /// Reports every table that no service owns or two own, and every name that means no table.
    pub fn resolve<'t>(
        services: &[&Service],
        tables: impl IntoIterator<Item = &'t QualifiedName>,
        created_in: impl Fn(&QualifiedName) -> Option<Location>,
    ) -> Result<Self, Problems> {
        let tables: Vec<&QualifiedName> = tables.into_iter().collect();
        let mut resolver = Resolver {
            tables: &tables,
            problems: Problems(Vec::new()),
            ownership: Self::default(),
        };
        for service in services {
            resolver.owns(service);
        }
        for service in services {
            resolver.reads(service);
        }
        for table in &tables {
            if !resolver.ownership.owners.contains_key(*table) {
                let table_shown = shown(table);
                let problem = ProblemKind::NotOwned { table: table_shown };
                match created_in(table) {
                    Some(location) => resolver.problems.at(location, problem),
                    None => resolver.problems.add(problem),
                }
            }
        }
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
        all.filter(move |(_, owner)| *owner == service)
            .map(|(table, _)| table)
    }

    /// The tables of others that a service reads, by name, each with its owner.
    pub fn read_by(&self, service: &str) -> impl Iterator<Item = (&QualifiedName, &str)> {
        let reads = self.reads.get(service).into_iter().flatten();
        reads.filter_map(|table| Some((table, self.owner(table)?)))
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
    tables: &'r [&'r QualifiedName],
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
            .flat_map(|pattern| self.matches(pattern))
            .collect();
        for pattern in owns {
            let mut tables = self.matches(pattern);
            tables.retain(|table| !except.contains(table));
            for table in tables {
                let name = service.name.clone();
                let first = self.ownership.owners.insert(table.clone(), name);
                if let Some(first) = first.filter(|first| *first != service.name) {
                    self.problems.at(
                        pattern.location.clone(),
                        ProblemKind::OwnedTwice {
                            table: shown(&table),
                            first,
                            second: service.name.clone(),
                        },
                    );
                }
            }
        }
    }

    fn reads(&mut self, service: &Service) {
        for pattern in &service.reads {
            let mut tables = self.matches(pattern);
            // A glob over everything means everything of the others.
            tables.retain(|table| self.ownership.owner(table) != Some(&service.name));
            let reads = self.ownership.reads.entry(service.name.clone());
            reads.or_default().extend(tables);
        }
    }

    /// The tables that a pattern means; none is a problem.
    fn matches(&mut self, pattern: &TablePattern) -> Vec<QualifiedName> {
        let text = pattern.text.trim_start_matches('!');
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
        let all = self.tables.iter().copied();
        let found: Vec<_> = all.filter(|table| meant.fits(table)).cloned().collect();
        if found.is_empty() {
            let names: Vec<String> = self.tables.iter().map(|table| shown(table)).collect();
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
    use crate::source::SourceFile;

    fn service(name: &str, owns: &[&str], reads: &[&str]) -> Service {
        let patterns = |texts: &[&str]| {
            let pattern = |text: &&str| TablePattern {
                text: (*text).to_owned(),
                location: Location {
                    file: SourceFile::new("migrate.toml", ""),
                    span: 0..0,
                },
            };
            texts.iter().map(pattern).collect()
        };
        Service {
            name: name.to_owned(),
            crate_path: name.into(),
            database: None,
            owns: patterns(owns),
            reads: patterns(reads),
            role: None,
            location: None,
        }
    }

    fn resolve(services: &[Service], tables: &[(&str, &str)]) -> Result<Ownership, Vec<String>> {
        let tables: Vec<QualifiedName> = tables
            .iter()
            .map(|(schema, name)| QualifiedName::new(*schema, *name))
            .collect();
        let services: Vec<&Service> = services.iter().collect();
        Ownership::resolve(&services, &tables, |_| None)
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
                "services auth and post both own table `users`",
                "`[a` is not a pattern: invalid range pattern",
            ]
        );
    }
}
