//! Generated code: the combined `schema.rs`, and each service's subset of it.

mod created;
mod files;
mod sources;

pub use created::created_in;
pub use files::{FileReport, FileState, GeneratedFile};
pub use sources::{CombinedFile, GenerateError, combined, subset};
