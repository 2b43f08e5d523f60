//! SQL text as PostgreSQL's own lexer sees it: where statements begin and end, what a migration
//! file may not hold, and which literals are passwords.
//!
//! The tokens come from squawk's lexer, which follows PostgreSQL's `scan.l`.

pub mod act;
mod deed;
mod file;
mod forbidden;
mod layout;
mod mask;
mod reading;
mod split;
mod token;
pub mod verb;

pub use deed::{Deed, IndexShape, Object};
pub use file::SqlFile;
pub use forbidden::{Forbidden, ForbiddenKind};
pub use mask::mask_passwords;
pub use split::Statement;
