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

/// The width up to which an item is short. Lists of nothing but short items share lines.
const SHORT: usize = 10;

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
            if tables.iter().all(|table| table.len() <= SHORT) {
                filled(text, tables);
            } else {
                for table in tables {
                    text.line(format_args!("{table},"));
                }
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

/// Writes items with as many in a line as there is room for.
fn filled(text: &mut Text, items: &[&str]) {
    // `rustfmt` keeps room for one more comma.
    let room = WIDTH - 1 - text.column();
    let mut line = String::new();
    for item in items {
        if !line.is_empty() && line.len() + " ,".len() + item.len() > room {
            text.line(format_args!("{line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(item);
        line.push(',');
    }
    text.line(format_args!("{line}"));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(depth: usize, write: impl Fn(&mut Text)) -> String {
        let mut text = Text::new();
        (0..depth).for_each(|_| text.indent());
        write(&mut text);
        text.finish()
    }

    fn lines_of(depth: usize, tables: &[&str]) -> usize {
        written(depth, |text| same_query(text, Layout::Formatted, tables))
            .lines()
            .count()
    }

    #[test]
    fn tables_share_a_line_while_it_has_room() {
        let (fits, too_long) = ("b".repeat(49), "b".repeat(50));
        assert_eq!(lines_of(0, &["a", &fits]), 1);
        assert_eq!(lines_of(0, &["a", &too_long]), 4);
        assert_eq!(lines_of(1, &["a", &fits]), 4);
    }

    #[test]
    fn short_names_fill_lines() {
        let short = vec!["abcdefghij"; 9];
        assert_eq!(
            written(0, |text| same_query(text, Layout::Formatted, &short)),
            "diesel::allow_tables_to_appear_in_same_query!(\n    \
             abcdefghij, abcdefghij, abcdefghij, abcdefghij, abcdefghij, abcdefghij, \
             abcdefghij, abcdefghij,\n    abcdefghij,\n);\n"
        );
        assert_eq!(lines_of(0, &[&short[..], &["abcdefghijk"]].concat()), 12);
    }

    #[test]
    fn derives_have_a_line_of_their_own_before_each_has_one() {
        let lines = |width: usize| {
            let names = ["A".to_owned(), "B".repeat(width - "A, ".len())];
            written(1, |text| derives(text, Layout::Formatted, &names))
                .lines()
                .count()
        };
        assert_eq!((lines(81), lines(82)), (1, 3));
        assert_eq!((lines(92), lines(93)), (3, 4));
    }

    #[test]
    fn arguments_of_a_type_are_on_one_line_or_each_on_its_own() {
        let lines = |width: usize| {
            let arguments = ["a".to_owned(), "b".repeat(width - "a, ".len())];
            written(1, |text| postgres_type(text, Layout::Formatted, &arguments))
                .lines()
                .count()
        };
        assert_eq!((lines(69), lines(70)), (1, 4));
    }
}
