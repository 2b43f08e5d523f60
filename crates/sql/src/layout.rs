//! Whether two texts differ in nothing that PostgreSQL sees.

use std::borrow::Cow;

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

use super::file::SqlFile;
use super::token::Token;

/// Whether two texts are the same but for comments and white space between tokens.
///
/// White space inside strings, quoted names and dollar quotes is a part of them. Where it decides
/// how many tokens there are - `< =` is not `<=`, two strings are one across a line break - it
/// counts. In doubt the texts differ.
pub(super) fn is_same(one: &SqlFile<'_>, other: &SqlFile<'_>) -> bool {
    let (mine, theirs) = (one.tokens(), other.tokens());
    let open = one.unterminated().is_some() || other.unterminated().is_some();
    if open || mine.len() != theirs.len() {
        return false;
    }
    let (one, other) = (one.text(), other.text());
    let same_token = |(a, b): (&Token, &Token)| {
        a.kind == b.kind && unix(&one[a.span.clone()]) == unix(&other[b.span.clone()])
    };
    if !mine.iter().zip(theirs).all(same_token) {
        return false;
    }
    (0..=mine.len()).all(|index| {
        let (a, b) = (gap(one, mine, index), gap(other, theirs, index));
        let before = index.checked_sub(1).map(|before| &mine[before]);
        unix(a) == unix(b)
            || is_layout(a) && is_layout(b) && may_differ(before, mine.get(index), a, b)
    })
}

/// With the line breaks of Unix, which Git may have made those of Windows.
fn unix(text: &str) -> Cow<'_, str> {
    match text.contains("\r\n") {
        true => Cow::Owned(text.replace("\r\n", "\n")),
        false => Cow::Borrowed(text),
    }
}

/// What stands before the token at an index, or after the last.
fn gap<'t>(text: &'t str, tokens: &[Token], index: usize) -> &'t str {
    let start = index
        .checked_sub(1)
        .map_or(0, |before| tokens[before].span.end);
    let end = tokens
        .get(index)
        .map_or(text.len(), |token| token.span.start);
    &text[start..end]
}

/// Whether PostgreSQL takes all of a gap for comments and white space. Our lexer does so for more:
/// a byte order mark, and a vertical tab, which is none before version 16.
fn is_layout(gap: &str) -> bool {
    let mut rest = gap;
    while let Some(token) = tokenize(rest).next().filter(|token| token.len > 0) {
        let (text, after) = rest.split_at(token.len as usize);
        let known = match token.kind {
            TokenKind::Whitespace => text.chars().all(|c| " \t\n\r\u{c}".contains(c)),
            kind => matches!(
                kind,
                TokenKind::LineComment | TokenKind::BlockComment { .. }
            ),
        };
        if !known {
            return false;
        }
        rest = after;
    }
    true
}

/// Whether two gaps between the same two tokens mean the same.
fn may_differ(before: Option<&Token>, after: Option<&Token>, a: &str, b: &str) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return true;
    };
    // Across a line break they are one.
    if before.is_string() && after.is_string() {
        return false;
    }
    !would_merge(before.kind, after.kind) || a.is_empty() == b.is_empty()
}

/// Whether PostgreSQL may take two tokens of our lexer, which knows only operators of one
/// character, for one where nothing stands between them.
fn would_merge(before: TokenKind, after: TokenKind) -> bool {
    use TokenKind::{Dot, DotDot, Ident, Literal, PositionalParam, QuotedIdent};
    let is_number = |kind| {
        matches!(
            kind,
            PositionalParam { .. }
                | Literal {
                    kind: LiteralKind::Int { .. } | LiteralKind::Numeric { .. }
                }
        )
    };
    let is_dot = |kind| matches!(kind, Dot | DotDot);
    if is_number(before) {
        return is_dot(after) || matches!(after, Ident | QuotedIdent { .. } | Literal { .. });
    }
    if is_dot(before) {
        return is_dot(after) || is_number(after);
    }
    is_operator(before) && is_operator(after)
}

/// Whether a token may be a part of an operator.
fn is_operator(kind: TokenKind) -> bool {
    use TokenKind::{
        CloseBracket, CloseParen, Comma, Dot, DotDot, Ident, Literal, OpenBracket, OpenParen,
        PositionalParam, QuotedIdent, Semi,
    };
    !matches!(
        kind,
        CloseBracket
            | CloseParen
            | Comma
            | Dot
            | DotDot
            | Ident
            | Literal { .. }
            | OpenBracket
            | OpenParen
            | PositionalParam { .. }
            | QuotedIdent { .. }
            | Semi
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same_but_for_layout(one: &str, other: &str) -> bool {
        SqlFile::of(one).is_same_but_for_layout(&SqlFile::of(other))
    }

    #[test]
    fn comments_and_white_space_do_not_count() {
        for (one, other) in [
            (
                "create table t (a int)",
                "-- why\ncreate  table\tt(\n  a int )\n/* end */",
            ),
            ("select 1;", "select 1;\r\n"),
            ("select a\r\nfrom t", "select a from t"),
            ("select 'a\r\nb'\r\n'c'", "select 'a\nb'\n'c'"),
            ("select a=1, b <= 2", "select a = 1,b<=2 -- \u{e4}"),
            ("select 1-1, 'a'::text", "select 1 - 1, 'a' ::text"),
            ("select f ('a')", "select f('a')"),
            (
                "insert into t values (1,-1)",
                "insert into t values (1, - 1)",
            ),
            (
                "create function f() returns int begin atomic select 1; end",
                "create function f() returns int begin atomic\n  -- one\n  select 1;\nend",
            ),
            ("", "-- nothing"),
        ] {
            assert!(same_but_for_layout(one, other), "{one} | {other}");
            assert!(same_but_for_layout(other, one), "{other} | {one}");
        }
    }

    #[test]
    fn everything_else_does() {
        for (one, other) in [
            ("select 'a b'", "select 'a  b'"),
            ("select 'a -- b'", "select 'a '"),
            ("select $$ a $$", "select $$ a  $$"),
            ("select $x$ -- a\n $x$", "select $x$ \n $x$"),
            ("select \"a b\"", "select \"a  b\""),
            ("select 1", "select 1;"),
            ("select 1", "SELECT 1"),
            ("select 1 -- ; drop table t", "select 1 ; drop table t"),
            ("select 1 /* a", "select 1"),
            // Where white space makes other tokens of it.
            ("select a <= b", "select a < = b"),
            ("select @ -1", "select @-1"),
            ("select 'a'\n'b'", "select 'a' 'b'"),
            ("select 'a'\n'b'", "select 'a' --\n'b'"),
            ("select e 'a'", "select e'a'"),
            ("select 1 .5", "select 1.5"),
            ("select a b", "select ab"),
            // What PostgreSQL takes for no white space.
            ("select 1", "\u{feff}select 1"),
            ("select 1 a", "select 1\u{a0}a"),
            ("select 1 a", "select 1\u{b}a"),
        ] {
            assert!(!same_but_for_layout(one, other), "{one} | {other}");
            assert!(!same_but_for_layout(other, one), "{other} | {one}");
        }
    }
}
