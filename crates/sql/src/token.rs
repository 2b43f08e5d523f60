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
        let begins_anew = is_string(kind) && continues_escapes(text, found.last(), span.start);
        if begins_anew {
            (kind, span.end) = escape_string(text, span.start);
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
        if begins_anew {
            if let Some(word) = word_after_mark(text, start) {
                start = word.end;
                let kind = TokenKind::Ident;
                found.push(Token { kind, span: word });
            }
            lexer = tokenize(&text[start..]);
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
/// Beside it there may be white space and comments to the end of a line, and no other comments.
fn continues_escapes(text: &str, before: Option<&Token>, start: usize) -> bool {
    before.is_some_and(|before| {
        let is_escape = matches!(
            before.kind,
            TokenKind::Literal {
                kind: LiteralKind::EscStr { .. }
            }
        );
        // Between two tokens there are only white space and comments.
        let gap = &text[before.span.end..start];
        let is_block =
            |token: squawk_lexer::Token| matches!(token.kind, TokenKind::BlockComment { .. });
        is_escape && gap.contains(['\n', '\r']) && !tokenize(gap).any(is_block)
    })
}

/// The string whose quote is at `start`, read with escapes: its kind and its end.
fn escape_string(text: &str, start: usize) -> (TokenKind, usize) {
    let kind = |terminated| TokenKind::Literal {
        kind: LiteralKind::EscStr { terminated },
    };
    let mut characters = text[start..].char_indices().skip(1).peekable();
    while let Some((offset, c)) = characters.next() {
        let doubled = c == '\'' && characters.peek().is_some_and(|(_, next)| *next == '\'');
        match c {
            '\'' if !doubled => return (kind(true), start + offset + 1),
            '\'' | '\\' => {
                characters.next();
            }
            _ => {}
        }
    }
    (kind(false), text.len())
}

/// The word at `start` that begins with a byte order mark. To PostgreSQL that is a letter; our
/// lexer drops it where a text begins, which is here only the rest of one.
fn word_after_mark(text: &str, start: usize) -> Option<Span> {
    let rest = &text[start..];
    rest.starts_with(squawk_lexer::BOM).then(|| {
        let goes_on = |c: char| c.is_ascii_alphanumeric() || "_$".contains(c) || !c.is_ascii();
        let length = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        start..start + length
    })
}

impl Token {
    /// Whether it is a number that servers before 15 end sooner, and then read what follows it in
    /// another way than those after.
    ///
    /// To them `1e$$` is a number and the word `e$$`, and `1e'\'` ends in a string with escapes.
    /// Later ones refuse both; from 16 on `0x1F$$` begins a string, and was a word. Where both end
    /// at the same place (`123abc`, `0x1F`, `1_000`) it is the grammar that decides.
    pub(super) fn is_ambiguous_number(&self, text: &str) -> bool {
        let written = &text[self.span.clone()];
        let digits = match self.kind {
            TokenKind::PositionalParam { .. } => 1 + digits(&written[1..]),
            TokenKind::Literal {
                kind: LiteralKind::Int { .. } | LiteralKind::Numeric { .. },
            } => number_before_15(written),
            _ => return false,
        };
        let mut end = self.span.start + digits;
        let mut rest = tokenize(&text[end..]);
        while end < self.span.end {
            end += rest.next().map_or(0, |token| token.len as usize);
        }
        end != self.span.end
    }
}

/// How long a number is in the rules of `scan.l` before 15: `integer`, `decimal` and `real`.
fn number_before_15(written: &str) -> usize {
    let mut end = digits(written);
    // `1..2` are two numbers.
    if written[end..].starts_with('.') && !written[end..].starts_with("..") {
        end += 1;
        end += digits(&written[end..]);
    }
    let Some(exponent) = written[end..].strip_prefix(['e', 'E']) else {
        return end;
    };
    let signed = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    match digits(signed) {
        0 => end,
        length => written.len() - signed.len() + length,
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
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

#[cfg(test)]
mod tests {
    use super::tokens;

    fn texts(sql: &str) -> Vec<&str> {
        let (tokens, _) = tokens(sql);
        tokens.into_iter().map(|token| &sql[token.span]).collect()
    }

    #[test]
    fn a_string_with_escapes_goes_on_only_past_white_space_and_comments_of_a_line() {
        for (sql, last) in [
            ("E'a'\n'\\' ;'", "'\\' ;'"),
            ("E'a' -- /* b\r  -- c\n\t'\\' ;'", "'\\' ;'"),
            ("E'a'\n'b'\n'\\' ;'", "'\\' ;'"),
            // Two strings, of which the second has no escapes.
            ("E'a' /*\n*/ '\\'", "'\\'"),
            ("E'a'\n/* b */ '\\'", "'\\'"),
            ("E'a' -- c\n /**/ '\\'", "'\\'"),
            ("E'a' '\\'", "'\\'"),
            ("'a'\n'\\'", "'\\'"),
            ("n'a'\n'\\'", "'\\'"),
        ] {
            assert_eq!(texts(sql).last(), Some(&last), "{sql}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_a_letter_wherever_it_stands() {
        let sql = "E'a'\n''\u{feff}e'\\'; commit; --'";
        assert_eq!(texts(sql)[2..4], ["\u{feff}e", "'\\'"]);
        assert_eq!(texts("a \u{feff}e 1")[1], "\u{feff}e");
    }

    #[test]
    fn a_number_that_two_versions_end_elsewhere_is_known() {
        for (sql, ambiguous) in [
            ("1e$$", true),
            ("1.5E$a$", true),
            (".5x$$", false),
            ("1e5e$$", false),
            ("0x$$", true),
            ("0x1F$$", true),
            ("0b1$x$", true),
            ("1_000$$", true),
            ("12a$b", false),
            ("1e'\\'", true),
            ("1E5e'\\'", true),
            ("$1e'\\'", true),
            ("$1a$$", false),
            ("1$$", false),
            ("1e5$$", false),
            ("1.e$$", true),
            ("1", false),
            ("1.5", false),
            ("1e5", false),
            ("1.5e-5", false),
            ("1e+", false),
            ("1e", false),
            ("123abc", false),
            ("1from t", false),
            ("0x1F", false),
            ("0b101 'a'", false),
            ("0o17", false),
            ("1_000", false),
            ("1_000.5_0e1_0", false),
            ("$1", false),
            ("$1_0", false),
            ("1..2", false),
            ("e1$$", false),
        ] {
            let (found, _) = tokens(sql);
            assert_eq!(found[0].is_ambiguous_number(sql), ambiguous, "{sql}");
        }
    }
}
