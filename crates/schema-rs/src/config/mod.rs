//! What Diesel lets people choose: the keys of `[print_schema]` in `diesel.toml`.

mod read;
mod settings;

pub use read::read_sections;
pub use settings::{ColumnSorting, Docs, Filter, PrintConfig, SameQuery, Section};
