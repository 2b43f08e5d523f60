//! What the catalogs send, and what is sent to them: text.

use std::borrow::Cow;

use migrate_postgres::Row;
use migrate_text::name::QualifiedName;

/// The number that a server gives to an object, unique within its kind.
pub(super) type Oid = u32;

/// What only PostgreSQL's own catalogs have in their rows.
pub(super) trait CatalogRow {
    /// An object's number; 0 and NULL both mean none.
    fn reference(&self, column: &str) -> Option<Oid>;

    /// A name within a schema, from a column of each.
    fn optional_name(&self, schema: &str, name: &str) -> Option<QualifiedName>;

    /// The same where there always is one.
    fn name(&self, schema: &str, name: &str) -> QualifiedName {
        self.optional_name(schema, name)
            .unwrap_or(QualifiedName::new("", ""))
    }

    /// An array of texts whose order means nothing.
    fn sorted_array(&self, column: &str) -> Vec<String>;
}

impl CatalogRow for Row<'_> {
    fn reference(&self, column: &str) -> Option<Oid> {
        self.optional_number(column).filter(|oid| *oid != 0)
    }

    fn optional_name(&self, schema: &str, name: &str) -> Option<QualifiedName> {
        let (schema, name) = (self.optional_str(schema), self.optional_str(name));
        Some(QualifiedName::new(schema?, name?))
    }

    fn sorted_array(&self, column: &str) -> Vec<String> {
        let mut texts = self.array(column);
        texts.sort_unstable();
        texts
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
