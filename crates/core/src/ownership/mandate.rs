//! What a migration may touch, put in such a way that its transaction can be asked.

use serde::Serialize;

use migrate_text::class::Class;
use migrate_text::name::QualifiedName;

use super::QualifiedPattern;

/// Whose the objects are that it fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnerRule {
    /// What they are.
    pub class: Class,
    /// What they are called.
    #[serde(flatten)]
    pub pattern: QualifiedPattern,
    /// The services, any of which may change them; nobody's when there is none.
    pub services: Vec<String>,
}

/// The owners of everything at one point of the history. Of several rules that fit the first
/// counts; what none fits is nobody's.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Owners(pub Vec<OwnerRule>);

impl Owners {
    /// The services that own an object, any of which may change it.
    pub fn of(&self, class: Class, name: &QualifiedName) -> &[String] {
        let rule = self
            .0
            .iter()
            .find(|rule| rule.class == class && rule.pattern.fits(name));
        rule.map_or(&[], |rule| &rule.services)
    }
}

/// What one migration may touch.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Mandate {
    /// The services that it acts for.
    pub services: Vec<String>,
    /// Whose everything is, before it and after it.
    pub owners: Owners,
    /// Tables of others that these services may read and reference.
    pub reads: Vec<QualifiedPattern>,
    /// Functions, types and sequences of others that these services may use.
    pub uses: Vec<QualifiedPattern>,
    /// The roles by which the other services come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Exceptions that its `metadata.toml` makes: what it may touch nevertheless.
    pub allowed: Vec<QualifiedPattern>,
}
