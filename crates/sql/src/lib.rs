//! SQL text as PostgreSQL's own lexer sees it: where statements begin and end, what a migration
//! file may not hold, which literals are passwords, and what a statement does.
//!
//! The tokens come from squawk's lexer, which follows PostgreSQL's `scan.l`.
//!
//! It may use `migrate-text` and the parser. It may not know a connection, a file on disk or a
//! service: whose something is, others decide.
//!
//! ```
//! use migrate_sql::{ForbiddenKind, check, mask_passwords, split};
//!
//! assert_eq!(split("select ';'; -- one\nselect 2;").len(), 2);
//!
//! let forbidden = check("drop table posts; commit;").unwrap_err();
//! assert_eq!(forbidden.kind, ForbiddenKind::TransactionControl);
//!
//! let masked = mask_passwords("alter role app password 'secret'");
//! assert!(!masked.contains("secret"));
//! ```

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
