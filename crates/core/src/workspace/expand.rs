//! `${VAR}` and `${VAR:-default}` in settings.

use migrate_text::problem::ProblemKind;

/// A piece of a value.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Reference {
        name: &'a str,
        default: Option<&'a str>,
    },
}

/// Replaces every reference in `text`. `lookup` is given a variable's name and its default and
/// answers with the value or the problem. A `$` that no `{` follows is itself.
///
/// Returns all problems, not only the first.
pub(super) fn expand(
    text: &str,
    mut lookup: impl FnMut(&str, Option<&str>) -> Result<String, ProblemKind>,
) -> Result<String, Vec<ProblemKind>> {
    let mut expanded = String::with_capacity(text.len());
    let mut problems = Vec::new();
    for piece in pieces(text).map_err(|problem| vec![problem])? {
        match piece {
            Piece::Text(text) => expanded.push_str(text),
            Piece::Reference { name, default } => match lookup(name, default) {
                Ok(value) => expanded.push_str(&value),
                Err(problem) => problems.push(problem),
            },
        }
    }
    if problems.is_empty() {
        Ok(expanded)
    } else {
        Err(problems)
    }
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, ProblemKind> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = (&rest[..start], &rest[start + 2..]);
        let end = reference.find('}').ok_or(ProblemKind::BadReference)?;
        let (name, default) = match reference[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&reference[..end], None),
        };
        if !is_name(name) {
            return Err(ProblemKind::BadReference);
        }
        pieces.extend([Piece::Text(before), Piece::Reference { name, default }]);
        rest = &reference[end + 1..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

pub(super) fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, Vec<ProblemKind>> {
        expand(text, |name, default| match (name, default) {
            ("HOST", _) => Ok("db".to_owned()),
            (_, Some(default)) => Ok(default.to_owned()),
            _ => Err(ProblemKind::DefaultInProduction {
                name: name.to_owned(),
            }),
        })
    }

    #[test]
    fn references_and_defaults_are_replaced() {
        assert_eq!(
            expanded("pg://${HOST}:${PORT:-5432}/a$b").unwrap(),
            "pg://db:5432/a$b"
        );
        assert_eq!(expanded("${HOST:-x}${NONE:-}").unwrap(), "db");
    }

    #[test]
    fn every_missing_variable_is_reported() {
        assert_eq!(expanded("${A}${HOST}${B}").unwrap_err().len(), 2);
    }

    #[test]
    fn a_broken_reference_is_no_text() {
        for text in ["${HOST", "${}", "${1A}", "${A B}"] {
            assert_eq!(
                expanded(text),
                Err(vec![ProblemKind::BadReference]),
                "{text}"
            );
        }
    }
}
