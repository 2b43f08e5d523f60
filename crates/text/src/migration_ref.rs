//! What a migration is called, and the way it is run.

use std::fmt;

use serde::Serialize;

/// The way a migration is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// `up.sql`
    Up,
    /// `down.sql`
    Down,
}

impl Direction {
    /// As it stands in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// From the ledger.
    pub fn parse(text: &str) -> Option<Self> {
        let mut both = [Self::Up, Self::Down].into_iter();
        both.find(|direction| direction.as_str() == text)
    }
}

/// What identifies a migration to a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationRef {
    /// The version.
    pub version: String,
    /// The name after the version.
    pub name: String,
    /// The services.
    pub services: Vec<String>,
}

/// The folder's name.
impl fmt::Display for MigrationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.version, self.name)
    }
}
