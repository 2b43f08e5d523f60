//! A file of SQL, read once.

use std::borrow::Cow;
use std::cell::OnceCell;

use migrate_text::source::Span;

use super::act::Item;
use super::forbidden::{self, Forbidden};
use super::split::{Statement, split};
use super::token::{Token, Unterminated, tokens};
use super::{layout, mask, reading};

/// The text of a file, and what was read of it so far: all questions share its tokens.
///
/// Whoever has a question makes one, and it is gone with the answer. A history has thousands of
/// files, of which a deploy asks for few, and tokens take several times the room of their text.
#[derive(Debug)]
pub struct SqlFile<'t> {
    text: &'t str,
    tokens: OnceCell<(Vec<Token>, Option<(Unterminated, Span)>)>,
    statements: OnceCell<Vec<Statement>>,
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

    fn lexed(&self) -> &(Vec<Token>, Option<(Unterminated, Span)>) {
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

    /// Its statements, in order. Empty ones are left out.
    pub fn statements(&self) -> &[Statement] {
        self.statements
            .get_or_init(|| split(self.text, self.tokens()))
    }

    /// The same, to be kept.
    pub fn into_statements(self) -> Vec<Statement> {
        self.statements();
        self.statements.into_inner().unwrap_or_default()
    }

    /// The tokens of a statement.
    pub(crate) fn tokens_of(&self, statement: &Statement) -> &[Token] {
        let tokens = self.tokens();
        let before = |end: usize| tokens.partition_point(|token| token.span.start < end);
        &tokens[before(statement.span.start)..before(statement.span.end)]
    }

    /// Everything that a statement does, in order. Its tree is not kept: a file of data has
    /// thousands of statements.
    pub fn items(&self, statement: &Statement) -> Vec<Item> {
        let span = statement.span.clone();
        reading::read(&self.text[span.clone()], span.start)
    }

    /// The first thing in it that a migration file may not hold.
    pub fn check(&self) -> Result<(), Forbidden> {
        forbidden::check(self)
    }

    /// The text with stars for passwords: see [`mask_passwords`](crate::mask_passwords).
    pub fn masked(&self) -> Cow<'t, str> {
        mask::masked(self)
    }

    /// Whether there are such stars in it already: then it must not be run.
    pub fn has_masked_passwords(&self) -> bool {
        mask::has_stars(self)
    }

    /// Whether another is the same but for comments and white space between tokens.
    pub fn is_same_but_for_layout(&self, other: &SqlFile<'_>) -> bool {
        layout::is_same(self, other)
    }
}
