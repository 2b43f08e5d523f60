//! How deep a statement is, and a stack to read it on.
//!
//! The parser calls itself for what stands in parentheses, and the tree of a chain of operators is
//! as deep as the chain is long: it is walked and freed by functions that call themselves. What is
//! deep to them is not so to PostgreSQL, which makes one list of 30,000 terms of `or`. So a deep
//! statement is read on a stack that is large enough. The system gives only what is used of it.

use std::thread::{Builder, scope};

use squawk_lexer::TokenKind;

use crate::token::{Token, tokens};

/// What fits any stack: a thread has two megabytes unless it asks for more.
const SHALLOW: Depth = Depth {
    nesting: 30,
    chain: 60,
};

/// More is not read. The parser would take minutes for a file of parentheses, and PostgreSQL's own
/// `max_stack_depth` ends most of what is so deep.
const DEEPEST: Depth = Depth {
    nesting: 1_000,
    chain: 150_000,
};

/// Bytes of stack for whatever is read, and for each level. Twice of what was measured without
/// optimisation.
const BASE: usize = 1 << 20;
const PER_NESTING: usize = 24 << 10;
const PER_LINK: usize = 8 << 10;

/// How deep the tree of a text can be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Depth {
    /// How many parentheses, brackets and `CASE` are open at once.
    nesting: usize,
    /// How many tokens follow each other without a comma or semicolon: a chain of operators, of
    /// joins, of blocks.
    chain: usize,
}

impl Depth {
    /// Of these tokens of a text, and of what stands in its strings: bodies are such.
    pub(super) fn of(text: &str, tokens: &[Token]) -> Self {
        let mut deepest = Self::default();
        let mut here = Self::default();
        for token in tokens {
            here.take(text, token);
            deepest = deepest.or(here);
            if token.is_string() {
                deepest = deepest.or(Self::inside(&text[token.span.clone()]));
            }
        }
        deepest
    }

    /// Of what stands in a string. One token of it is what encloses it, if it is read with that.
    fn inside(string: &str) -> Self {
        // A short one cannot be deep.
        if string.len() <= SHALLOW.nesting {
            return Self::default();
        }
        // What a body has in quotes has them doubled in a string; how deep it is shows all the same.
        let text = string.trim_start_matches(|c| c != '$' && c != '\'');
        let tag = match text.starts_with('$') {
            true => text[1..].find('$').map_or(1, |end| end + 2),
            false => 1,
        };
        let inner = text[tag..]
            .strip_suffix(&text[..tag])
            .unwrap_or(&text[tag..]);
        Self::of(inner, &tokens(inner).0)
    }

    fn take(&mut self, text: &str, token: &Token) {
        self.chain += 1;
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket => self.nesting += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket => {
                self.nesting = self.nesting.saturating_sub(1);
            }
            TokenKind::Comma | TokenKind::Semi => self.chain = 0,
            TokenKind::Ident => match text[token.span.clone()].to_ascii_lowercase().as_str() {
                "case" => self.nesting += 1,
                // Of a block too, which may end a `CASE` too many: blocks are not counted, and
                // have semicolons between.
                "end" => self.nesting = self.nesting.saturating_sub(1),
                _ => {}
            },
            _ => {}
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            nesting: self.nesting.max(other.nesting),
            chain: self.chain.max(other.chain),
        }
    }

    fn is_within(self, limit: Self) -> bool {
        self.nesting <= limit.nesting && self.chain <= limit.chain
    }

    /// Reads a text of this depth; `None` where it is too deep, or there is no such stack.
    pub(super) fn read<T: Send>(self, read: impl FnOnce() -> T + Send) -> Option<T> {
        if self.is_within(SHALLOW) {
            return Some(read());
        }
        if !self.is_within(DEEPEST) {
            return None;
        }
        let stack = BASE + self.nesting * PER_NESTING + self.chain * PER_LINK;
        scope(|scope| {
            let reader = Builder::new().stack_size(stack).spawn_scoped(scope, read);
            match reader.ok()?.join() {
                Ok(read) => Some(read),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlFile;
    use crate::act::{Item, Opaque};

    fn items(sql: &str) -> Vec<Item> {
        let file = SqlFile::of(sql);
        let statements = file.statements().iter();
        statements.flat_map(|it| file.items(it)).collect()
    }

    fn is_unseen(sql: &str) -> bool {
        let items = items(sql);
        let unparsed = |item: &Item| {
            matches!(
                item,
                Item::Opaque {
                    what: Opaque::Unparsed,
                    ..
                }
            )
        };
        items.iter().any(unparsed)
    }

    fn acts(sql: &str) -> usize {
        let items = items(sql);
        items.iter().filter(|it| matches!(it, Item::Act(_))).count()
    }

    #[test]
    fn a_chain_as_long_as_postgresql_takes_it_is_read() {
        let terms = vec!["id = 1"; 15_000].join(" or ");
        assert_eq!(acts(&format!("delete from t where {terms}")), 1);
        assert_eq!(
            acts(&format!("do $$ begin delete from t where {terms}; end $$")),
            1
        );
        let body = format!(
            "create function f() returns int begin atomic delete from t where {terms}; end"
        );
        assert_eq!(acts(&body), 2);
        let policy = format!("create policy p on t using ({terms})");
        assert!(!is_unseen(&policy));
    }

    #[test]
    fn what_is_nested_is_read_as_far_as_the_server_takes_it() {
        for (open, middle, close, levels) in [
            ("(", "1", ")", 600),
            ("case when true then ", "1", " end", 900),
            ("coalesce(", "1", ")", 300),
            ("array[", "1", "]", 900),
            ("not ", "true", "", 1_500),
            ("- ", "1", "", 1_500),
            ("(select ", "1", ")", 150),
        ] {
            let nested = format!("{}{middle}{}", open.repeat(levels), close.repeat(levels));
            for sql in [
                format!("update t set a = {nested}"),
                format!("do $$ begin update t set a = {nested}; end $$"),
                format!("do 'begin update t set a = {nested}; end'"),
            ] {
                let found = acts(&sql);
                assert!(found >= 1, "{open}: {found}");
            }
        }
    }

    #[test]
    fn what_is_deeper_is_unseen_and_nothing_overflows() {
        for (open, close) in [
            ("(", ")"),
            ("case when true then ", " end"),
            ("array[", "]"),
        ] {
            for levels in [1_001, 5_000, 50_000] {
                let nested = format!("{}1{}", open.repeat(levels), close.repeat(levels));
                for sql in [
                    format!("update t set a = {nested}"),
                    format!("do $a$ begin update t set a = {nested}; end $a$"),
                    format!("do language plpgsql E'begin update t set a = {nested}; end'"),
                ] {
                    assert!(is_unseen(&sql), "{open} {levels}");
                }
            }
        }
        assert!(is_unseen(&format!(
            "update t set a = {}",
            "(".repeat(100_000)
        )));
        assert!(is_unseen(&format!(
            "delete from t where {} true",
            "not ".repeat(200_000)
        )));
    }

    #[test]
    fn many_rows_are_not_deep() {
        let rows = vec!["(1, 'a', case when true then 1 end)"; 20_000].join(", ");
        let sql = format!("insert into t values {rows}");
        let file = SqlFile::of(&sql);
        let depth = Depth::of(&sql, file.tokens());
        assert!(depth.is_within(SHALLOW), "{depth:?}");
    }

    #[test]
    fn a_panic_while_reading_is_one_of_whoever_reads() {
        let deep = Depth {
            nesting: 100,
            chain: 100,
        };
        let panicked = std::panic::catch_unwind(|| deep.read(|| panic!("as it was")));
        assert!(panicked.is_err());
        assert_eq!(deep.read(|| 1), Some(1));
    }
}
