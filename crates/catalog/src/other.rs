//! Objects of the kinds that few schemas have, in one form for all of them.

use serde::{Deserialize, Serialize};

use super::{About, Keyed};

/// A cast, operator, collation, text search configuration, foreign server, publication, ...
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherObject {
    /// Its kind in PostgreSQL's words: `cast`, `operator class`.
    pub kind: String,
    /// What tells it from others of its kind: `(text AS public.citext)`.
    pub identity: String,
    /// Its properties, in a form made to be compared and not to be run.
    pub definition: String,
    /// Owner, grants, comment, extension.
    pub about: About,
}

/// What such an object is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherKey {
    /// Its kind.
    pub kind: String,
    /// What tells it from others of its kind.
    pub identity: String,
}

impl Keyed for OtherObject {
    type Key = OtherKey;

    fn key(&self) -> OtherKey {
        OtherKey {
            kind: self.kind.clone(),
            identity: self.identity.clone(),
        }
    }
}
