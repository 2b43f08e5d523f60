//! Names and globs of `migrate.toml`, for us and for PostgreSQL.

use glob::{MatchOptions, Pattern, PatternError};
use serde::{Serialize, Serializer};

use migrate_text::name::QualifiedName;

/// A name as it is in the catalog, or a glob over such names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamePattern {
    /// This name and no other.
    Exact(String),
    /// All names that fit: `*`, `?`, `[ab]`, `[!ab]`.
    Glob(Pattern),
}

impl NamePattern {
    /// Reads a name or glob as it is written in `migrate.toml`.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.contains(['*', '?', '[']) {
            Pattern::new(text).map(Self::Glob)
        } else {
            Ok(Self::Exact(text.to_owned()))
        }
    }

    /// Whether a name is meant.
    pub fn fits(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Glob(glob) => glob.matches_with(name, MatchOptions::new()),
        }
    }

    /// The same as a regular expression of PostgreSQL's, of the whole name.
    pub fn regex(&self) -> String {
        let inner = match self {
            Self::Exact(exact) => exact.chars().map(escaped).collect(),
            Self::Glob(glob) => glob_regex(glob.as_str()),
        };
        format!("^(?:{inner})$")
    }
}

/// As PostgreSQL takes it.
impl Serialize for NamePattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.regex())
    }
}

/// A schema and a name in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QualifiedPattern {
    /// The schema.
    pub schema: NamePattern,
    /// The name.
    pub name: NamePattern,
}

impl QualifiedPattern {
    /// Reads `name` or `schema.name`; without a schema it is `public`.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (schema, name) = text.split_once('.').unwrap_or(("public", text));
        Ok(Self {
            schema: NamePattern::parse(schema)?,
            name: NamePattern::parse(name)?,
        })
    }

    /// One name and no other.
    pub fn exact(name: &QualifiedName) -> Self {
        Self {
            schema: NamePattern::Exact(name.schema.clone()),
            name: NamePattern::Exact(name.name.clone()),
        }
    }

    /// Whether it means one name only.
    pub fn is_exact(&self) -> bool {
        matches!(
            (&self.schema, &self.name),
            (NamePattern::Exact(_), NamePattern::Exact(_))
        )
    }

    /// Whether a name is meant.
    pub fn fits(&self, name: &QualifiedName) -> bool {
        self.schema.fits(&name.schema) && self.name.fits(&name.name)
    }
}

/// A character of a regular expression that means only itself.
fn escaped(c: char) -> String {
    if c.is_alphanumeric() || c == '_' || !c.is_ascii() {
        c.to_string()
    } else {
        format!("\\{c}")
    }
}

/// The rules of the crate `glob`: a `]` or `!` right after the opening bracket is special.
fn glob_regex(glob: &str) -> String {
    let mut regex = String::new();
    let mut rest = glob;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => {
                let negated = rest.starts_with('!');
                rest = rest.strip_prefix('!').unwrap_or(rest);
                // One character at least is inside, `]` too.
                let first = rest.chars().next().map_or(0, char::len_utf8);
                let end = first + rest[first..].find(']').unwrap_or(0);
                regex.push_str(if negated { "[^" } else { "[" });
                regex.push_str(&class(&rest[..end]));
                regex.push(']');
                rest = &rest[end + 1..];
            }
            c => regex.push_str(&escaped(c)),
        }
    }
    regex
}

/// What stands in brackets. A `-` between two characters is a range in both languages.
fn class(inside: &str) -> String {
    let characters: Vec<char> = inside.chars().collect();
    let last = characters.len().saturating_sub(1);
    let is_range = |index: usize| index > 0 && index < last && characters[index] == '-';
    let all = characters.iter().enumerate();
    all.map(|(index, c)| match is_range(index) {
        true => "-".to_owned(),
        false => escaped(*c),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_means_the_same_to_postgresql() {
        for (glob, regex) in [
            ("users", "^(?:users)$"),
            ("a.b", "^(?:a\\.b)$"),
            ("auth_*", "^(?:auth_.*)$"),
            ("t?[a-c]", "^(?:t.[a-c])$"),
            ("[!x]*", "^(?:[^x].*)$"),
            ("[]-]x", "^(?:[\\]\\-]x)$"),
        ] {
            assert_eq!(NamePattern::parse(glob).unwrap().regex(), regex);
        }
    }
}
