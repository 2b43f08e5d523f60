//! A migration's SQL, looked through.

use std::borrow::Cow;

use migrate_postgres::ServerError;
use migrate_sql::{ForbiddenKind, SqlFile, Statement};
use migrate_text::source::{Location, SourceFile};

/// The SQL of a file that may be run, and its statements.
#[derive(Debug, Clone)]
pub struct Script {
    file: SourceFile,
    statements: Vec<Statement>,
}

/// A file holds what no migration may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {}", self.what())]
pub struct ForbiddenText {
    /// What it is.
    pub kind: ForbiddenKind,
    /// Where.
    pub location: Location,
}

impl ForbiddenText {
    /// What it is, in a sentence.
    pub fn what(&self) -> &'static str {
        match self.kind {
            ForbiddenKind::TransactionControl => "a migration may not begin or end a transaction",
            ForbiddenKind::UnterminatedComment => "the file ends inside a comment",
            ForbiddenKind::UnterminatedString => "the file ends inside a string",
            ForbiddenKind::UnterminatedDollarQuote => "the file ends inside a dollar-quoted string",
            ForbiddenKind::UnterminatedIdentifier => "the file ends inside a quoted name",
            ForbiddenKind::UnterminatedBody => "the file ends inside the body of a routine",
            ForbiddenKind::AmbiguousNumber => {
                "servers before 15 end this number elsewhere than those after it"
            }
            ForbiddenKind::CopyFromStdin => {
                "a migration cannot hold the rows of `COPY ... FROM STDIN`"
            }
            ForbiddenKind::CopyToStdout => "a migration cannot send rows to a client",
            ForbiddenKind::FreesTheLock => "a migration may not free the lock of the deploy",
            ForbiddenKind::PsqlCommand => "a backslash command is for `psql`, not for the server",
            ForbiddenKind::NulByte => "the file holds a NUL byte",
            ForbiddenKind::ByteOrderMark => "the file begins with a byte order mark",
        }
    }
}

impl Script {
    /// Looks a file through and splits it.
    pub fn of(file: &SourceFile) -> Result<Self, ForbiddenText> {
        let sql = SqlFile::of(file.text());
        sql.check().map_err(|forbidden| ForbiddenText {
            kind: forbidden.kind,
            location: Location {
                file: file.clone(),
                span: forbidden.span,
            },
        })?;
        Ok(Self {
            file: file.clone(),
            statements: sql.into_statements(),
        })
    }

    /// The file.
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// Its statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The text of a statement.
    pub(super) fn text(&self, statement: &Statement) -> &str {
        &self.file.text()[statement.span.clone()]
    }

    /// Whether it may say for itself how long it waits for locks. In any part of its text: a
    /// function sets it by a string, and a file that only speaks of it merely is watched sooner.
    pub(super) fn mentions_lock_timeout(&self) -> bool {
        let text = self.file.text().to_ascii_lowercase();
        text.contains("lock_timeout")
    }

    /// Whether it may run SQL that its text does not show.
    pub(super) fn runs_unseen(&self) -> bool {
        let text = self.file.text().to_ascii_lowercase();
        text.contains("execute")
    }

    /// The statements at the head that set the modes of the transaction.
    pub(super) fn leading_modes(&self) -> &[Statement] {
        let modes = self.statements.iter();
        let modes = modes.take_while(|it| it.sets_transaction_mode()).count();
        &self.statements[..modes]
    }

    /// The text with spaces for these statements: every other character keeps its place.
    pub(super) fn text_without(&self, statements: &[Statement]) -> Cow<'_, str> {
        let text = self.file.text();
        let mut rest = Cow::Borrowed(text);
        for statement in statements {
            let spaces = " ".repeat(text[statement.span.clone()].chars().count());
            let end = rest.len() - (text.len() - statement.span.end);
            let start = end - statement.span.len();
            rest.to_mut().replace_range(start..end, &spaces);
        }
        rest
    }

    /// The place of a whole statement: its first line, which is enough to know it by.
    pub(super) fn location_of(&self, statement: &Statement) -> Location {
        let first_line = self.text(statement).lines().next().unwrap_or_default();
        let start = statement.span.start;
        Location {
            file: self.file.clone(),
            span: start..start + first_line.trim_end().len(),
        }
    }

    /// The place of a character, counted from 0 in the text from `start` on: the word there.
    /// `None` past the end.
    pub(super) fn location_at(&self, start: usize, character: usize) -> Option<Location> {
        let (offset, _) = self.file.text()[start..].char_indices().nth(character)?;
        Some(Location {
            file: self.file.clone(),
            span: self.file.word_at(start + offset),
        })
    }

    /// The place of an error inside a query that PostgreSQL ran or read for the file: the body
    /// of a function, a statement of a `DO` block. `None` when the query stands not in the file,
    /// or more than once.
    pub(super) fn location_inside(&self, error: &ServerError) -> Option<Location> {
        let text = self.file.text();
        let query = error
            .internal_query
            .as_deref()
            .filter(|query| !query.is_empty())?;
        let start = text.find(query)?;
        if text[start + 1..].contains(query) {
            return None;
        }
        self.location_at(start, error.internal_position?.checked_sub(1)?)
    }

    /// The place of the last character that means something; `None` in a file of comments.
    pub(super) fn end(&self) -> Option<Location> {
        let end = self.statements.last()?.span.end;
        Some(Location {
            file: self.file.clone(),
            span: self.file.text().floor_char_boundary(end - 1)..end,
        })
    }
}
