//! Diesel's `schema.rs`: what `diesel print-schema` 2.3 prints, to the byte, from a
//! [`Catalog`](migrate_catalog::Catalog).
//!
//! [`print()`] gives one file of a `[print_schema]` section, [`print_subset`] the part of a schema
//! that one service may see. Both go the same way: `infer` turns the catalog into the `model` of a
//! file (Rust names, keys, types), `joins` decides which tables are joinable, `render` writes, and
//! `printed` has what comes of it.
//!
//! Diesel sends what it writes through `rustfmt`, and falls back to the plain text where `rustfmt`
//! refuses. So that nothing but this library is needed, `layout` knows the few rules of `rustfmt`
//! that show in such a file. They are those of its default settings: a `rustfmt.toml`, which would
//! change Diesel's own output too, is not looked at.
//!
//! It may use `migrate-catalog` for what there is to print, and `migrate-text` for names and for
//! `diesel.toml`. It may not know a database, nor where a text is written: who calls it reads the
//! catalog and the files, and decides what a service owns.
//!
//! ```
//! use migrate_catalog::Catalog;
//! use migrate_schema_rs::{PrintConfig, print};
//!
//! let catalog: Catalog = serde_json::from_str(
//!     r#"{"relations": [{
//!         "name": {"schema": "public", "name": "users"}, "kind": "table", "about": {},
//!         "columns": [{
//!             "name": "id", "not_null": true,
//!             "data_type": {
//!                 "sql": "bigint", "kind": "base",
//!                 "name": {"schema": "pg_catalog", "name": "int8"}
//!             }
//!         }],
//!         "constraints": [{
//!             "name": "users_pkey", "kind": "primary_key", "columns": ["id"], "validated": true
//!         }]
//!     }]}"#,
//! )?;
//!
//! let printed = print(&catalog, &PrintConfig::default())?;
//! assert!(printed.text.contains("users (id) {\n        id -> Int8,\n    }"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod config;
mod infer;
mod joins;
mod layout;
mod model;
mod names;
mod print;
mod printed;
mod render;
mod subset;
mod text;

pub use config::{ColumnSorting, Docs, Filter, PrintConfig, SameQuery, Section, read_sections};
pub use infer::is_table;
pub use print::print;
pub use printed::{PrintError, Printed, Warning, is_generated};
pub use subset::{ReadTable, Subset, print_subset};
