//! A file of SQL, read once.

use std::cell::OnceCell;

use migrate_text::source::Span;

use super::split::{Statement, split};
use super::token::{Token, Tokens, Unterminated, tokens};

/// The text of a file, and what was read of it so far. The questions stand where they are answered,
/// and share its tokens.
///
/// Whoever has a question makes one, and it is gone with the answer. A history has thousands of
/// files, of which a deploy asks for few, and tokens take several times the room of their text.
#[derive(Debug)]
pub struct SqlFile<'t> {
    text: &'t str,
    tokens: OnceCell<Tokens>,
    statements: OnceCell<(Vec<Statement>, Option<Span>)>,
}

impl<'t> SqlFile<'t> {
    /// Nothing is read yet.
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            tokens: OnceCell::new(),
            statements: OnceCell::new(),
        }
    }

    /// The text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    fn lexed(&self) -> &Tokens {
        self.tokens.get_or_init(|| tokens(self.text))
    }

    /// Its tokens.
    pub(crate) fn tokens(&self) -> &[Token] {
        &self.lexed().0
    }

    /// What it ends inside of.
    pub(crate) fn unterminated(&self) -> Option<&(Unterminated, Span)> {
        self.lexed().1.as_ref()
    }

    fn split(&self) -> &(Vec<Statement>, Option<Span>) {
        self.statements
            .get_or_init(|| split(self.text, self.tokens()))
    }

    /// Its statements, in order. Empty ones are left out.
    pub fn statements(&self) -> &[Statement] {
        &self.split().0
    }

    /// The same, to be kept.
    pub fn into_statements(self) -> Vec<Statement> {
        self.split();
        self.statements.into_inner().unwrap_or_default().0
    }

    /// The `BEGIN ATOMIC` of the routine's body that it ends inside of.
    pub(crate) fn open_body(&self) -> Option<&Span> {
        self.split().1.as_ref()
    }

    /// The tokens of a statement.
    pub(crate) fn tokens_of(&self, statement: &Statement) -> &[Token] {
        let tokens = self.tokens();
        let before = |end: usize| tokens.partition_point(|token| token.span.start < end);
        &tokens[before(statement.span.start)..before(statement.span.end)]
    }
}
