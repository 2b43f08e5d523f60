//! The words that everything else of `migrate` speaks in: names, files with positions, TOML read
//! strictly, what is wrong with what people write, secrets, checksums, causes of errors.
//!
//! It may use nothing else of the workspace, and knows neither a database nor a history.
//!
//! ```
//! use migrate_text::name::QualifiedName;
//! use migrate_text::source::{Location, SourceFile};
//!
//! let name = QualifiedName::new("shop", "Order lines");
//! assert_eq!(name.to_string(), r#""shop"."Order lines""#);
//!
//! let file = SourceFile::new("up.sql", "select 1;\ndrop table posts;\n");
//! let place = Location { span: 10..14, file };
//! assert_eq!(place.to_string(), "up.sql:2:1");
//! ```

#![forbid(unsafe_code)]

pub mod causes;
pub mod checksum;
pub mod class;
pub mod document;
pub mod kind;
pub mod migration_ref;
pub mod name;
pub mod prerequisites;
pub mod problem;
pub mod regular_file;
pub mod replace;
pub mod secret;
pub mod source;
pub mod target_error;
pub mod variables;
pub mod visible;
