//! SQL names and literals, and the only two functions that quote them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Quotes an identifier for SQL text: always in double quotes, inner quotes doubled.
///
/// Quoting always, rather than only where PostgreSQL demands it, spares us the list of its
/// keywords, which grows with every version.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name that an identifier of SQL means: in lower case, but for one in quotes.
pub fn identifier(written: &str) -> String {
    let quoted = written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    quoted.map_or_else(
        || written.to_lowercase(),
        |inside| inside.replace("\"\"", "\""),
    )
}

/// Whether a table of this name records migrations: Diesel's, and ours beside it.
pub fn is_bookkeeping(table: &str) -> bool {
    table == "__diesel_schema_migrations" || table.starts_with("__migrate_")
}

/// Quotes a string literal for SQL text, in the `E''` form.
///
/// The `E''` form means the same whatever `standard_conforming_strings` is set to, and a
/// migration may have set it.
pub fn quote_literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 8);
    quoted.push_str("E'");
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

/// A name inside a schema. Displays as quoted SQL, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QualifiedName {
    /// The schema, as it is in the catalog: neither quoted nor folded.
    pub schema: String,
    /// The name within the schema, as it is in the catalog.
    pub name: String,
}

impl QualifiedName {
    /// Puts a name into a schema.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{}",
            quote_identifier(&self.schema),
            quote_identifier(&self.name)
        )
    }
}

/// The candidate most like `word`, if any is close enough to be what was meant.
///
/// One edit in three letters is allowed, at least one: `shemas` finds `schemas`, `x` finds
/// nothing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_their_case_quotes_and_spaces() {
        assert_eq!(quote_identifier("plain"), r#""plain""#);
        assert_eq!(
            quote_identifier(r#"Odd "name" here"#),
            r#""Odd ""name"" here""#
        );
        assert_eq!(QualifiedName::new("a", "b").to_string(), r#""a"."b""#);
    }

    #[test]
    fn literals_double_quotes_and_backslashes() {
        assert_eq!(quote_literal(r"it's a \ slash"), r"E'it''s a \\ slash'");
    }

    #[test]
    fn the_nearest_name_is_within_a_third() {
        let keys = ["schemas", "extensions", "create"];
        assert_eq!(nearest("shemas", keys), Some("schemas"));
        assert_eq!(nearest("extention", keys), Some("extensions"));
        assert_eq!(nearest("password", keys), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
