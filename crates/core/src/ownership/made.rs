//! Services made of values, for tests.

use crate::workspace::{ServerNames, Service, TablePattern};
use migrate_text::source::{Location, SourceFile};

use super::Policy;

/// A service with what it owns and reads.
pub(crate) fn service(name: &str, owns: &[&str], reads: &[&str]) -> Service {
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
        uses: Vec::new(),
        role: None,
        location: None,
    }
}

/// What `migrate.toml` says with these services, each with what it owns and reads.
pub(crate) fn policy(services: &[(&str, &[&str], &[&str])]) -> Policy {
    let services = services.iter();
    let services: Vec<Service> = services
        .map(|(name, owns, reads)| service(name, owns, reads))
        .collect();
    policy_of(&services)
}

/// What `migrate.toml` says with these services.
pub(crate) fn policy_of(services: &[Service]) -> Policy {
    let services: Vec<&Service> = services.iter().collect();
    Policy::of(&services, &[]).expect("the patterns are patterns")
}

/// The same, where servers know these databases, and services by these roles.
pub(crate) fn named(policy: Policy, databases: &[&str], roles: &[(&str, &str)]) -> Policy {
    let owned = |(service, role): &(&str, &str)| ((*service).to_owned(), (*role).to_owned());
    policy.with_names(ServerNames {
        databases: databases.iter().map(ToString::to_string).collect(),
        roles: roles.iter().map(owned).collect(),
    })
}
