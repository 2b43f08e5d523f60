//! How `rustfmt`, with its default settings, breaks the three things in a `schema.rs` that it does
//! not leave as they are. What is inside `table!` it never touches.

use unicode_width::UnicodeWidthStr as _;

use super::text::Text;

/// The width of a line.
const WIDTH: usize = 100;

/// Whether text is written as `rustfmt` leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// As after `rustfmt`.
    Formatted,
    /// As before: what Diesel prints when `rustfmt` refuses.
    Plain,
}

const SAME_QUERY: &str = "diesel::allow_tables_to_appear_in_same_query!(";

/// Writes `allow_tables_to_appear_in_same_query!`.
pub(super) fn same_query(text: &mut Text, layout: Layout, tables: &[&str]) {
    let on_one_line = format!("{SAME_QUERY}{},)", tables.join(", "));
    match layout {
        Layout::Formatted if text.column() + on_one_line.len() <= WIDTH => {
            text.line(format_args!("{on_one_line};"));
        }
        Layout::Formatted => {
            text.line(format_args!("{SAME_QUERY}"));
            text.indent();
            for table in tables {
                text.line(format_args!("{table},"));
            }
            text.outdent();
            text.line(format_args!(");"));
        }
        Layout::Plain => {
            text.line(format_args!("{SAME_QUERY}"));
            text.indent();
            text.push(&tables.join(","));
            text.outdent();
            text.line(format_args!(",);"));
        }
    }
}

/// Writes `#[derive(...)]`.
pub(super) fn derives(text: &mut Text, layout: Layout, derives: &[String]) {
    // `rustfmt` keeps room for a comma that it then does not write.
    const AROUND: usize = "#[derive(,))]".len() + 2;

    let all = derives.join(", ");
    if layout == Layout::Plain || text.column() + AROUND + all.len() <= WIDTH {
        text.line(format_args!("#[derive({all})]"));
        return;
    }
    text.line(format_args!("#[derive("));
    text.indent();
    if text.column() + all.width() <= WIDTH {
        text.line(format_args!("{all},"));
    } else {
        for derive in all.split(',').map(str::trim) {
            text.line(format_args!("{derive},"));
        }
    }
    text.outdent();
    text.line(format_args!(")]"));
}

/// Writes `#[diesel(postgres_type(...))]`.
pub(super) fn postgres_type(text: &mut Text, layout: Layout, arguments: &[String]) {
    // `rustfmt` keeps room for a comma here too.
    const AROUND: usize = "#[diesel(postgres_type(,))]".len();

    let all = arguments.join(", ");
    let fits = match all.contains('\n') {
        true => arguments.len() == 1,
        false => text.column() + AROUND + all.width() <= WIDTH,
    };
    if layout == Layout::Plain || fits {
        text.line(format_args!("#[diesel(postgres_type({all}))]"));
        return;
    }
    text.line(format_args!("#[diesel(postgres_type("));
    // Not by indenting: the lines inside of a name stay where they were.
    text.line(format_args!("    {}", arguments.join(",\n    ")));
    text.line(format_args!("))]"));
}
