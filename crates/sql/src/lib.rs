//! SQL text as PostgreSQL's own lexer sees it: where statements begin and end, what a migration
//! file may not hold, which literals are passwords, and what a statement does.
//!
//! The tokens come from squawk's lexer, which follows PostgreSQL's `scan.l`.
//!
//! It may use `migrate-text` and the parser. It may not know a connection, a file on disk or a
//! service: whose something is, others decide.
//!
//! ```
//! use migrate_sql::{ForbiddenKind, SqlFile, mask_passwords};
//!
//! let file = SqlFile::of("select ';'; -- one\ncommit;");
//! assert_eq!(file.statements().len(), 2);
//! let forbidden = file.check().unwrap_err();
//! assert_eq!(forbidden.kind, ForbiddenKind::TransactionControl);
//!
//! let masked = mask_passwords("alter role app password 'secret'");
//! assert!(!masked.contains("secret"));
//! ```

#![forbid(unsafe_code)]

pub mod act;
mod builtin;
mod file;
mod forbidden;
mod layout;
mod lone;
mod manner;
mod mask;
mod reading;
mod split;
mod token;
pub mod verb;
pub mod way_out;

pub use builtin::is_builtin_routine;
pub use file::SqlFile;
pub use forbidden::{Forbidden, ForbiddenKind};
pub use lone::{IndexShape, LoneDeed};
pub use mask::mask_passwords;
pub use split::Statement;
