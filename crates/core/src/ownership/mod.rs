//! Who owns what, and what a migration may therefore touch.
//!
//! `owns` and `reads` of `migrate.toml` speak of tables. Everything else has the owner of its
//! table, or else of the migration that created it.

#[cfg(test)]
pub(crate) mod made;
mod mandate;
mod pattern;
mod policy;
mod tables;
mod transfer;

pub use mandate::{Mandate, OwnerRule, Owners};
pub use pattern::{NamePattern, QualifiedPattern};
pub use policy::{Policy, table_name};
pub use tables::{Ownable, Ownership, shown};
pub use transfer::transferred;
