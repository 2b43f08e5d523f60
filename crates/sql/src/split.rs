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

/// Splits a file into its statements, in order. Empty statements are left out. Gives also where the
/// body of a routine begins that the file ends inside of.
///
/// A semicolon ends a statement unless it stands in parentheses (the actions of a rule) or in
/// the body of an SQL-standard function, `BEGIN ATOMIC ... END`.
///
/// PostgreSQL's grammar ends every statement of such a body by a semicolon, and no statement can
/// begin with `END`. So an `END` there ends the body where it follows `ATOMIC` or a semicolon, and
/// nowhere else: not where it ends a `CASE`, and not where it names a column (`select 1 end`,
/// which since 14 needs no `AS`). `CASE` is not counted, as `psql` does in its `psqlscan.l`: it may
/// be such a name itself (`select 1 case`).
pub(super) fn split(text: &str, tokens: &[Token]) -> (Vec<Statement>, Option<Span>) {
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
    (found, depth.bodies.pop())
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
    /// Where each `BEGIN ATOMIC` stands that is not yet ended. The grammar lets one stand in
    /// another; the server refuses that only later.
    bodies: Vec<Span>,
    head: Head,
}

impl Depth {
    /// Takes the token at `index`; whether it ends the statement.
    fn feed(&mut self, text: &str, tokens: &[Token], index: usize) -> bool {
        match tokens[index].kind {
            TokenKind::OpenParen => self.parentheses += 1,
            TokenKind::CloseParen => self.parentheses = self.parentheses.saturating_sub(1),
            TokenKind::Semi if self.parentheses == 0 => {
                self.head = Head::default();
                return self.bodies.is_empty();
            }
            TokenKind::Ident if self.parentheses == 0 => return self.word(text, tokens, index),
            _ => {}
        }
        self.head.end();
        false
    }

    /// Takes a word outside parentheses. It ends no statement.
    fn word(&mut self, text: &str, tokens: &[Token], index: usize) -> bool {
        let keyword = |index: usize| tokens.get(index).and_then(|token| token.keyword(text));
        let word = keyword(index).unwrap_or_default();
        let opens =
            || word == "atomic" && index > 0 && keyword(index - 1).as_deref() == Some("begin");
        if self.head.creates_routine && opens() {
            // No option of a routine can end in `begin` and another begin with `atomic`: here
            // both words are the opening, whatever else has been called `begin`.
            self.bodies
                .push(tokens[index - 1].span.start..tokens[index].span.end);
            self.head = Head::default();
        } else if self.head.is_at_start() && word == "end" && !self.bodies.is_empty() {
            self.bodies.pop();
            self.head.end();
        } else {
            self.head.take(word);
        }
        false
    }
}

/// What the first words of a statement say, of a file or of a routine's body.
#[derive(Default)]
struct Head {
    words: Vec<String>,
    /// Whether what follows is not looked at any more.
    ended: bool,
    creates_routine: bool,
}

impl Head {
    fn is_at_start(&self) -> bool {
        self.words.is_empty() && !self.ended
    }

    fn take(&mut self, word: String) {
        if self.ended {
            return;
        }
        self.words.push(word);
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["create"] | ["create", "or"] | ["create", "or", "replace"] => {}
            ["create", rest @ ..] => {
                let kind = rest.strip_prefix(&["or", "replace"]).unwrap_or(rest);
                self.creates_routine = matches!(kind, ["function" | "procedure"]);
                self.ended = true;
            }
            _ => self.ended = true,
        }
    }

    /// Something follows that is no such word.
    fn end(&mut self) {
        self.ended = true;
    }
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::token::tokens;

    fn texts(sql: &str) -> Vec<&str> {
        let (statements, _) = split(sql, &tokens(sql).0);
        statements
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

    /// Each is one statement and `select 2`, as the server reads it.
    #[test]
    fn a_body_ends_where_the_grammar_lets_no_statement_begin() {
        for body in [
            "select 1 case;",
            "select id end from users;",
            "select 1 case, 2 end, 3 begin;",
            "select case when true then 1 end case;",
            "select case when true then 1 end end;",
            "select case case when true then 1 end when 1 then 2 end;",
            "select begin atomic from t;",
            "select 1 as begin; select begin atomic from (select 1 as begin) t;",
            "select (case when true then (select 1 end) end) end;",
            "insert into t values (1) returning id end;",
            "update t set x = case x when 1 then 2 end where y returning x case;",
            "select t.end, t.case, t.begin from t;",
            "select x collate pg_catalog.end;",
            "select 1 end; select 2 case;",
            ";;",
            "",
        ] {
            for head in [
                "create function f() returns int begin atomic",
                "CREATE OR REPLACE PROCEDURE s.f(a int default (1)) Begin /* ; */ ATOMIC",
                "create function begin() returns begin language sql begin atomic",
                "create or replace function f() returns int set x to begin begin atomic",
            ] {
                let sql = format!("{head}\n{body} end; select 2");
                assert_eq!(texts(&sql).len(), 2, "{sql}: {:#?}", texts(&sql));
                assert_eq!(texts(&sql)[1], "select 2");
            }
        }
    }

    #[test]
    fn a_body_goes_on_after_an_end_that_names_a_column() {
        let sql =
            "create function f() returns int begin atomic select 1 end; select 2; end; commit";
        assert_eq!(texts(sql).len(), 2);
        let nested = "create procedure f() begin atomic create function g() returns int \
                      begin atomic select 1; end; select 2; end; commit";
        assert_eq!(texts(nested).len(), 2);
    }

    #[test]
    fn only_a_routine_has_a_body() {
        for sql in [
            "select begin atomic from t; select 2",
            "create view create_function as select begin atomic from t; select 2",
            "create \"or\" function f() returns int begin atomic; select 2",
            "create table function (begin int); select 2",
            "create aggregate function(int) (begin atomic); select 2",
        ] {
            assert_eq!(texts(sql).len(), 2, "{sql}");
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
