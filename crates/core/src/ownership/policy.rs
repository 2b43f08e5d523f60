//! What `migrate.toml` says about the services of one database.

use std::collections::HashMap;

use crate::workspace::{ServerNames, Service, TablePattern, Transfer};
use migrate_text::class::Class;
use migrate_text::name::QualifiedName;
use migrate_text::problem::{ProblemKind, Problems};

use super::{NamePattern, OwnerRule, Owners, QualifiedPattern};

/// The services of one database, and what was handed from one to another.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    services: Vec<ServicePolicy>,
    transfers: Vec<TransferRule>,
    /// The services that own these tables by name: there may be thousands, and each is asked for
    /// often.
    by_name: HashMap<QualifiedName, usize>,
    names: ServerNames,
}

#[derive(Debug, Clone)]
struct ServicePolicy {
    name: String,
    owns: Vec<QualifiedPattern>,
    /// Those that mean more than one name.
    globs: Vec<QualifiedPattern>,
    /// What globs of `owns` mean and the service does not own: `!name`.
    except: Vec<QualifiedPattern>,
    reads: Vec<QualifiedPattern>,
    uses: Vec<QualifiedPattern>,
}

/// A table was one service's up to a version, itself included.
#[derive(Debug, Clone)]
pub struct TransferRule {
    /// The table's name at the time.
    pub table: QualifiedName,
    /// Whose it was.
    pub from: String,
    /// The last version that saw it so.
    pub after: String,
}

impl Policy {
    /// All that it says, as text that is the same for the same settings.
    pub fn said(&self) -> String {
        format!("{:?} {:?} {:?}", self.services, self.transfers, self.names)
    }

    /// The same, where a server knows services and databases by these names.
    pub fn with_names(self, names: ServerNames) -> Self {
        Self { names, ..self }
    }

    /// The service that comes to its database by a role.
    pub fn service_of_role(&self, role: &str) -> Option<&str> {
        let named = self.names.roles.iter().find(|(_, named)| named == role);
        named.map(|(service, _)| service.as_str())
    }

    /// The roles by which all but these services come.
    pub fn roles_of_others(&self, services: &[String]) -> Vec<String> {
        let all = self.names.roles.iter();
        let others = all.filter(|(service, _)| !services.contains(service));
        others.map(|(_, role)| role.clone()).collect()
    }

    /// Whether `migrate.toml` names a database that a server knows by this name.
    pub fn is_database(&self, name: &str) -> bool {
        self.names.databases.iter().any(|database| database == name)
    }

    /// Reads the patterns. Reports all that are none.
    pub fn of(services: &[&Service], transfers: &[Transfer]) -> Result<Self, Problems> {
        let mut problems = Problems(Vec::new());
        let mut parse = |pattern: &TablePattern, text: &str| {
            let parsed = match text.starts_with('!') {
                true => Err("an exception is one from a glob of `owns`"),
                false => QualifiedPattern::parse(text).map_err(|error| error.msg),
            };
            let report = |reason| {
                let pattern_text = pattern.text.clone();
                let kind = ProblemKind::BadPattern {
                    pattern: pattern_text,
                    reason,
                };
                problems.at(pattern.location.clone(), kind);
            };
            parsed.map_err(report).ok()
        };
        let services: Vec<ServicePolicy> = services
            .iter()
            .map(|service| {
                let mut owns = Vec::new();
                let mut except = Vec::new();
                for pattern in &service.owns {
                    match pattern.text.strip_prefix('!') {
                        Some(text) => except.extend(parse(pattern, text)),
                        None => owns.extend(parse(pattern, &pattern.text)),
                    }
                }
                let mut list = |patterns: &[TablePattern]| {
                    let patterns = patterns.iter();
                    let parsed = patterns.filter_map(|pattern| parse(pattern, &pattern.text));
                    parsed.collect::<Vec<_>>()
                };
                let (reads, uses) = (list(&service.reads), list(&service.uses));
                let globs = owns.iter().filter(|pattern| !pattern.is_exact());
                ServicePolicy {
                    name: service.name.clone(),
                    globs: globs.cloned().collect(),
                    owns,
                    except,
                    reads,
                    uses,
                }
            })
            .collect();
        problems.into_result()?;
        let mut transfers: Vec<TransferRule> = transfers
            .iter()
            .map(|transfer| TransferRule {
                table: table_name(&transfer.table),
                from: transfer.from.clone(),
                after: transfer.after.clone(),
            })
            .collect();
        transfers.sort_by(|a, b| a.after.cmp(&b.after));
        Ok(Self {
            by_name: by_name(&services),
            services,
            transfers,
            names: ServerNames::default(),
        })
    }

    /// Whether there is anybody to be protected from anybody.
    pub fn has_several(&self) -> bool {
        self.services.len() > 1
    }

    /// The services' names.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.services.iter().map(|service| service.name.as_str())
    }

    /// Whose tables of this name are by `owns`.
    pub fn owner(&self, name: &QualifiedName) -> Option<&str> {
        self.owner_of(Class::Relation, name)
    }

    /// Whose objects of this name are by `owns`.
    pub fn owner_of(&self, class: Class, name: &QualifiedName) -> Option<&str> {
        let named = self.by_name.get(name).filter(|_| class == Class::Relation);
        if let Some(index) = named {
            return Some(&self.services[*index].name);
        }
        let fits =
            |pattern: &QualifiedPattern| pattern.fits(name) && classes_of(pattern).contains(&class);
        let owns = |service: &&ServicePolicy| {
            service.globs.iter().any(fits) && !service.except.iter().any(fits)
        };
        self.services.iter().find(owns).map(|s| s.name.as_str())
    }

    /// Whose a table was when a version was written, where it has changed hands since; `names`
    /// are all that it ever had.
    pub fn owner_before_transfer(&self, names: &[&QualifiedName], version: &str) -> Option<&str> {
        let was = |transfer: &&TransferRule| {
            version <= transfer.after.as_str() && names.contains(&&transfer.table)
        };
        self.transfers.iter().find(was).map(|t| t.from.as_str())
    }

    /// What a service reads.
    pub fn reads(&self, service: &str) -> &[QualifiedPattern] {
        let found = self.services.iter().find(|one| one.name == service);
        found.map_or(&[], |service| &service.reads)
    }

    /// What a service uses that is not a table.
    pub fn uses(&self, service: &str) -> &[QualifiedPattern] {
        let found = self.services.iter().find(|one| one.name == service);
        found.map_or(&[], |service| &service.uses)
    }

    /// The one table of this name in another schema than `public` that is named in full.
    pub fn schema_of(&self, table: &str) -> Option<&str> {
        let mut schemas = self.services.iter().flat_map(|service| &service.owns);
        let exact = |pattern: &QualifiedPattern| match (&pattern.schema, &pattern.name) {
            (NamePattern::Exact(_), NamePattern::Exact(name)) => name == table,
            _ => false,
        };
        let found = schemas.find(|pattern| exact(pattern))?;
        match (&found.schema, schemas.any(exact)) {
            (NamePattern::Exact(schema), false) => Some(schema),
            _ => None,
        }
    }

    /// `owns` as rules, names before globs. Where a glob means every table of a schema, everything
    /// else in it is the service's too. Globs that are excepted from come last: what another's
    /// glob means is not theirs.
    pub fn owners(&self) -> Owners {
        let mut services: Vec<&ServicePolicy> = self.services.iter().collect();
        services.sort_by_key(|service| !service.except.is_empty());
        let rules = services.into_iter().flat_map(|service| {
            let patterns = service.owns.iter();
            patterns.flat_map(|pattern| {
                let classes = classes_of(pattern).iter();
                classes.map(|class| OwnerRule {
                    class: *class,
                    pattern: pattern.clone(),
                    services: vec![service.name.clone()],
                })
            })
        });
        let (exact, globs): (Vec<_>, Vec<_>) = rules.partition(|rule| rule.pattern.is_exact());
        Owners(exact.into_iter().chain(globs).collect())
    }
}

/// The services of names that are no globs.
fn by_name(services: &[ServicePolicy]) -> HashMap<QualifiedName, usize> {
    let mut named = HashMap::new();
    for (index, service) in services.iter().enumerate() {
        for pattern in &service.owns {
            if let (NamePattern::Exact(schema), NamePattern::Exact(name)) =
                (&pattern.schema, &pattern.name)
            {
                let table = QualifiedName::new(schema, name);
                named.entry(table).or_insert(index);
            }
        }
    }
    named
}

/// What a pattern of `owns` speaks of. In `public` there are things of many.
fn classes_of(pattern: &QualifiedPattern) -> &'static [Class] {
    match (&pattern.schema, &pattern.name) {
        (NamePattern::Exact(schema), NamePattern::Glob(all))
            if all.as_str() == "*" && schema != "public" =>
        {
            &[Class::Relation, Class::Routine, Class::Type]
        }
        _ => &[Class::Relation],
    }
}

/// A table's name as it is written in `migrate.toml`.
pub fn table_name(text: &str) -> QualifiedName {
    let (schema, name) = text.split_once('.').unwrap_or(("public", text));
    QualifiedName::new(schema, name)
}
