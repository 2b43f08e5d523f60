//! Passwords in SQL text.

use std::borrow::Cow;

use squawk_lexer::{LiteralKind, TokenKind};

use migrate_text::source::Span;

use super::file::SqlFile;
use super::token::Token;

/// How many texts inside each other are looked through: a function's body, a statement that it
/// puts together, a literal in that, and as many again. What is deeper is hidden as a whole.
const DEEPEST: usize = 6;

/// The text with every literal after the word `PASSWORD` replaced by stars, as in
/// `CREATE ROLE r PASSWORD 'secret'`. Used for everything that is shown or kept. As many bytes
/// as before, so that positions in the one are positions in the other.
///
/// Literals, bodies of functions and quoted names are looked through like SQL too: they are what
/// `EXECUTE` runs and what the server's messages quote. What stays visible is what only the
/// server could put together (`'... password ' || 'secret'`, `format('... password %L',
/// 'secret')`), the word `PASSWORD` spelled with escapes, connection strings (`password=secret`,
/// URLs) and comments. A migration gets such a secret from outside, not from its file.
pub fn mask_passwords(text: &str) -> Cow<'_, str> {
    masked(&SqlFile::of(text))
}

pub(super) fn masked<'t>(file: &SqlFile<'t>) -> Cow<'t, str> {
    let text = file.text();
    let passwords = find(file, 0).literals;
    if passwords.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for span in passwords {
        masked.push_str(&text[copied..span.start]);
        masked.push_str(&"*".repeat(span.len()));
        copied = span.end;
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

pub(super) fn has_stars(file: &SqlFile<'_>) -> bool {
    find(file, 0).stars
}

/// What follows the word `PASSWORD` in a text.
#[derive(Default)]
struct Found {
    /// The literals, in the order of the text.
    literals: Vec<Span>,
    /// Whether stars are there already.
    stars: bool,
}

fn find(file: &SqlFile<'_>, depth: usize) -> Found {
    let text = file.text();
    let mut found = Found::default();
    // Nearly all files: no token needs a look.
    let mut words = text.as_bytes().windows(8);
    if !words.any(|word| word.eq_ignore_ascii_case(b"password")) {
        return found;
    }
    let tokens = file.tokens();
    let mut after_password = false;
    for (index, token) in tokens.iter().enumerate() {
        if token.is_string() && after_password {
            // And so are the literals that follow it: PostgreSQL joins them to one.
            found.literals.push(token.span.clone());
            continue;
        }
        found.stars |= after_password && is_stars(&tokens[index..]);
        after_password = token.keyword(text).as_deref() == Some("password");
        if let Some(inner) = Inner::of(text, token) {
            inner.find(depth + 1, &mut found);
        }
    }
    found
}

/// Two stars at least, as for the shortest literal, and nothing between them.
fn is_stars(tokens: &[Token]) -> bool {
    matches!(tokens, [first, second, ..]
        if first.kind == TokenKind::Star
            && second.kind == TokenKind::Star
            && first.span.end == second.span.start)
}

/// What stands between the quotes of a token, as the server would read it.
struct Inner {
    /// The token.
    span: Span,
    text: String,
    /// Where each byte of the text begins in the file, and where the last one ends.
    places: Vec<usize>,
}

impl Inner {
    /// `None` for a token without quotes.
    fn of(text: &str, token: &Token) -> Option<Self> {
        let is_name = matches!(token.kind, TokenKind::QuotedIdent { .. });
        if !token.is_string() && !is_name {
            return None;
        }
        let whole = &text[token.span.clone()];
        let kind = match token.kind {
            TokenKind::Literal { kind } => Some(kind),
            _ => None,
        };
        let start = match kind {
            // `$tag$`
            Some(LiteralKind::DollarQuotedString { .. }) => whole[1..].find('$')? + 2,
            // `'`, `"`, or these after a prefix
            _ => whole.find(['\'', '"'])? + 1,
        };
        let quote = whole[..start].chars().next_back()?;
        let closing = match kind {
            Some(LiteralKind::DollarQuotedString { .. }) => &whole[..start],
            _ => &whole[start - 1..start],
        };
        let body = whole[start..].strip_suffix(closing);
        let mut inner = Self {
            span: token.span.clone(),
            text: String::new(),
            places: Vec::new(),
        };
        inner.read(
            body.unwrap_or(&whole[start..]),
            token.span.start + start,
            quote,
            matches!(kind, Some(LiteralKind::EscStr { .. })),
        );
        Some(inner)
    }

    /// Takes a body: doubled quotes are one, and so is what a backslash escapes. Numbers of
    /// characters are left as they are written.
    fn read(&mut self, body: &str, start: usize, quote: char, escapes: bool) {
        let mut characters = body.char_indices().peekable();
        while let Some((offset, c)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            let read = match (c, next) {
                ('\\', Some('n' | 'r' | 't' | 'b' | 'f')) if escapes => ' ',
                ('\\', Some(next @ ('\'' | '"' | '\\'))) if escapes => next,
                (c, Some(next)) if c == quote && next == quote && c != '$' => c,
                (c, _) => {
                    self.push(c, start + offset);
                    continue;
                }
            };
            characters.next();
            self.push(read, start + offset);
        }
        self.places.push(start + body.len());
    }

    fn push(&mut self, c: char, place: usize) {
        self.text.push(c);
        self.places
            .extend((0..c.len_utf8()).map(|byte| place + byte));
    }

    fn find(self, depth: usize, found: &mut Found) {
        let inner = find(&SqlFile::of(&self.text), depth);
        found.stars |= inner.stars;
        if depth >= DEEPEST && !inner.literals.is_empty() {
            found.literals.push(self.span);
            return;
        }
        found.literals.extend(
            inner
                .literals
                .into_iter()
                .map(|span| self.places[span.start]..self.places[span.end]),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_literal_after_password_is_hidden() {
        assert_eq!(
            mask_passwords("alter role r with encrypted password 'x''y'; select 'password', 1"),
            "alter role r with encrypted password ******; select 'password', 1"
        );
        assert_eq!(
            mask_passwords("create role r PASSWORD $$x$$ login"),
            "create role r PASSWORD ***** login"
        );
        assert_eq!(mask_passwords("select 1"), "select 1");
    }

    #[test]
    fn all_pieces_of_a_literal_are_hidden() {
        assert_eq!(
            mask_passwords("create role r password 'abc'\n  'def' -- x\n  E'\\'g' login"),
            "create role r password *****\n  ***** -- x\n  ****** login"
        );
    }

    #[test]
    fn bodies_and_literals_are_looked_through() {
        for (sql, masked) in [
            (
                "do $x$ begin execute 'create role r password ''s'''; end $x$;",
                "do $x$ begin execute 'create role r password *****'; end $x$;",
            ),
            (
                r"execute E'create role \'r\' password\n\'sü\' login';",
                r"execute E'create role \'r\' password\n******* login';",
            ),
            (
                "create function f() returns void as $$ alter role r password 'ß' $$ language sql",
                "create function f() returns void as $$ alter role r password **** $$ language sql",
            ),
            (
                "SQL statement \"alter role r password 's'\"",
                "SQL statement \"alter role r password ***\"",
            ),
            (
                "select $a$ $b$ ' password ''s'' ' $b$ $a$",
                "select $a$ $b$ ' password ***** ' $b$ $a$",
            ),
            ("'password ''s", "'password ***"),
        ] {
            assert_eq!(mask_passwords(sql), masked);
            assert_eq!(sql.len(), masked.len());
        }
    }

    #[test]
    fn what_is_too_deep_is_hidden_whole() {
        let mut sql = "password 's'".to_owned();
        for _ in 0..12 {
            sql = format!("select '{}'", sql.replace('\'', "''"));
        }
        let masked = mask_passwords(&sql);
        assert_eq!(masked.len(), sql.len());
        assert!(!masked.contains("s''"), "{masked}");
        assert!(masked.starts_with("select 'select ''"), "{masked}");
    }

    #[test]
    fn masked_text_is_known_as_such() {
        for sql in [
            "create role r password ''",
            "create role r password 's' 't' login",
            "do $$ begin execute 'create role r password ''s'''; end $$",
        ] {
            assert!(!has_stars(&SqlFile::of(sql)), "{sql}");
            assert!(has_stars(&SqlFile::of(&mask_passwords(sql))), "{sql}");
        }
        for sql in [
            "select password * 2",
            "comment on column users.password is '***'",
            "-- password ***\nselect 1",
        ] {
            assert!(!has_stars(&SqlFile::of(sql)), "{sql}");
        }
    }
}
