//! What a database needs before its first migration.

/// Extensions and schemas that have to exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prerequisites {
    /// Extensions by name.
    pub extensions: Vec<String>,
    /// Schemas by name.
    pub schemas: Vec<String>,
}

impl Prerequisites {
    /// Whether nothing is needed.
    pub fn is_empty(&self) -> bool {
        self.extensions.is_empty() && self.schemas.is_empty()
    }

    /// In words, in the order of their creation: `schema auth`, `extension citext`.
    pub fn shown(&self) -> Vec<String> {
        let schemas = self.schemas.iter().map(|name| format!("schema {name}"));
        let extensions = self.extensions.iter();
        schemas
            .chain(extensions.map(|name| format!("extension {name}")))
            .collect()
    }
}
