//! Generated code: the combined `schema.rs`, and each service's subset of it.

mod files;
mod sources;

pub use files::{FileReport, FileState, GeneratedFile};
pub use sources::{CombinedFile, GenerateError, combined, subset};
