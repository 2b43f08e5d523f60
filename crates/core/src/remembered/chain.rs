//! Fingerprints of every prefix of a history.

use crate::history::History;
use migrate_text::prerequisites::Prerequisites;

use super::fingerprint::{Fingerprint, Fingerprinter};

/// Link `n` stands for the first `n` migrations of a history and what the database needs before
/// them, so it changes when anything up to there changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain(Vec<Fingerprint>);

impl Chain {
    /// The chain of a database's history.
    pub(crate) fn of(history: &History, prerequisites: &Prerequisites) -> Self {
        let mut all = Fingerprinter::new();
        let needed = [
            ("schemas", &prerequisites.schemas),
            ("extensions", &prerequisites.extensions),
        ];
        for (kind, names) in needed {
            all.feed(kind);
            all.feed(&names.len().to_string());
            for name in names {
                all.feed(name);
            }
        }
        let mut links = vec![all.fingerprint()];
        for migration in history.migrations() {
            all.feed(&migration.version);
            all.feed(if migration.run_in_transaction {
                ""
            } else {
                "outside"
            });
            all.feed(&migration.checksum().to_string());
            links.push(all.fingerprint());
        }
        Self(links)
    }

    /// The link of the first `count` migrations.
    pub(crate) fn prefix(&self, count: usize) -> &Fingerprint {
        &self.0[count]
    }

    /// The link of the whole history.
    pub(crate) fn whole(&self) -> &Fingerprint {
        self.prefix(self.len())
    }

    /// How many migrations there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Migration;

    fn links(schemas: &[&str], extensions: &[&str], up: &[&str]) -> Chain {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let prerequisites = Prerequisites {
            schemas: owned(schemas),
            extensions: owned(extensions),
        };
        let migrations = up.iter().enumerate();
        let migrations = migrations.map(|(index, sql)| Migration::new(format!("{index}_m"), *sql));
        let history = History::of(migrations.collect()).unwrap();
        Chain::of(&history, &prerequisites)
    }

    #[test]
    fn a_link_stands_for_everything_up_to_it() {
        let one = links(&[], &[], &["select 1", "select 2"]);
        let other = links(&[], &[], &["select 1", "select 3", "select 4"]);
        assert_eq!(one.prefix(1), other.prefix(1));
        assert_ne!(one.whole(), other.prefix(2));
    }

    #[test]
    fn what_kind_a_prerequisite_is_counts() {
        assert_ne!(links(&["hstore"], &[], &[]), links(&[], &["hstore"], &[]));
        assert_ne!(links(&["a", "b"], &[], &[]), links(&["a"], &["b"], &[]));
    }
}
