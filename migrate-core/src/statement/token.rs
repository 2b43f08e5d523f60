//! The lexer's tokens with their positions, comments and white space left out.

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

use crate::source::Span;

/// A token that means something to PostgreSQL, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

impl Token {
    /// The word in lower case when this is an unquoted identifier or keyword.
    pub(super) fn keyword(&self, text: &str) -> Option<String> {
        (self.kind == TokenKind::Ident).then(|| text[self.span.clone()].to_ascii_lowercase())
    }

    pub(super) fn is_string(&self) -> bool {
        use LiteralKind::{DollarQuotedString, EscStr, NationalStr, Str, UnicodeEscStr};
        matches!(
            self.kind,
            TokenKind::Literal {
                kind: Str { .. }
                    | EscStr { .. }
                    | UnicodeEscStr { .. }
                    | NationalStr { .. }
                    | DollarQuotedString { .. }
            }
        )
    }
}

/// What a file ended inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unterminated {
    Comment,
    String,
    DollarQuote,
    QuotedIdentifier,
}

/// All meaningful tokens, and the one that the text ends inside of, if any.
pub(super) fn tokens(text: &str) -> (Vec<Token>, Option<(Unterminated, Span)>) {
    let mut found = Vec::new();
    let mut unterminated = None;
    let mut start = 0;
    for token in tokenize(text) {
        let span = start..start + token.len as usize;
        start = span.end;
        if let Some(kind) = unterminated_kind(token.kind) {
            unterminated = Some((kind, span.clone()));
        }
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {}
            TokenKind::Eof => break,
            kind => found.push(Token { kind, span }),
        }
    }
    (found, unterminated)
}

fn unterminated_kind(kind: TokenKind) -> Option<Unterminated> {
    match kind {
        TokenKind::BlockComment { terminated: false } => Some(Unterminated::Comment),
        TokenKind::QuotedIdent {
            terminated: false, ..
        } => Some(Unterminated::QuotedIdentifier),
        TokenKind::Literal { kind } => match kind {
            LiteralKind::DollarQuotedString { terminated: false } => {
                Some(Unterminated::DollarQuote)
            }
            LiteralKind::Str { terminated: false }
            | LiteralKind::EscStr { terminated: false }
            | LiteralKind::NationalStr { terminated: false }
            | LiteralKind::UnicodeEscStr { terminated: false }
            | LiteralKind::BitStr { terminated: false }
            | LiteralKind::ByteStr { terminated: false } => Some(Unterminated::String),
            _ => None,
        },
        _ => None,
    }
}
