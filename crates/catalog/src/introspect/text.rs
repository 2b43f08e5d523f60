//! What the server sends, and what is sent to it: text.

use std::borrow::Cow;
use std::str::FromStr;

use migrate_postgres::{Rows, text_array};
use migrate_text::name::QualifiedName;

/// The number that a server gives to an object, unique within its kind.
pub(super) type Oid = u32;

/// The answer to a query.
pub(super) struct Table(Rows);

impl Table {
    pub(super) fn new(rows: Rows) -> Self {
        Self(rows)
    }

    /// The rows, each to be read from its first column to its last.
    pub(super) fn rows(&self) -> impl Iterator<Item = Fields<'_>> {
        (0..self.0.len()).map(|row| Fields {
            rows: &self.0,
            row,
            column: 0,
        })
    }
}

/// The fields of one row. Each call takes the next one, in the order of the query's `select`.
///
/// A value that a query of ours never leaves out is taken as empty if it is missing after all.
pub(super) struct Fields<'r> {
    rows: &'r Rows,
    row: usize,
    column: usize,
}

impl<'r> Fields<'r> {
    pub(super) fn optional_str(&mut self) -> Option<&'r str> {
        let value = self.rows.get(self.row, self.column);
        self.column += 1;
        value
    }

    pub(super) fn str(&mut self) -> &'r str {
        self.optional_str().unwrap_or_default()
    }

    pub(super) fn optional_text(&mut self) -> Option<String> {
        self.optional_str().map(str::to_owned)
    }

    pub(super) fn text(&mut self) -> String {
        self.str().to_owned()
    }

    pub(super) fn flag(&mut self) -> bool {
        self.str() == "t"
    }

    /// A `"char"`: one letter, or nothing.
    pub(super) fn letter(&mut self) -> Option<char> {
        self.str().chars().next()
    }

    pub(super) fn number<N: FromStr + Default>(&mut self) -> N {
        self.optional_number().unwrap_or_default()
    }

    pub(super) fn optional_number<N: FromStr>(&mut self) -> Option<N> {
        self.optional_str()?.parse().ok()
    }

    /// An object's number; 0 and NULL both mean none.
    pub(super) fn reference(&mut self) -> Option<Oid> {
        self.optional_number().filter(|oid| *oid != 0)
    }

    /// A schema and a name within it.
    pub(super) fn name(&mut self) -> QualifiedName {
        self.optional_name().unwrap_or(QualifiedName::new("", ""))
    }

    pub(super) fn optional_name(&mut self) -> Option<QualifiedName> {
        let (schema, name) = (self.optional_str(), self.optional_str());
        Some(QualifiedName::new(schema?, name?))
    }

    /// An array of texts.
    pub(super) fn texts(&mut self) -> Vec<String> {
        self.optional_str().map(text_array).unwrap_or_default()
    }

    /// An array of texts whose order means nothing.
    pub(super) fn sorted_texts(&mut self) -> Vec<String> {
        let mut texts = self.texts();
        texts.sort_unstable();
        texts
    }

    /// An array or a vector of numbers: `{1,2}` or `1 2`.
    pub(super) fn numbers<N: FromStr>(&mut self) -> Vec<N> {
        self.str()
            .split(['{', ',', ' ', '}'])
            .filter_map(|number| number.parse().ok())
            .collect()
    }
}

/// A query for an older server.
///
/// The queries are written for the newest one. A line that an old server does not understand ends
/// in `-- before N: ` and what to put in its place for servers before version N.
pub(super) fn for_version(sql: &str, major: i32) -> Cow<'_, str> {
    const MARK: &str = "-- before ";
    if !sql.contains(MARK) {
        return Cow::Borrowed(sql);
    }
    let line_for_version = |line: &'_ str| {
        let older = line.split_once(MARK).and_then(|(_, rest)| {
            let (version, older) = rest.split_once(": ")?;
            let version: i32 = version.parse().ok()?;
            (major < version).then(|| older.to_owned())
        });
        older.unwrap_or_else(|| line.to_owned())
    };
    let lines: Vec<String> = sql.lines().map(line_for_version).collect();
    Cow::Owned(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_replaced_for_older_servers() {
        let sql = "select\n    a, -- before 14: 'none',\n    b -- a comment\nfrom t";
        assert_eq!(for_version(sql, 14), sql);
        assert_eq!(
            for_version(sql, 13),
            "select\n'none',\n    b -- a comment\nfrom t"
        );
    }
}
