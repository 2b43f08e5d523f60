//! Diesel's `schema.rs`: what `diesel print-schema` 2.3 prints, to the byte, from a
//! [`Catalog`](migrate_catalog::Catalog).
//!
//! [`print()`] gives one file of a `[print_schema]` section, [`print_subset`] the part of a schema
//! that one service may see. Both go the same way: `infer` turns the catalog into the `model` of a
//! file (Rust names, keys, types), `joins` decides which tables are joinable, `render` writes.
//!
//! Diesel sends what it writes through `rustfmt`, and falls back to the plain text where `rustfmt`
//! refuses. So that nothing but this library is needed, `layout` knows the few rules of `rustfmt`
//! that show in such a file. They are those of its default settings: a `rustfmt.toml`, which would
//! change Diesel's own output too, is not looked at.
//!
//! It may use `migrate-catalog` and `migrate-text`. It may not know a server, a history, or how the
//! file stands on disk.
//!
//! ```
//! use migrate_catalog::Catalog;
//! use migrate_schema_rs::{PrintConfig, is_generated, print};
//!
//! let printed = print(&Catalog::default(), &PrintConfig::default())?;
//! assert!(is_generated(&printed.text));
//! # Ok::<(), migrate_schema_rs::PrintError>(())
//! ```

mod config;
mod infer;
mod joins;
mod layout;
mod model;
mod names;
mod print;
mod render;
mod subset;
mod text;

pub use config::{ColumnSorting, Docs, Filter, PrintConfig, SameQuery, Section, read_sections};
pub use infer::is_table;
pub use print::{PrintError, Printed, Warning, is_generated, print};
pub use subset::{ReadTable, Subset, print_subset};
