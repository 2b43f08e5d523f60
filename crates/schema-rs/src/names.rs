//! How Diesel makes names for Rust out of SQL's.

use std::borrow::Cow;

use heck::ToUpperCamelCase as _;

/// The words that `syn` takes for no identifier, which is what Diesel asks it; sorted.
const KEYWORDS: [&str; 52] = [
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What `table!` itself defines in the module of a table.
const RESERVED: [&str; 3] = ["table", "columns", "is_nullable"];

/// The name of a table, column or schema in Rust.
///
/// `table` is for columns the Rust name of their table, which they may not have too.
pub(super) fn rust_name<'s>(sql: &'s str, table: Option<&str>) -> Cow<'s, str> {
    let name = mapped(sql);
    if is_reserved(&name) || Some(&*name) == table {
        Cow::Owned(format!("{name}_"))
    } else {
        name
    }
}

/// The name of a type in Rust. It need not be an identifier: Diesel does not look.
pub(super) fn rust_type_name(sql: &str) -> String {
    sql.to_upper_camel_case()
}

fn is_reserved(name: &str) -> bool {
    KEYWORDS.contains(&name)
        || RESERVED.contains(&name)
        || (name.starts_with("__") && !name.ends_with('_'))
}

/// With `_` in place of every run of characters that are not for identifiers. Letters beyond
/// ASCII are among those.
fn mapped(sql: &str) -> Cow<'_, str> {
    let starts_with_digit = sql.starts_with(|c: char| c.is_ascii_digit());
    if !starts_with_digit && sql.chars().all(is_mappable) {
        return Cow::Borrowed(sql);
    }
    let mut name = String::with_capacity(sql.len() + 1);
    if starts_with_digit {
        name.push('_');
    }
    // An underscore of the name itself does not swallow the one for a character after it.
    let mut in_run = starts_with_digit;
    for c in sql.chars() {
        if is_mappable(c) {
            name.push(c);
            in_run = false;
        } else if !in_run {
            name.push('_');
            in_run = true;
        }
    }
    Cow::Owned(name)
}

fn is_mappable(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether a name is one that Rust surely takes, so that nothing needs to be asked.
pub(super) fn is_plain_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_mappable)
        && !KEYWORDS.contains(&name)
}

/// A string literal as Diesel writes it: raw where there is a quote in it, else with nothing
/// escaped. So a backslash is taken by Rust for the start of an escape.
pub(super) fn string_literal(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let hashes = "#".repeat(text.matches('#').count() + 1);
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mangled_as_diesel_does() {
        let cases = [
            ("users", "users"),
            ("Users", "Users"),
            ("type", "type_"),
            ("gen", "gen"),
            ("columns", "columns_"),
            ("two words", "two_words"),
            ("a -- b", "a_b"),
            ("a_ b", "a__b"),
            ("größe", "gr_e"),
            ("日本", "__"),
            ("1st", "_1st"),
            ("- 8", "_8"),
            ("4 th", "_4_th"),
            ("__hidden", "__hidden_"),
            ("__hidden_", "__hidden_"),
            ("_", "__"),
        ];
        for (sql, rust) in cases {
            assert_eq!(rust_name(sql, None), rust, "{sql:?}");
        }
        assert_eq!(rust_name("users", Some("users")), "users_");
    }

    #[test]
    fn literals_with_quotes_are_raw() {
        assert_eq!(string_literal("plain"), r#""plain""#);
        assert_eq!(string_literal(r"back\slash"), r#""back\slash""#);
        assert_eq!(string_literal(r#"a "b""#), r##"r#"a "b""#"##);
        assert_eq!(string_literal(r##"#"b"##), r###"r##"#"b"##"###);
    }
}
