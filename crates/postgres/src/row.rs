//! What a query gives, read by the names of its columns.

use std::cell::Cell;
use std::str::FromStr;

use super::array::text_array;

/// The rows that a query gave, as values of their own: they hold no connection.
///
/// Everything is text, as the server sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    columns: Vec<String>,
    len: usize,
    /// All values one after the other. A query may give millions, so none is allocated by itself.
    text: String,
    /// Row by row, where each value ends in the text.
    values: Vec<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Value {
    end: usize,
    is_null: bool,
}

impl Rows {
    /// Rows from memory, such as a test makes them.
    ///
    /// # Panics
    ///
    /// When a row has more or fewer values than there are columns.
    pub fn of(columns: &[&str], rows: &[&[Option<&str>]]) -> Self {
        assert!(
            rows.iter().all(|row| row.len() == columns.len()),
            "every row has a value for each column"
        );
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let value =
            |row: usize, column: usize| Ok::<_, std::convert::Infallible>(rows[row][column]);
        let Ok(rows) = Self::gather(columns, rows.len(), value);
        rows
    }

    /// Rows from whatever can be asked for a value by the numbers of its row and column.
    pub(super) fn gather<'v, E>(
        columns: Vec<String>,
        len: usize,
        value: impl FnMut(usize, usize) -> Result<Option<&'v str>, E>,
    ) -> Result<Self, E> {
        let mut rows = Self::named(columns);
        rows.add(len, value)?;
        Ok(rows)
    }

    /// No rows of these columns.
    pub(super) fn named(columns: Vec<String>) -> Self {
        Self {
            columns,
            len: 0,
            text: String::new(),
            values: Vec::new(),
        }
    }

    /// Whether nothing is known of the columns yet.
    pub(super) fn is_unnamed(&self) -> bool {
        self.columns.is_empty() && self.len == 0
    }

    /// How many bytes they take.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.values.len() * size_of::<Value>()
    }

    /// Adds rows.
    pub(super) fn add<'v, E>(
        &mut self,
        len: usize,
        mut value: impl FnMut(usize, usize) -> Result<Option<&'v str>, E>,
    ) -> Result<(), E> {
        for row in 0..len {
            for column in 0..self.columns.len() {
                let found = value(row, column)?;
                self.text.push_str(found.unwrap_or_default());
                self.values.push(Value {
                    end: self.text.len(),
                    is_null: found.is_none(),
                });
            }
        }
        self.len += len;
        Ok(())
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The rows, in the order in which the server gave them.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len).map(|row| Row {
            rows: self,
            first: row * self.columns.len(),
            next: Cell::new(0),
        })
    }

    /// The first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// The first value of the first row: the answer to a question of one column.
    pub fn single(&self) -> Option<&str> {
        self.value(0)
    }

    fn value(&self, index: usize) -> Option<&str> {
        let value = self.values.get(index).filter(|value| !value.is_null)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.values[before].end,
            None => 0,
        };
        Some(&self.text[start..value.end])
    }
}

/// One row. A value that a query of ours never leaves out is taken as empty if it is missing
/// after all.
///
/// # Panics
///
/// Every method panics where the query has no column of the name. Which columns there are is
/// written in our own SQL and never depends on data, so whoever asks for another one has made a
/// mistake that the first test of the query shows. An error would be one that nobody can handle,
/// and an empty value would be a wrong one.
#[derive(Debug)]
pub struct Row<'r> {
    rows: &'r Rows,
    /// Where its values begin.
    first: usize,
    /// The column after the one that was read last: most rows are read in the query's order, and
    /// then to find a column costs one comparison.
    next: Cell<usize>,
}

impl<'r> Row<'r> {
    /// A text; `None` for SQL's NULL.
    #[track_caller]
    pub fn optional_str(&self, column: &str) -> Option<&'r str> {
        self.rows.value(self.first + self.column(column))
    }

    /// A text; empty for SQL's NULL.
    #[track_caller]
    pub fn str(&self, column: &str) -> &'r str {
        self.optional_str(column).unwrap_or_default()
    }

    /// The same as a text of its own.
    #[track_caller]
    pub fn text(&self, column: &str) -> String {
        self.str(column).to_owned()
    }

    /// A text of its own; `None` for SQL's NULL.
    #[track_caller]
    pub fn optional(&self, column: &str) -> Option<String> {
        self.optional_str(column).map(str::to_owned)
    }

    /// A `bool`; `false` for SQL's NULL.
    #[track_caller]
    pub fn bool(&self, column: &str) -> bool {
        self.optional_str(column) == Some("t")
    }

    /// A `"char"`: one letter, or nothing.
    #[track_caller]
    pub fn letter(&self, column: &str) -> Option<char> {
        self.str(column).chars().next()
    }

    /// A number; 0 for SQL's NULL.
    #[track_caller]
    pub fn number<N: FromStr + Default>(&self, column: &str) -> N {
        self.optional_number(column).unwrap_or_default()
    }

    /// A number; `None` for SQL's NULL, and for what is no such number.
    #[track_caller]
    pub fn optional_number<N: FromStr>(&self, column: &str) -> Option<N> {
        self.optional_str(column)?.parse().ok()
    }

    /// A `text[]` without NULLs; empty for SQL's NULL.
    #[track_caller]
    pub fn array(&self, column: &str) -> Vec<String> {
        self.optional_str(column)
            .map(text_array)
            .unwrap_or_default()
    }

    /// An array or a vector of numbers, `{1,2}` or `1 2`; empty for SQL's NULL.
    #[track_caller]
    pub fn numbers<N: FromStr>(&self, column: &str) -> Vec<N> {
        self.str(column)
            .split(['{', ',', ' ', '}'])
            .filter_map(|number| number.parse().ok())
            .collect()
    }

    #[track_caller]
    fn column(&self, name: &str) -> usize {
        let columns = &self.rows.columns;
        let next = self.next.get();
        let found = match columns.get(next) {
            Some(column) if column == name => Some(next),
            _ => columns.iter().position(|column| column == name),
        };
        let Some(found) = found else {
            panic!("the query gives no column `{name}`, but {columns:?}");
        };
        self.next.set(found + 1);
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn two_rows() -> Rows {
        Rows::of(
            &["name", "valid", "number", "parts"],
            &[
                &[Some("ä"), Some("t"), Some("-7"), Some("{a,\"b,c\"}")],
                &[Some(""), Some("f"), None, None],
            ],
        )
    }

    #[test]
    fn values_are_found_by_name_in_any_order() {
        let rows = two_rows();
        let row = rows.first().unwrap();
        assert_eq!(row.array("parts"), ["a", "b,c"]);
        assert_eq!(row.text("name"), "ä");
        assert_eq!(row.text("name"), "ä");
        assert_eq!(row.number::<i64>("number"), -7);
        assert!(row.bool("valid"));
    }

    #[test]
    fn null_is_no_text_and_an_empty_text_is_one() {
        let rows = two_rows();
        let row = rows.iter().nth(1).unwrap();
        assert_eq!(row.optional_str("name"), Some(""));
        assert_eq!(row.optional("parts"), None);
        assert_eq!(row.str("parts"), "");
        assert!(row.array("parts").is_empty());
        assert_eq!(row.optional_number::<i32>("number"), None);
        assert_eq!(row.number::<i32>("number"), 0);
        assert!(!row.bool("valid"));
    }

    #[test]
    fn rows_are_counted_also_where_they_have_no_columns() {
        let rows = Rows::of(&[], &[&[], &[]]);
        assert_eq!((rows.len(), rows.iter().count()), (2, 2));
        assert_eq!(rows.single(), None);
        assert!(Rows::of(&["a"], &[]).is_empty());
        assert!(Rows::of(&["a"], &[]).first().is_none());
    }

    #[test]
    fn numbers_are_those_of_arrays_and_vectors() {
        let rows = Rows::of(&["keys", "vector"], &[&[Some("{1,2}"), Some("3 0 4")]]);
        let row = rows.first().unwrap();
        assert_eq!(row.numbers::<i16>("keys"), [1, 2]);
        assert_eq!(row.numbers::<i16>("vector"), [3, 0, 4]);
    }

    #[test]
    #[should_panic(expected = "no column `oid`, but [\"name\", \"valid\", \"number\", \"parts\"]")]
    fn a_column_that_the_query_does_not_give_is_named() {
        two_rows().first().unwrap().text("oid");
    }

    /// Columns with names of their own, and rows for them.
    fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<Option<String>>>)> {
        prop::collection::btree_set(any::<String>(), 0..5).prop_flat_map(|names| {
            let names: Vec<String> = names.into_iter().collect();
            let row = prop::collection::vec(any::<Option<String>>(), names.len());
            (Just(names).prop_shuffle(), prop::collection::vec(row, 0..5))
        })
    }

    proptest! {
        #![proptest_config(crate::property::config())]

        #[test]
        fn every_value_is_found_by_the_name_of_its_column(
            (columns, values) in table(),
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        ) {
            let get = |row: usize, column: usize| Ok::<_, ()>(values[row][column].as_deref());
            let rows = Rows::gather(columns.clone(), values.len(), get).unwrap();
            prop_assert_eq!(rows.iter().count(), values.len());
            for (row, values) in rows.iter().zip(&values) {
                for (name, value) in columns.iter().zip(values) {
                    prop_assert_eq!(row.optional_str(name), value.as_deref());
                }
                for place in places.iter().filter(|_| !columns.is_empty()) {
                    let column = place.index(columns.len());
                    prop_assert_eq!(row.optional(&columns[column]), values[column].clone());
                }
            }
        }

        #[test]
        fn no_text_makes_decoding_panic(text in any::<String>()) {
            let rows = Rows::of(&["text"], &[&[Some(&text)]]);
            let row = rows.first().unwrap();
            row.bool("text");
            row.letter("text");
            row.array("text");
            row.numbers::<i16>("text");
            row.optional_number::<f64>("text");
            prop_assert_eq!(row.text("text"), text.as_str());
        }
    }
}
