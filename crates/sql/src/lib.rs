//! SQL text as PostgreSQL's own lexer sees it: where statements begin and end, what a migration
//! file may not hold, and which literals are passwords.
//!
//! The tokens come from squawk's lexer, which follows PostgreSQL's `scan.l`.

pub mod act;
mod created;
mod forbidden;
mod layout;
mod lone;
mod mask;
pub mod reading;
mod split;
mod token;
pub mod verb;

pub use created::created_table;
pub use forbidden::{Forbidden, ForbiddenKind, check};
pub use layout::same_but_for_layout;
pub use lone::{IndexShape, LoneDeed};
pub use mask::{has_masked_passwords, mask_passwords};
pub use split::{Statement, split};
pub use token::{Token, tokens};
