//! Names for every prefix of a history.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::history::History;
use migrate_text::prerequisites::Prerequisites;

/// Another version of this tool may leave something else behind, or read it otherwise.
const FORMAT: &str = concat!("migrate ", env!("CARGO_PKG_VERSION"), ", shadow 3");

/// A running hash over a history: link `n` stands for its first `n` migrations and what the
/// database needs before them, so it changes when anything up to there changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain(Vec<String>);

impl Chain {
    /// The chain of a database's history.
    pub fn of(history: &History, prerequisites: &Prerequisites) -> Self {
        let mut hasher = Sha256::new();
        let mut feed = |text: &str| {
            // The length keeps two texts from running into each other.
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
            hasher.clone().finalize()
        };
        let mut link = feed(FORMAT);
        let needed = [
            ("schemas", &prerequisites.schemas),
            ("extensions", &prerequisites.extensions),
        ];
        for (kind, names) in needed {
            feed(kind);
            link = feed(&names.len().to_string());
            for name in names {
                link = feed(name);
            }
        }
        let mut links = vec![hex(&link)];
        for migration in history.migrations() {
            feed(&migration.version);
            feed(if migration.run_in_transaction {
                ""
            } else {
                "outside"
            });
            link = feed(&migration.checksum().to_string());
            links.push(hex(&link));
        }
        Self(links)
    }

    /// The link of the first `count` migrations.
    pub fn prefix(&self, count: usize) -> &str {
        &self.0[count]
    }

    /// The link of the whole history.
    pub fn whole(&self) -> &str {
        self.prefix(self.len())
    }

    /// How many migrations there are.
    pub fn len(&self) -> usize {
        self.0.len() - 1
    }

    /// Whether there is no migration.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The first 128 bits: enough to tell histories apart, and short enough for a database's name.
fn hex(digest: &[u8]) -> String {
    digest[..16].iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Rules, read};

    fn links(schemas: &[&str], extensions: &[&str], up: &[&str]) -> Chain {
        let folder = tempfile::tempdir().unwrap();
        for (index, sql) in up.iter().enumerate() {
            let migration = folder.path().join(format!("{index}_m"));
            std::fs::create_dir(&migration).unwrap();
            std::fs::write(migration.join("up.sql"), sql).unwrap();
        }
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let prerequisites = Prerequisites {
            schemas: owned(schemas),
            extensions: owned(extensions),
        };
        let history = read(folder.path(), folder.path(), &Rules::default()).unwrap();
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
