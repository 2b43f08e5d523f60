//! Statements of a file.

use squawk_lexer::TokenKind;

use migrate_text::source::Span;

use super::token::Token;

/// One statement of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes in the file, from its first to its last token, without the semicolon and
    /// without comments before or after it.
    pub span: Span,
    /// Its leading keywords in lower case, up to four, for telling what it is.
    pub(crate) keywords: Vec<String>,
}

impl Statement {
    /// Whether the statement starts with these keywords.
    pub(crate) fn starts_with(&self, keywords: &[&str]) -> bool {
        self.keywords.len() >= keywords.len()
            && self.keywords.iter().zip(keywords).all(|(a, b)| a == b)
    }
}

/// Splits a file into its statements, in order. Empty statements are left out.
///
/// A semicolon ends a statement unless it stands in parentheses (the actions of a rule) or in
/// the body of an SQL-standard function (`BEGIN ATOMIC ... END`), where `CASE ... END` nests.
/// These are the rules of `psql`'s own splitter, `psqlscan.l`.
pub(super) fn split(text: &str, tokens: &[Token]) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut depth = Depth::default();
    for index in 0..tokens.len() {
        if depth.feed(text, tokens, index) {
            found.extend(statement(text, &tokens[start..index]));
            start = index + 1;
            depth = Depth::default();
        }
    }
    found.extend(statement(text, &tokens[start..]));
    found
}

fn statement(text: &str, tokens: &[Token]) -> Option<Statement> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    Some(Statement {
        span: first.span.start..last.span.end,
        keywords: tokens
            .iter()
            .map_while(|token| token.keyword(text))
            .take(4)
            .collect(),
    })
}

/// How deep inside one statement the splitter is.
#[derive(Default)]
struct Depth {
    parentheses: usize,
    /// `BEGIN ATOMIC` and `CASE` not yet ended, inside `CREATE FUNCTION` and `CREATE PROCEDURE`.
    blocks: usize,
    /// The first identifiers of the statement.
    head: Vec<String>,
}

impl Depth {
    /// Takes the token at `index`; whether it ends the statement.
    fn feed(&mut self, text: &str, tokens: &[Token], index: usize) -> bool {
        match tokens[index].kind {
            TokenKind::OpenParen => self.parentheses += 1,
            TokenKind::CloseParen => self.parentheses = self.parentheses.saturating_sub(1),
            TokenKind::Semi => return self.parentheses == 0 && self.blocks == 0,
            TokenKind::Ident => self.word(text, tokens, index),
            _ => {}
        }
        false
    }

    fn word(&mut self, text: &str, tokens: &[Token], index: usize) {
        let keyword = |index: usize| tokens.get(index).and_then(|token| token.keyword(text));
        let word = keyword(index).unwrap_or_default();
        if self.parentheses == 0 && self.creates_routine() {
            match word.as_str() {
                // The body begins with both words. A name may be `begin` alone.
                "begin" if keyword(index + 1).as_deref() == Some("atomic") => self.blocks += 1,
                "case" if self.blocks > 0 && !is_name(text, tokens, index) => self.blocks += 1,
                "end" if self.blocks > 0 && !is_name(text, tokens, index) => self.blocks -= 1,
                _ => {}
            }
        }
        if self.head.len() < 4 {
            self.head.push(word);
        }
    }

    fn creates_routine(&self) -> bool {
        let head: Vec<&str> = self.head.iter().map(String::as_str).collect();
        matches!(
            head.as_slice(),
            ["create", "function" | "procedure", ..]
                | ["create", "or", "replace", "function" | "procedure", ..]
        )
    }
}

/// Whether a word that is reserved can only be a name where it stands: after `.` or `AS`.
fn is_name(text: &str, tokens: &[Token], index: usize) -> bool {
    index.checked_sub(1).is_some_and(|before| {
        let before = &tokens[before];
        before.kind == TokenKind::Dot || before.keyword(text).as_deref() == Some("as")
    })
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::token::tokens;

    fn texts(sql: &str) -> Vec<&str> {
        split(sql, &tokens(sql).0)
            .into_iter()
            .map(|statement| &sql[statement.span])
            .collect()
    }

    #[test]
    fn semicolons_in_quotes_and_comments_do_not_split() {
        let sql = "-- a; b\nselect ';' /* ; /* ; */ ; */, $$;$$, $x$ $$;$$ $x$, E'\\';', \"a;b\";\n\
                   ;; select U&'\\003b;' -- last; one";
        assert_eq!(
            texts(sql),
            [
                "select ';' /* ; /* ; */ ; */, $$;$$, $x$ $$;$$ $x$, E'\\';', \"a;b\"",
                "select U&'\\003b;'",
            ]
        );
    }

    #[test]
    fn rules_keep_their_parentheses() {
        let sql =
            "create rule r as on insert to t do also (delete from a; delete from b); select 1";
        assert_eq!(texts(sql).len(), 2);
    }

    #[test]
    fn a_standard_body_is_one_statement() {
        let sql = "create or replace function f(a int) returns int begin atomic\n\
                   select case when a > 0 then 1 else 2 end;\n select a; end; select 2;\n\
                   create procedure p() language sql as $$ begin; $$; select 3";
        assert_eq!(texts(sql).len(), 4, "{:#?}", texts(sql));
    }

    #[test]
    fn a_column_named_end_or_begin_is_only_a_name() {
        let sql = "create table t (\"begin\" int, \"end\" int); create view v as select 1 as begin; select 1";
        assert_eq!(texts(sql).len(), 3);
    }

    #[test]
    fn reserved_words_as_names_do_not_open_or_close_a_body() {
        for sql in [
            "create function begin() returns int language sql as $$select 1$$; select 2",
            "create function f() returns int begin atomic select x.begin from x; end; select 2",
            "create function f() returns int begin atomic select 1 as end; select 2; end; select 2",
        ] {
            assert_eq!(texts(sql).len(), 2, "{sql}");
            assert_eq!(texts(sql)[1], "select 2");
        }
    }

    #[test]
    fn an_escape_string_goes_on_after_a_line_break() {
        let sql = "select E'a'  -- more\n  '\\'; commit; --'\n; select 2";
        assert_eq!(texts(sql).len(), 2, "{:#?}", texts(sql));
        assert_eq!(texts("select 'a'\n'\\'; select 2").len(), 2);
    }

    #[test]
    fn comments_alone_are_no_statement() {
        assert!(texts("-- nothing\n/* here */ ;\n").is_empty());
    }
}
