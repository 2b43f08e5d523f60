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
}
