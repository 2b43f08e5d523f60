//! What a migration file may not hold.

use squawk_lexer::TokenKind;

use migrate_text::source::Span;

use super::file::SqlFile;
use super::split::Statement;
use super::token::{Token, Unterminated};

/// Something in a migration file that would break the promise that a migration and its ledger
/// rows commit together, or that only `psql` understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// What it is.
    pub kind: ForbiddenKind,
    /// Where it starts and ends in the file.
    pub span: Span,
}

/// The kinds of [`Forbidden`] text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForbiddenKind {
    /// `BEGIN`, `COMMIT`, `ROLLBACK` and their like: the file would end the transaction that
    /// holds its own ledger row.
    TransactionControl,
    /// The file ends inside `/* ...`: it would swallow what is sent after it.
    UnterminatedComment,
    /// The file ends inside a string.
    UnterminatedString,
    /// The file ends inside `$$ ...`.
    UnterminatedDollarQuote,
    /// The file ends inside `"...`.
    UnterminatedIdentifier,
    /// The file ends inside the body of a routine, `begin atomic ...`.
    UnterminatedBody,
    /// A number that servers before 15 read otherwise than those after it.
    AmbiguousNumber,
    /// `COPY ... FROM STDIN`: the rows that follow are `psql`'s, not SQL.
    CopyFromStdin,
    /// `COPY ... TO STDOUT`: nobody is there to take the rows.
    CopyToStdout,
    /// `DISCARD ALL` or `pg_advisory_unlock_all()`: it would free the lock that keeps other
    /// deploys away.
    FreesTheLock,
    /// A backslash command of `psql`.
    PsqlCommand,
    /// A byte that PostgreSQL's text cannot hold.
    NulByte,
    /// A byte order mark, which PostgreSQL takes for the beginning of a word.
    ByteOrderMark,
}

/// What some editors put at the beginning of a file in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

impl SqlFile<'_> {
    /// The first thing in it that a migration file may not hold.
    pub fn check(&self) -> Result<(), Forbidden> {
        check(self)
    }
}

fn check(file: &SqlFile<'_>) -> Result<(), Forbidden> {
    let text = file.text();
    if let Some(offset) = text.find('\0') {
        return Err(Forbidden {
            kind: ForbiddenKind::NulByte,
            span: offset..offset + 1,
        });
    }
    if text.starts_with(BYTE_ORDER_MARK) {
        return Err(Forbidden {
            kind: ForbiddenKind::ByteOrderMark,
            span: 0..BYTE_ORDER_MARK.len_utf8(),
        });
    }
    for statement in file.statements() {
        check_statement(text, statement, file.tokens_of(statement))?;
    }
    match file.unterminated() {
        Some((what, span)) => Err(Forbidden {
            kind: match what {
                Unterminated::Comment => ForbiddenKind::UnterminatedComment,
                Unterminated::String => ForbiddenKind::UnterminatedString,
                Unterminated::DollarQuote => ForbiddenKind::UnterminatedDollarQuote,
                Unterminated::QuotedIdentifier => ForbiddenKind::UnterminatedIdentifier,
            },
            // Only the opening: the rest of the file is inside.
            span: span.start..text.floor_char_boundary(span.end.min(span.start + 2)),
        }),
        None => match file.open_body() {
            Some(span) => Err(Forbidden {
                kind: ForbiddenKind::UnterminatedBody,
                span: span.clone(),
            }),
            None => Ok(()),
        },
    }
}

fn check_statement(text: &str, statement: &Statement, tokens: &[Token]) -> Result<(), Forbidden> {
    let forbidden = |kind, span| Err(Forbidden { kind, span });
    let backslash = |token: &&Token| {
        token.kind == TokenKind::Unknown && text[token.span.clone()].starts_with('\\')
    };
    if let Some(token) = tokens.iter().find(|token| token.is_ambiguous_number(text)) {
        return forbidden(ForbiddenKind::AmbiguousNumber, token.span.clone());
    }
    if let Some(token) = tokens.iter().find(backslash) {
        return forbidden(ForbiddenKind::PsqlCommand, token.span.clone());
    }
    if is_transaction_control(statement) {
        return forbidden(ForbiddenKind::TransactionControl, statement.span.clone());
    }
    if statement.starts_with(&["copy"]) && has_words(text, tokens, ["from", "stdin"]) {
        return forbidden(ForbiddenKind::CopyFromStdin, statement.span.clone());
    }
    if statement.starts_with(&["copy"]) && has_words(text, tokens, ["to", "stdout"]) {
        return forbidden(ForbiddenKind::CopyToStdout, statement.span.clone());
    }
    let unlocks = |token: &&Token| token.keyword(text).as_deref() == Some("pg_advisory_unlock_all");
    if let Some(token) = tokens.iter().find(unlocks) {
        return forbidden(ForbiddenKind::FreesTheLock, token.span.clone());
    }
    if statement.starts_with(&["discard", "all"]) {
        return forbidden(ForbiddenKind::FreesTheLock, statement.span.clone());
    }
    Ok(())
}

fn is_transaction_control(statement: &Statement) -> bool {
    let words: Vec<&str> = statement.keywords.iter().map(String::as_str).collect();
    match words.as_slice() {
        // Going back to a savepoint stays inside the transaction.
        ["rollback", "to", ..] | ["rollback", "work" | "transaction", "to", ..] => false,
        ["begin" | "commit" | "rollback" | "end" | "abort", ..] => true,
        ["start", "transaction", ..] | ["prepare", "transaction", ..] => true,
        _ => false,
    }
}

/// Whether two words follow each other outside parentheses and strings.
fn has_words(text: &str, tokens: &[Token], words: [&str; 2]) -> bool {
    tokens.windows(2).any(|pair| {
        pair[0].keyword(text).as_deref() == Some(words[0])
            && pair[1].keyword(text).as_deref() == Some(words[1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(sql: &str) -> Option<ForbiddenKind> {
        SqlFile::of(sql)
            .check()
            .err()
            .map(|forbidden| forbidden.kind)
    }

    #[test]
    fn transaction_control_is_found_wherever_it_stands() {
        for sql in [
            "BEGIN; select 1; COMMIT;",
            "select 1; /* x */ commit",
            "start transaction",
            "end;",
            "abort",
            "rollback",
            "prepare transaction 'x'",
            "commit prepared 'x'",
            "begin isolation level serializable",
        ] {
            assert_eq!(kind(sql), Some(ForbiddenKind::TransactionControl), "{sql}");
        }
    }

    #[test]
    fn what_only_looks_like_it_passes() {
        for sql in [
            "-- commit;\nselect 'commit;'",
            "do $$ begin perform 1; end $$",
            "create function f() returns int begin atomic select 1; end",
            "savepoint a; rollback to a; release a",
            "rollback work to savepoint a",
            "comment on table t is 'begin'",
            "prepare p as select 1",
        ] {
            assert_eq!(kind(sql), None, "{sql}");
        }
    }

    #[test]
    fn open_ends_are_found() {
        use ForbiddenKind::*;
        assert_eq!(kind("select 1 /* a /* b */"), Some(UnterminatedComment));
        assert_eq!(kind("select 'a"), Some(UnterminatedString));
        assert_eq!(kind(r"select E'a\'"), Some(UnterminatedString));
        assert_eq!(kind("do $a$ $$ $b$"), Some(UnterminatedDollarQuote));
        assert_eq!(kind("select \"a"), Some(UnterminatedIdentifier));
        assert_eq!(kind("select 1 -- a line comment may end the file"), None);
        for body in [
            "create function f() returns int begin atomic select 1;",
            "create procedure f() begin atomic select 1 end; commit;",
            "create or replace function f() returns int begin atomic select case when true then 1 end",
            "create function f() returns int begin atomic (select 1; end; commit",
        ] {
            assert_eq!(kind(body), Some(UnterminatedBody), "{body}");
        }
    }

    #[test]
    fn no_transaction_ends_behind_a_name_that_looks_like_a_word() {
        for sql in [
            "create function f() returns int begin atomic select 1 case; end; commit;\n\
             do $$ begin end $$; select 1 end;",
            "create function f() returns int begin atomic select begin atomic from t; end; commit",
            "create procedure f() begin atomic select 1 end; end; commit",
            "create function f() returns int begin atomic select case 1 when 1 then 2 end case;\n\
             end; rollback; select 1 end",
            "do language E'plpgsql' /*\n*/ 'begin end -- \\'; commit; --'",
        ] {
            assert_eq!(kind(sql), Some(ForbiddenKind::TransactionControl), "{sql}");
        }
    }

    #[test]
    fn a_number_that_servers_read_otherwise_is_found() {
        for sql in [
            "select 1e$$; commit; select $$1",
            "select 0x$$; commit; --$$",
            "select 1e'\\'; commit; --'",
            "select 0x1F$a$; commit; --$a$",
        ] {
            assert_eq!(kind(sql), Some(ForbiddenKind::AmbiguousNumber), "{sql}");
        }
        assert_eq!(
            kind("select 0x1F, 1_000, 1e5, 5e-1, .5, 1.; do $$ $$"),
            None
        );
    }

    #[test]
    fn psql_only_text_is_found() {
        use ForbiddenKind::*;
        assert_eq!(kind("\\restrict abc\nselect 1"), Some(PsqlCommand));
        assert_eq!(kind("copy t (a) FROM stdin;\n1\n\\."), Some(CopyFromStdin));
        assert_eq!(kind("copy (select 1) to stdout"), Some(CopyToStdout));
        assert_eq!(kind("select 'a\0b'"), Some(NulByte));
        assert_eq!(kind("\u{feff}select 1"), Some(ByteOrderMark));
        assert_eq!(kind("select '\u{feff}'"), None);
    }

    #[test]
    fn what_would_free_the_lock_is_found() {
        use ForbiddenKind::*;
        assert_eq!(kind("discard all"), Some(FreesTheLock));
        assert_eq!(
            kind("select pg_catalog.PG_advisory_unlock_all()"),
            Some(FreesTheLock)
        );
        assert_eq!(kind("discard temp; select 'pg_advisory_unlock_all'"), None);
    }
}
