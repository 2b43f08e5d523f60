//! Names for every prefix of a history.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::history::History;
use crate::prerequisites::Prerequisites;

/// Changes when a replay of the same files would leave something else behind.
const FORMAT: &str = "migrate-shadow-1";

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
        for name in prerequisites
            .schemas
            .iter()
            .chain(&prerequisites.extensions)
        {
            link = feed(name);
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
