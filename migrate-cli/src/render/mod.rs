//! Everything that a person or a program reads.

mod document;
mod failure;
mod grants;
mod line;
mod observer;
mod output;
mod table;
mod words;

pub use failure::fail;
pub use grants::{grants_sql, grants_text};

pub use observer::{Printer, summary};
pub use output::{lost, out, out_line};
pub use table::status_tables;

/// Colour only on a terminal, and never with `NO_COLOR` (no-color.org).
pub fn choose_colours() {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        console::set_colors_enabled(false);
        console::set_colors_enabled_stderr(false);
    }
}
