//! The lexer's tokens with their positions, comments and white space left out.

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

use migrate_text::source::Span;

/// A token that means something to PostgreSQL, and where it stands.
#[derive(Debug, Clone)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes in the text.
    pub span: Span,
}

impl Token {
    /// The word in lower case when this is an unquoted identifier or keyword.
    pub fn keyword(&self, text: &str) -> Option<String> {
        (self.kind == TokenKind::Ident).then(|| text[self.span.clone()].to_ascii_lowercase())
    }

    /// The name that this is, as the server keeps it: without its quotes, or in lower case. `None`
    /// for `U&"..."` too, which is read by other rules.
    pub(super) fn name(&self, text: &str) -> Option<String> {
        let written = &text[self.span.clone()];
        match self.kind {
            TokenKind::QuotedIdent { .. } => {
                let inside = written.strip_prefix('"')?.strip_suffix('"')?;
                Some(cut(inside.replace("\"\"", "\"")))
            }
            _ => self.keyword(text).map(cut),
        }
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

/// PostgreSQL cuts longer names off: `NAMEDATALEN` is 64, with the byte at the end.
const LONGEST_NAME: usize = 63;

/// A name as PostgreSQL keeps it.
pub(super) fn cut(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(LONGEST_NAME));
    name
}

/// What a file ended inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unterminated {
    /// `/* ...`
    Comment,
    /// `'...`
    String,
    /// `$$...`
    DollarQuote,
    /// `"...`
    QuotedIdentifier,
}

/// All meaningful tokens, and the one that the text ends inside of, if any.
pub type Tokens = (Vec<Token>, Option<(Unterminated, Span)>);

/// Reads all tokens of a text.
pub fn tokens(text: &str) -> Tokens {
    let mut found: Vec<Token> = Vec::new();
    let mut unterminated = None;
    let mut start = 0;
    let mut lexer = tokenize(text);
    while let Some(token) = lexer.next() {
        let mut kind = token.kind;
        let mut span = start..start + token.len as usize;
        if is_string(kind) && continues_escapes(text, found.last(), span.start) {
            (kind, span.end) = escape_string(text, span.start);
            lexer = tokenize(&text[span.end..]);
        }
        start = span.end;
        if let Some(kind) = unterminated_kind(kind) {
            unterminated = Some((kind, span.clone()));
        }
        match kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => {}
            TokenKind::Eof => break,
            kind => found.push(Token { kind, span }),
        }
    }
    (found, unterminated)
}

fn is_string(kind: TokenKind) -> bool {
    let TokenKind::Literal { kind } = kind else {
        return false;
    };
    matches!(kind, LiteralKind::Str { .. })
}

/// Whether a string goes on with the escapes of the one before it: PostgreSQL joins two strings
/// that only a line break stands between (the manual's 4.1.2.1), which the lexer does not know.
fn continues_escapes(text: &str, before: Option<&Token>, start: usize) -> bool {
    before.is_some_and(|before| {
        let is_escape = matches!(
            before.kind,
            TokenKind::Literal {
                kind: LiteralKind::EscStr { .. }
            }
        );
        // Between two tokens there are only white space and comments.
        is_escape && text[before.span.end..start].contains(['\n', '\r'])
    })
}

/// The string at `start` read with escapes: its kind and its end.
fn escape_string(text: &str, start: usize) -> (TokenKind, usize) {
    let prefixed = format!("E{}", &text[start..]);
    match tokenize(&prefixed).next() {
        Some(token) => (token.kind, start + token.len as usize - 1),
        None => (TokenKind::Eof, text.len()),
    }
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
