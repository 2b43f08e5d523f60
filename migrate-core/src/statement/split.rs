//! Statements of a file.

use squawk_lexer::TokenKind;

use crate::source::Span;

use super::token::{Token, tokens};

/// One statement of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its bytes in the file, from its first to its last token, without the semicolon and
    /// without comments before or after it.
    pub span: Span,
    /// Its leading keywords in lower case, up to four, for telling what it is.
    pub keywords: Vec<String>,
}

impl Statement {
    /// Whether the statement starts with these keywords.
    pub fn starts_with(&self, keywords: &[&str]) -> bool {
        self.keywords.len() >= keywords.len()
            && self.keywords.iter().zip(keywords).all(|(a, b)| a == b)
    }
}

/// Splits a file into its statements, in order. Empty statements are left out.
///
/// A semicolon ends a statement unless it stands in parentheses (the actions of a rule) or in
/// the body of an SQL-standard function (`BEGIN ATOMIC ... END`), where `CASE ... END` nests.
/// These are the rules of `psql`'s own splitter, `psqlscan.l`.
pub fn split(text: &str) -> Vec<Statement> {
    statements(text, &tokens(text).0)
        .into_iter()
        .map(|(statement, _)| statement)
        .collect()
}

/// The same with each statement's tokens.
pub(super) fn statements<'t>(text: &str, tokens: &'t [Token]) -> Vec<(Statement, &'t [Token])> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut depth = Depth::default();
    for (index, token) in tokens.iter().enumerate() {
        let ends = depth.feed(text, token);
        if ends {
            found.extend(statement(text, &tokens[start..index]));
            start = index + 1;
            depth = Depth::default();
        }
    }
    found.extend(statement(text, &tokens[start..]));
    found
}

fn statement<'t>(text: &str, tokens: &'t [Token]) -> Option<(Statement, &'t [Token])> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let statement = Statement {
        span: first.span.start..last.span.end,
        keywords: tokens
            .iter()
            .map_while(|token| token.keyword(text))
            .take(4)
            .collect(),
    };
    Some((statement, tokens))
}

/// How deep inside one statement the splitter is.
#[derive(Default)]
struct Depth {
    parentheses: usize,
    /// `BEGIN` and `CASE` not yet ended, inside `CREATE FUNCTION` and `CREATE PROCEDURE`.
    blocks: usize,
    /// The first identifiers of the statement.
    head: Vec<String>,
}

impl Depth {
    /// Takes the next token; whether it ends the statement.
    fn feed(&mut self, text: &str, token: &Token) -> bool {
        match token.kind {
            TokenKind::OpenParen => self.parentheses += 1,
            TokenKind::CloseParen => self.parentheses = self.parentheses.saturating_sub(1),
            TokenKind::Semi => return self.parentheses == 0 && self.blocks == 0,
            TokenKind::Ident => self.word(token.keyword(text).unwrap_or_default()),
            _ => {}
        }
        false
    }

    fn word(&mut self, word: String) {
        if self.parentheses == 0 && self.creates_routine() {
            match word.as_str() {
                "begin" => self.blocks += 1,
                // Only inside a body: a default like `x int = case ... end` stands in the
                // parentheses of the argument list.
                "case" if self.blocks > 0 => self.blocks += 1,
                "end" => self.blocks = self.blocks.saturating_sub(1),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        split(sql)
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
    fn comments_alone_are_no_statement() {
        assert!(split("-- nothing\n/* here */ ;\n").is_empty());
    }
}
