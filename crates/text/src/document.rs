//! A TOML file read strictly: every value with its place, unknown keys reported with the
//! nearest known one, all problems at once.

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::name::nearest;
use crate::problem::{ProblemKind, Problems};
use crate::source::{Location, SourceFile};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place in the file.
    pub location: Location,
}

/// Parses a file. Syntax errors go to `problems`, and what could be read is still given.
pub fn parse<'f>(file: &'f SourceFile, problems: &mut Problems) -> Spanned<DeTable<'f>> {
    parse_text(file.text(), file, problems)
}

/// Parses a text of which problems show `file` in its place: the same, secrets hidden.
pub fn parse_text<'f>(
    text: &'f str,
    file: &SourceFile,
    problems: &mut Problems,
) -> Spanned<DeTable<'f>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        problems.at(
            locate(file, error.span().unwrap_or(0..0)),
            ProblemKind::Syntax(error.message().to_owned()),
        );
    }
    table
}

/// One table of a document. Each getter marks its key as known; [`Table::finish`] reports the
/// others.
pub struct Table<'t, 'f> {
    file: &'f SourceFile,
    table: &'t DeTable<'f>,
    span: Range<usize>,
    known: Vec<&'static str>,
}

impl<'t, 'f> Table<'t, 'f> {
    /// The top of a document, or a table of it.
    pub fn new(file: &'f SourceFile, table: &'t Spanned<DeTable<'f>>) -> Self {
        Self::of(file, table.get_ref(), table.span())
    }

    fn of(file: &'f SourceFile, table: &'t DeTable<'f>, span: Range<usize>) -> Self {
        Self {
            file,
            table,
            span,
            known: Vec::new(),
        }
    }

    /// Where the table stands.
    pub fn location(&self) -> Location {
        locate(self.file, self.span.clone())
    }

    /// A string.
    pub fn string(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Located<String>> {
        self.value(key, "a string", problems, |value| {
            value.as_str().map(str::to_owned)
        })
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str, problems: &mut Problems) -> Option<Located<bool>> {
        self.value(key, "`true` or `false`", problems, DeValue::as_bool)
    }

    /// A string, or a number as it is written: for values that may also come from a variable.
    pub fn string_or_number(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Located<String>> {
        self.value(key, "a string or a number", problems, |value| match value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// A time, or 0 for none, as PostgreSQL takes it for a timeout.
    pub fn timeout(&mut self, key: &'static str, problems: &mut Problems) -> Option<Duration> {
        let text = self.string_or_number(key, problems)?;
        let timeout = parse_timeout(&text.value);
        if let Err(kind) = &timeout {
            problems.at(text.location, bad_value(key, kind));
        }
        timeout.ok()
    }

    /// A whole number, 0 among them.
    pub fn count(&mut self, key: &'static str, problems: &mut Problems) -> Option<u32> {
        let text = self.string_or_number(key, problems)?;
        let count = parse_count(&text.value);
        if let Err(kind) = &count {
            problems.at(text.location, bad_value(key, kind));
        }
        count.ok()
    }

    /// A list of strings, each with its place.
    pub fn strings(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<Located<String>>> {
        let file = self.file;
        let list = self.value(key, "a list of strings", problems, |value| {
            value
                .as_array()?
                .iter()
                .map(|item| {
                    Some(Located {
                        value: item.get_ref().as_str()?.to_owned(),
                        location: locate(file, item.span()),
                    })
                })
                .collect::<Option<Vec<_>>>()
        })?;
        Some(list.value)
    }

    /// A table below `key`.
    pub fn table(&mut self, key: &'static str, problems: &mut Problems) -> Option<Table<'t, 'f>> {
        self.known.push(key);
        let (_, value) = self.table.get_key_value(key)?;
        let found = Self::child(self.file, value);
        if found.is_none() {
            self.wrong_type(key, "a table", value, problems);
        }
        found
    }

    /// The tables of an array of tables, or the inline ones of a list, below `key`.
    pub fn tables(&mut self, key: &'static str, problems: &mut Problems) -> Vec<Table<'t, 'f>> {
        self.known.push(key);
        let Some((_, value)) = self.table.get_key_value(key) else {
            return Vec::new();
        };
        let items = value.get_ref().as_array();
        let tables: Option<Vec<_>> = items.and_then(|items| {
            let all = items.iter();
            all.map(|item| Self::child(self.file, item)).collect()
        });
        if tables.is_none() {
            self.wrong_type(key, "a list of tables", value, problems);
        }
        tables.unwrap_or_default()
    }

    /// All entries as tables under names of the person's choice, in the order of the file.
    pub fn named_tables(self, problems: &mut Problems) -> Vec<(Located<String>, Self)> {
        let mut tables = Vec::new();
        for (key, value) in self.table {
            match Self::child(self.file, value) {
                Some(table) => {
                    let name = Located {
                        value: key.get_ref().to_string(),
                        location: locate(self.file, key.span()),
                    };
                    tables.push((name, table));
                }
                None => self.wrong_type(key.get_ref(), "a table", value, problems),
            }
        }
        tables.sort_by_key(|(name, _)| name.location.span.start);
        tables
    }

    /// The tables under keys that no getter asked for, in the order of the file; other such keys
    /// are reported.
    pub fn other_tables(self, problems: &mut Problems) -> Vec<(Located<String>, Self)> {
        let mut tables = Vec::new();
        for (key, value) in self.table {
            let name: &str = key.get_ref();
            if self.known.contains(&name) {
                continue;
            }
            let location = locate(self.file, key.span());
            match Self::child(self.file, value) {
                Some(table) => tables.push((
                    Located {
                        value: name.to_owned(),
                        location,
                    },
                    table,
                )),
                None => problems.at(location, self.unknown_key(name)),
            }
        }
        tables.sort_by_key(|(name, _)| name.location.span.start);
        tables
    }

    /// Reports the keys that no getter asked for.
    pub fn finish(self, problems: &mut Problems) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                problems.at(locate(self.file, key.span()), self.unknown_key(name));
            }
        }
    }

    fn unknown_key(&self, name: &str) -> ProblemKind {
        ProblemKind::UnknownKey {
            key: name.to_owned(),
            nearest: nearest(name, self.known.iter().copied()).map(str::to_owned),
            known: self.known.clone(),
        }
    }

    fn child(file: &'f SourceFile, value: &'t Spanned<DeValue<'f>>) -> Option<Table<'t, 'f>> {
        let table = value.get_ref().as_table()?;
        Some(Self::of(file, table, value.span()))
    }

    /// A value of any type that `convert` makes sense of.
    pub fn value<T>(
        &mut self,
        key: &'static str,
        expected: &'static str,
        problems: &mut Problems,
        convert: impl FnOnce(&DeValue<'f>) -> Option<T>,
    ) -> Option<Located<T>> {
        self.known.push(key);
        let spanned = self.table.get(key)?;
        match convert(spanned.get_ref()) {
            Some(value) => Some(Located {
                value,
                location: locate(self.file, spanned.span()),
            }),
            None => {
                self.wrong_type(key, expected, spanned, problems);
                None
            }
        }
    }

    fn wrong_type(
        &self,
        key: &str,
        expected: &'static str,
        value: &Spanned<DeValue<'f>>,
        problems: &mut Problems,
    ) {
        problems.at(
            locate(self.file, value.span()),
            ProblemKind::WrongType {
                key: key.to_owned(),
                expected,
                found: article(value.get_ref()),
            },
        );
    }
}

/// A time as people write it.
pub fn parse_duration(text: &str) -> Result<Duration, &'static str> {
    let text = text.trim();
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text)
            .map_err(|_| "a time such as \"30s\", \"500ms\", \"2m\", or a number of seconds"),
    }
}

/// A time that PostgreSQL takes for a timeout. It counts whole milliseconds in 32 bits, and less
/// than one of them would be 0: no timeout at all.
pub fn parse_timeout(text: &str) -> Result<Duration, &'static str> {
    let timeout = parse_duration(text)?;
    let fits = timeout.is_zero() || (1..=i32::MAX as u128).contains(&timeout.as_millis());
    fits.then_some(timeout)
        .ok_or("0, or a time from \"1ms\" to \"24days\"")
}

/// A whole number, 0 among them.
pub fn parse_count(text: &str) -> Result<u32, &'static str> {
    text.trim().parse().map_err(|_| "a whole number, or 0")
}

fn bad_value(key: &str, expected: &&'static str) -> ProblemKind {
    ProblemKind::BadValue {
        key: key.to_owned(),
        expected,
    }
}

fn locate(file: &SourceFile, span: Range<usize>) -> Location {
    Location {
        file: file.clone(),
        span,
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_found_at_once_with_their_places() {
        let file = SourceFile::new("m.toml", "shemas = 1\ncreate = \"yes\"\nname = \"ok\"\n");
        let mut problems = Problems(Vec::new());
        let root = parse(&file, &mut problems);
        let mut table = Table::new(&file, &root);
        assert_eq!(table.boolean("create", &mut problems), None);
        assert_eq!(table.strings("schemas", &mut problems), None);
        let name = table.string("name", &mut problems).unwrap();
        assert_eq!(
            (name.value.as_str(), name.location.position().line),
            ("ok", 3)
        );
        table.finish(&mut problems);

        let told: Vec<String> = problems
            .0
            .iter()
            .map(|problem| {
                let line = problem.location.as_ref().unwrap().position().line;
                format!("{line}: {}", problem.kind)
            })
            .collect();
        assert_eq!(
            told,
            [
                "2: `create` must be `true` or `false`, not a string",
                "1: unknown key `shemas`"
            ]
        );
    }
}
