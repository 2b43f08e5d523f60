//! How strictly a history is read.

/// What migrations may name, and how strictly they are read.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The configured databases. Where there are several, each migration has to name one.
    pub databases: Vec<String>,
    /// The configured services.
    pub services: Vec<String>,
    /// Whether `metadata.toml` has to say `run_in_transaction`. Not so in a plain Diesel project,
    /// where a file without it means `false`.
    pub strict: bool,
}
