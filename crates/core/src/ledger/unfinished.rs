//! What a migration outside a transaction has left that did not come to its end.

use serde::{Serialize, Serializer};

/// What an attempt has left that did not come to its end: one value from its row to the executor
/// that goes on with it. In a transaction it leaves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unfinished {
    /// Statements that are done for good.
    pub statements_done: usize,
    /// What it changed for good of other services', if it was stopped for that, as the executor
    /// wrote it down.
    pub breach: Option<String>,
    /// The statement that it had begun and that is not recorded as done.
    pub begun: Option<Begun>,
}

/// A statement that was begun outside a transaction and is not recorded as done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// What was to be known of it beforehand, as the executor wrote it down.
    pub facts: String,
    /// Whether nobody heard how it ended: otherwise it failed.
    pub unended: bool,
}

impl Unfinished {
    /// Whether nothing of it can be in the database.
    pub fn is_nothing(&self) -> bool {
        self.statements_done == 0 && self.breach.is_none() && self.begun.is_none()
    }

    /// Whether no statement of it is recorded as done.
    pub fn is_at_its_start(&self) -> bool {
        self.statements_done == 0
    }
}

/// Reports tell how far it came. The rest says nothing to a reader before the database was asked.
impl Serialize for Unfinished {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.statements_done.serialize(serializer)
    }
}
