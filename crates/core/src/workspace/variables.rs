//! Variables: the process's own first, then `.env.<environment>`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use migrate_text::causes::Cause;
use migrate_text::name::nearest;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::regular_file::{self, LONGEST_SETTINGS};
use migrate_text::source::{Location, SourceFile};
use migrate_text::variables::Variables;

/// The process's variables with those of an environment's file behind them.
pub(super) struct Environment {
    pub(super) env_file: PathBuf,
    pub(super) env_file_exists: bool,
    process: Variables,
    file: Variables,
}

impl Environment {
    /// Reads the first of `files` that exists.
    pub(super) fn read(process: Variables, files: &[PathBuf], problems: &mut Problems) -> Self {
        let existing = files.iter().find(|file| file.exists());
        let env_file = existing.or(files.first()).cloned().unwrap_or_default();
        let file = existing
            .map(|path| read_env_file(path, problems))
            .unwrap_or_default();
        Self {
            env_file_exists: existing.is_some(),
            env_file,
            process,
            file,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.process.get(name).or_else(|| self.file.get(name))
    }

    /// The value, or the default, or the problem to report.
    pub(super) fn resolve(&self, name: &str, default: Option<&str>) -> Result<String, ProblemKind> {
        match (self.get(name), default) {
            (Some(value), _) => Ok(value.to_owned()),
            (None, Some(default)) => Ok(default.to_owned()),
            (None, None) => Err(self.unset(name)),
        }
    }

    pub(super) fn unset(&self, name: &str) -> ProblemKind {
        // Only names from the file: the process has dozens that have nothing to do with us.
        let candidates = self.file.names();
        ProblemKind::UnsetVariable {
            name: name.to_owned(),
            env_file: self.env_file.clone(),
            env_file_exists: self.env_file_exists,
            nearest: nearest(name, candidates).map(str::to_owned),
        }
    }
}

fn read_env_file(path: &Path, problems: &mut Problems) -> Variables {
    let text = match regular_file::read_text(path, LONGEST_SETTINGS) {
        Ok(text) => text,
        Err(error) => {
            problems.add(ProblemKind::Unreadable {
                path: path.to_owned(),
                error: Cause::of(error),
            });
            return Variables::default();
        }
    };
    let mut pairs = BTreeMap::new();
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        match item {
            Ok((name, value)) => {
                pairs.insert(name, value);
            }
            Err(error) => {
                let file = SourceFile::new(path, hide_values(&text));
                problems.at(
                    Location {
                        span: broken_line(&text, &error)
                            .map_or(0..0, |number| line_span(file.text(), number)),
                        file,
                    },
                    ProblemKind::Syntax(
                        "expected `NAME=value`, the value in single quotes if it holds spaces, \
                         `$`, `#` or quotes"
                            .to_owned(),
                    ),
                );
            }
        }
    }
    pairs.into_iter().collect()
}

/// The number of the line that dotenvy could not read, from 0.
fn broken_line(text: &str, error: &dotenvy::Error) -> Option<usize> {
    let dotenvy::Error::LineParse(broken, _) = error else {
        return None;
    };
    let first = broken.lines().next()?.trim();
    text.lines().position(|line| line.trim() == first)
}

/// The same lines with every value as stars: an error shows its line, and values are secrets.
fn hide_values(text: &str) -> String {
    let hide = |line: &str| match line.split_once('=') {
        Some((name, value)) if !value.is_empty() && !line.trim_start().starts_with('#') => {
            format!("{name}=***")
        }
        Some(_) => line.to_owned(),
        None if line.trim().is_empty() || line.trim_start().starts_with('#') => line.to_owned(),
        // The rest of a value over several lines, or a secret pasted alone.
        None => "***".to_owned(),
    };
    text.lines().map(hide).collect::<Vec<_>>().join("\n")
}

fn line_span(text: &str, number: usize) -> std::ops::Range<usize> {
    let start: usize = text.split_inclusive('\n').take(number).map(str::len).sum();
    let length = text[start..].lines().next().map_or(0, str::len);
    start..start + length
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_broken_line_is_shown_without_its_value() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env.local");
        fs::write(&path, "A=1\nB=\"hunter2\nC='x'\n").unwrap();
        let mut problems = Problems(Vec::new());
        Environment::read(Variables::default(), &[path], &mut problems);
        let location = problems.0[0].location.as_ref().unwrap();
        assert_eq!(location.position().line, 2);
        assert!(!location.file.text().contains("hunter2"));
    }

    #[test]
    fn the_process_comes_first_and_empty_is_unset() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env.local");
        fs::write(&path, "A=file\nB=file\n").unwrap();
        let process = [("A", "process"), ("B", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let mut problems = Problems(Vec::new());
        let environment = Environment::read(process.into_iter().collect(), &[path], &mut problems);
        assert_eq!(environment.get("A"), Some("process"));
        assert_eq!(environment.get("B"), Some("file"));
        assert_eq!(problems.0, []);
    }
}
