//! In what manner a statement runs: where it must be alone, what it waits for, and what it leaves
//! for the statements after it.

use squawk_lexer::TokenKind;

use super::file::SqlFile;
use super::split::Statement;
use super::token::{Token, tokens};

impl Statement {
    /// Whether PostgreSQL never lets it run in a transaction. Of others it says so when it is asked.
    pub fn is_always_alone(&self) -> bool {
        self.builds_index_concurrently()
            || self.starts_with(&["drop", "index", "concurrently"])
            || self.starts_with(&["vacuum"])
    }

    /// Whether it gives tables new files and leaves their rows as they are.
    pub fn rewrites_alike(&self) -> bool {
        self.starts_with(&["vacuum"]) || self.starts_with(&["cluster"])
    }

    /// Whether it drops an index.
    pub fn drops_index(&self) -> bool {
        self.starts_with(&["drop", "index"])
    }

    /// Whether it sets for the session how long to wait for a lock.
    pub fn sets_lock_timeout(&self) -> bool {
        self.starts_with(&["set", "lock_timeout"])
            || self.starts_with(&["set", "session", "lock_timeout"])
    }

    /// Whether it sets a mode of the transaction, which only the first statements of one may.
    pub fn sets_transaction_mode(&self) -> bool {
        self.starts_with(&["set", "transaction"])
    }

    /// Whether it sets something that holds beyond its transaction, or takes it back.
    pub fn sets_session(&self) -> bool {
        let of_a_transaction = ["transaction", "constraints", "local"];
        let mut kinds = of_a_transaction.iter();
        self.starts_with(&["reset"])
            || self.starts_with(&["set"]) && !kinds.any(|kind| self.starts_with(&["set", kind]))
    }

    fn builds_index_concurrently(&self) -> bool {
        self.starts_with(&["create", "index", "concurrently"])
            || self.starts_with(&["create", "unique", "index", "concurrently"])
    }
}

impl SqlFile<'_> {
    /// Whether a statement of it waits for every transaction that is older than it, and goes on in
    /// transactions of its own: that is what `CONCURRENTLY` means.
    pub fn waits_for_older(&self) -> bool {
        let mut statements = self.statements().iter();
        statements.any(|statement| {
            statement.builds_index_concurrently()
                || statement.starts_with(&["drop", "index", "concurrently"])
                || statement.starts_with(&["reindex"]) && self.reindexes_concurrently(statement)
                || statement.starts_with(&["alter", "table"])
                    && self.detaches_concurrently(statement)
        })
    }

    /// `REINDEX TABLE CONCURRENTLY a`, `REINDEX (CONCURRENTLY) TABLE a`; not `(CONCURRENTLY FALSE)`.
    fn reindexes_concurrently(&self, statement: &Statement) -> bool {
        let tokens = self.tokens_of(statement);
        tokens.iter().enumerate().any(|(index, token)| {
            // After its schema it is a name.
            let follows_dot = index > 0 && tokens[index - 1].kind == TokenKind::Dot;
            let off = tokens.get(index + 1).is_some_and(|value| {
                let value = self.text()[value.span.clone()].to_ascii_lowercase();
                ["false", "off", "0"].contains(&value.trim_matches(['\'', '"']))
            });
            self.is_word(token, "concurrently") && !follows_dot && !off
        })
    }

    /// `ALTER TABLE a DETACH PARTITION p CONCURRENTLY`
    fn detaches_concurrently(&self, statement: &Statement) -> bool {
        let tokens = self.tokens_of(statement);
        let mut pairs = tokens.windows(2);
        let detaches = pairs
            .any(|pair| self.is_word(&pair[0], "detach") && self.is_word(&pair[1], "partition"));
        let [.., before, last] = tokens else {
            return false;
        };
        // After its schema it is a name.
        detaches && before.kind != TokenKind::Dot && self.is_word(last, "concurrently")
    }

    fn is_word(&self, token: &Token, word: &str) -> bool {
        token.keyword(self.text()).as_deref() == Some(word)
    }

    /// Whether it has the last part of a name, as the server writes it, as a name. The schema, the
    /// text may leave out.
    pub fn has_name(&self, name: &str) -> bool {
        let (parts, _) = tokens(name);
        let Some(bare) = parts.last().and_then(|part| part.name(name)) else {
            return false;
        };
        let mut tokens = self.tokens().iter();
        tokens.any(|token| token.name(self.text()).as_deref() == Some(&bare))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements of a list for which something holds.
    fn those<'s>(sql: &[&'s str], holds: fn(&Statement) -> bool) -> Vec<&'s str> {
        let all = sql.iter().copied();
        all.filter(|sql| SqlFile::of(sql).statements().iter().all(holds))
            .collect()
    }

    const STATEMENTS: [&str; 27] = [
        "create index concurrently i on a (b)",
        "CREATE UNIQUE /* x */ INDEX\n-- y\nCONCURRENTLY on a (b)",
        "create index i on a (b)",
        "create unique index concurrently_i on a (b)",
        "drop index concurrently i",
        "drop index i",
        "drop index \"concurrently\"",
        "drop indexes i",
        "vacuum (full) a",
        "VACUUM",
        "\"vacuum\"",
        "cluster a using i",
        "analyze a",
        "reindex table concurrently a",
        "set lock_timeout = '1s'",
        "SET SESSION lock_timeout TO 0",
        "set local lock_timeout = 0",
        "set statement_timeout = 0 -- not lock_timeout",
        "set search_path = a",
        "set transaction read only",
        "set constraints all deferred",
        "set session characteristics as transaction read only",
        "set role r",
        "reset lock_timeout",
        "reset all",
        "select set_config('lock_timeout', '1s', false)",
        "call p()",
    ];

    #[test]
    fn what_never_runs_in_a_transaction_is_known_by_its_first_words() {
        assert_eq!(
            those(&STATEMENTS, Statement::is_always_alone),
            [
                "create index concurrently i on a (b)",
                "CREATE UNIQUE /* x */ INDEX\n-- y\nCONCURRENTLY on a (b)",
                "drop index concurrently i",
                "vacuum (full) a",
                "VACUUM",
            ]
        );
    }

    #[test]
    fn vacuum_and_cluster_leave_rows_as_they_are() {
        assert_eq!(
            those(&STATEMENTS, Statement::rewrites_alike),
            ["vacuum (full) a", "VACUUM", "cluster a using i"]
        );
    }

    #[test]
    fn an_index_is_dropped_with_or_without_a_lock() {
        assert_eq!(
            those(&STATEMENTS, Statement::drops_index),
            [
                "drop index concurrently i",
                "drop index i",
                "drop index \"concurrently\"",
            ]
        );
    }

    #[test]
    fn lock_timeout_is_set_for_the_session() {
        assert_eq!(
            those(&STATEMENTS, Statement::sets_lock_timeout),
            ["set lock_timeout = '1s'", "SET SESSION lock_timeout TO 0"]
        );
    }

    #[test]
    fn a_mode_of_the_transaction_is_no_setting_of_the_session() {
        assert_eq!(
            those(&STATEMENTS, Statement::sets_transaction_mode),
            ["set transaction read only"]
        );
        assert_eq!(
            those(&STATEMENTS, Statement::sets_session),
            [
                "set lock_timeout = '1s'",
                "SET SESSION lock_timeout TO 0",
                "set statement_timeout = 0 -- not lock_timeout",
                "set search_path = a",
                "set session characteristics as transaction read only",
                "set role r",
                "reset lock_timeout",
                "reset all",
            ]
        );
    }

    #[test]
    fn concurrently_waits_for_older_transactions_where_it_is_that_word() {
        for (sql, waits) in [
            ("create index concurrently i on a (b)", true),
            ("create unique index concurrently on a (b)", true),
            ("create index concurrently U&\"i\" on a (b)", true),
            ("drop index concurrently if exists s.i", true),
            ("reindex table concurrently a", true),
            ("REINDEX (verbose) INDEX CONCURRENTLY i", true),
            ("reindex (concurrently) table a", true),
            ("reindex (verbose, concurrently true) table a", true),
            ("reindex (concurrently off) table a", false),
            ("reindex (concurrently 'false') table a", false),
            ("reindex schema concurrently s", true),
            ("alter table a detach partition p concurrently", true),
            (
                "alter table if exists only a detach partition s.p CONCURRENTLY",
                true,
            ),
            ("alter table a detach partition p finalize", false),
            ("alter table a detach partition s.concurrently", false),
            ("alter table a detach partition \"concurrently\"", false),
            ("alter table a add b text default 'concurrently'", false),
            ("create index i on a (b) -- concurrently", false),
            ("create index concurrently_i on a (b)", false),
            ("create index i on a (b) where c = 'concurrently'", false),
            ("drop index i /* concurrently */", false),
            ("reindex table a -- not concurrently", false),
            ("reindex table s.concurrently", false),
            ("reindex table \"concurrently\"", false),
            ("refresh materialized view concurrently m", false),
            ("select 1; drop index concurrently i", true),
            ("", false),
        ] {
            assert_eq!(SqlFile::of(sql).waits_for_older(), waits, "{sql}");
        }
    }

    #[test]
    fn a_text_has_a_name_where_a_token_is_that_name() {
        let (long, kept) = (format!("drop index {}", "n".repeat(70)), "n".repeat(63));
        for (sql, name, has) in [
            (long.as_str(), kept.as_str(), true),
            ("drop index a_b", "public.a_b", true),
            ("DROP INDEX public . A_B", "public.a_b", true),
            ("drop index \"a_b\"", "public.a_b", true),
            ("drop index a_b_c", "public.a_b", false),
            ("drop index i -- instead of a_b", "public.a_b", false),
            ("select 'a_b'", "public.a_b", false),
            ("drop index \"A\"\"b\"", "public.\"A\"\"b\"", true),
            ("drop index a.b", "public.\"a.b\"", false),
            ("drop index \"a.b\"", "public.\"a.b\"", true),
            ("drop index \"A_B\"", "public.a_b", false),
            ("drop index a_b", "", false),
        ] {
            assert_eq!(SqlFile::of(sql).has_name(name), has, "{sql}: {name}");
        }
    }
}
