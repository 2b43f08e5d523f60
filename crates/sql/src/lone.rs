//! Statements that PostgreSQL does not let run in a transaction, and what can be asked about them
//! afterwards.

use serde::{Deserialize, Serialize};
use squawk_lexer::TokenKind;

use super::token::{Token, tokens};

/// What a statement that has to run alone does, as far as it matters for whether it happened.
///
/// Of a statement's text, names are as they stand there, without comments, so that the server can
/// read them by its own rules. Once it has, they are as it gives them, and indexes that were there
/// before are known: so it stands in ledgers, in JSON whose words must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum LoneDeed {
    /// `CREATE INDEX CONCURRENTLY`. When it fails it leaves an invalid index.
    BuildIndex {
        /// The table.
        table: String,
        /// The index; PostgreSQL finds a name where there is none.
        index: Option<String>,
        /// What it holds of the table, by which one without a name is known again.
        #[serde(default)]
        shape: IndexShape,
        /// The bare names of the indexes that the table had before.
        before: Vec<String>,
    },
    /// `DROP INDEX CONCURRENTLY`. When it fails it leaves the index, perhaps invalid.
    DropIndex {
        /// The index.
        index: String,
    },
    /// `REINDEX` of a table or an index. With `CONCURRENTLY` it leaves an invalid index beside the
    /// one that it rebuilds.
    Reindex {
        /// The table; in a text it may be the index.
        table: String,
        /// The bare names of the indexes that the table had before.
        before: Vec<String>,
    },
    /// `ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY`. It may stop half way.
    DetachPartition {
        /// The partitioned table.
        table: String,
        /// The partition.
        partition: String,
    },
    /// `CREATE DATABASE`
    CreateDatabase {
        /// The database.
        name: String,
    },
    /// `DROP DATABASE`
    DropDatabase {
        /// The database.
        name: String,
    },
    /// `CREATE TABLESPACE`
    CreateTablespace {
        /// The tablespace.
        name: String,
    },
    /// `DROP TABLESPACE`
    DropTablespace {
        /// The tablespace.
        name: String,
    },
    /// `CREATE SUBSCRIPTION`
    CreateSubscription {
        /// The subscription, of this database.
        name: String,
    },
    /// `DROP SUBSCRIPTION`
    DropSubscription {
        /// The subscription, of this database.
        name: String,
    },
    /// `VACUUM`, `ALTER SYSTEM`, `REINDEX` of a whole schema and others that may as well run twice.
    Repeatable,
    /// A procedure that commits, for one: nobody can say.
    Unknown,
    /// It ended the transaction that held it, so that a part of it is committed, and nobody can say
    /// how much. No statement is this by its text.
    Escaped,
}

/// What an index holds of its table, in words that can be compared: unique or not, and all that a
/// `CREATE INDEX` says after the table.
///
/// `pg_get_indexdef` writes expressions in its own way, so the same index may have two shapes. Two
/// indexes of one shape are the same but for their names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IndexShape(String);

impl IndexShape {
    /// Of what `pg_get_indexdef` gives back; `None` where it is not read.
    pub fn of_definition(definition: &str) -> Option<Self> {
        let (tokens, _) = tokens(definition);
        let mut words = Words {
            text: definition,
            tokens: &tokens,
        };
        words.skip("create");
        words.index().map(|index| index.shape)
    }
}

/// The parts of a `CREATE INDEX`.
struct NewIndex {
    concurrently: bool,
    name: Option<String>,
    table: String,
    shape: IndexShape,
}

impl LoneDeed {
    /// What a statement is, that is to be run alone.
    pub fn of(statement: &str) -> Self {
        let (tokens, _) = tokens(statement);
        let mut words = Words {
            text: statement,
            tokens: &tokens,
        };
        words.read().unwrap_or(Self::Unknown)
    }
}

/// The rest of a statement.
struct Words<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl Words<'_> {
    fn read(&mut self) -> Option<LoneDeed> {
        match self.word()?.as_str() {
            "create" => self.create(),
            "drop" => self.drop(),
            "alter" => self.alter(),
            "reindex" => self.reindex(),
            "vacuum" | "analyze" | "cluster" | "checkpoint" | "repack" => {
                Some(LoneDeed::Repeatable)
            }
            _ => None,
        }
    }

    fn create(&mut self) -> Option<LoneDeed> {
        let named: fn(String) -> LoneDeed = match self.peek()?.as_str() {
            "database" => |name| LoneDeed::CreateDatabase { name },
            "tablespace" => |name| LoneDeed::CreateTablespace { name },
            "subscription" => |name| LoneDeed::CreateSubscription { name },
            _ => {
                let index = self.index().filter(|index| index.concurrently)?;
                return Some(LoneDeed::BuildIndex {
                    table: index.table,
                    index: index.name,
                    shape: index.shape,
                    before: Vec::new(),
                });
            }
        };
        self.advance();
        self.name().map(named)
    }

    /// A `CREATE INDEX` after its first word.
    fn index(&mut self) -> Option<NewIndex> {
        let unique = self.skip("unique");
        if !self.skip("index") {
            return None;
        }
        let concurrently = self.skip("concurrently");
        self.if_exists();
        let name = match self.peek().as_deref() {
            Some("on") => None,
            _ => Some(self.name()?),
        };
        if !self.skip("on") {
            return None;
        }
        self.skip("only");
        let table = self.name()?;
        Some(NewIndex {
            concurrently,
            name,
            table,
            shape: self.shape(unique),
        })
    }

    /// The rest, with the access method that PostgreSQL takes where none is written.
    fn shape(&mut self, unique: bool) -> IndexShape {
        let mut words = vec![if unique { "unique" } else { "any" }.to_owned()];
        if self.peek().as_deref() != Some("using") {
            words.extend(["using", "btree"].map(str::to_owned));
        }
        for token in self.tokens {
            let text = || self.text[token.span.clone()].to_owned();
            words.push(token.keyword(self.text).unwrap_or_else(text));
        }
        self.tokens = &[];
        IndexShape(words.join(" "))
    }

    fn drop(&mut self) -> Option<LoneDeed> {
        let named: fn(String) -> LoneDeed = match self.word()?.as_str() {
            "database" => |name| LoneDeed::DropDatabase { name },
            "tablespace" => |name| LoneDeed::DropTablespace { name },
            "subscription" => |name| LoneDeed::DropSubscription { name },
            "index" if self.skip("concurrently") => |index| LoneDeed::DropIndex { index },
            _ => return None,
        };
        self.if_exists();
        self.name().map(named)
    }

    fn alter(&mut self) -> Option<LoneDeed> {
        match self.word()?.as_str() {
            "system" | "database" | "subscription" => Some(LoneDeed::Repeatable),
            "table" => {
                self.if_exists();
                self.skip("only");
                let table = self.name()?;
                if !(self.skip("detach") && self.skip("partition")) {
                    return None;
                }
                let partition = self.name()?;
                let concurrently = self.skip("concurrently");
                concurrently.then_some(LoneDeed::DetachPartition { table, partition })
            }
            _ => None,
        }
    }

    fn reindex(&mut self) -> Option<LoneDeed> {
        self.skip_parentheses();
        let whole = match self.word()?.as_str() {
            "index" | "table" => false,
            "schema" | "database" | "system" => true,
            _ => return None,
        };
        self.skip("concurrently");
        if whole {
            return Some(LoneDeed::Repeatable);
        }
        Some(LoneDeed::Reindex {
            table: self.name()?,
            before: Vec::new(),
        })
    }

    /// `IF EXISTS` and `IF NOT EXISTS`
    fn if_exists(&mut self) {
        if self.skip("if") {
            self.skip("not");
            self.skip("exists");
        }
    }

    /// A name, qualified or not.
    fn name(&mut self) -> Option<String> {
        let mut name = self.part()?;
        let dot = |token: &Token| token.kind == TokenKind::Dot;
        while self.tokens.first().is_some_and(dot) {
            self.advance();
            name = format!("{name}.{}", self.part()?);
        }
        Some(name)
    }

    fn part(&mut self) -> Option<String> {
        let token = self.tokens.first()?;
        let text = &self.text[token.span.clone()];
        let is_name = match token.kind {
            TokenKind::Ident => true,
            // `U&"..."` is beyond the server's functions that read names.
            TokenKind::QuotedIdent { .. } => text.starts_with('"'),
            _ => false,
        };
        self.advance();
        is_name.then(|| text.to_owned())
    }

    fn skip_parentheses(&mut self) {
        let opens = |token: &Token| token.kind == TokenKind::OpenParen;
        if self.tokens.first().is_some_and(opens) {
            let close = |token: &Token| token.kind == TokenKind::CloseParen;
            let end = self.tokens.iter().position(close);
            self.tokens = end.map_or(&[], |end| &self.tokens[end + 1..]);
        }
    }

    fn peek(&self) -> Option<String> {
        self.tokens.first()?.keyword(self.text)
    }

    fn word(&mut self) -> Option<String> {
        let word = self.peek();
        self.advance();
        word
    }

    /// Goes past a keyword, if it is the next.
    fn skip(&mut self, keyword: &str) -> bool {
        let is_next = self.peek().as_deref() == Some(keyword);
        if is_next {
            self.advance();
        }
        is_next
    }

    fn advance(&mut self) {
        self.tokens = self.tokens.get(1..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builds(name: Option<&str>, table: &str, shape: &str) -> LoneDeed {
        LoneDeed::BuildIndex {
            table: table.to_owned(),
            index: name.map(str::to_owned),
            shape: IndexShape(shape.to_owned()),
            before: Vec::new(),
        }
    }

    #[test]
    fn an_index_is_built_on_a_table_with_or_without_a_name() {
        for (sql, expected) in [
            (
                "create index concurrently a_b on a (b)",
                builds(Some("a_b"), "a", "any using btree ( b )"),
            ),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"A b\" ON ONLY s . /* x */ \"T\"(c)",
                builds(Some("\"A b\""), "s.\"T\"", "unique using btree ( c )"),
            ),
            (
                "create index concurrently on a using gin (b)",
                builds(None, "a", "any using gin ( b )"),
            ),
        ] {
            assert_eq!(LoneDeed::of(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_the_server_calls_an_index_has_the_shape_of_its_statement() {
        for (sql, definition, same) in [
            (
                "create index concurrently on a (B, \"C\" desc) -- x",
                "CREATE INDEX a_b_c_idx ON public.a USING btree (b, \"C\" DESC)",
                true,
            ),
            (
                "create index concurrently on a (b)",
                "CREATE INDEX a_c_idx ON public.a USING btree (c)",
                false,
            ),
            (
                "create index concurrently on a (b)",
                "CREATE UNIQUE INDEX a_b_idx ON public.a USING btree (b)",
                false,
            ),
            (
                "create index concurrently on a (b)",
                "CREATE INDEX a_b_idx ON public.a USING btree (b) WHERE (c > 1)",
                false,
            ),
        ] {
            let LoneDeed::BuildIndex { shape, .. } = LoneDeed::of(sql) else {
                panic!("{sql}")
            };
            let theirs = IndexShape::of_definition(definition);
            assert_eq!(theirs.as_ref() == Some(&shape), same, "{definition}");
        }
    }

    #[test]
    fn what_may_run_twice_is_known() {
        for sql in [
            "vacuum (analyze) a",
            "VACUUM",
            "alter system set work_mem = '8MB'",
            "alter database d set tablespace t",
            "cluster",
        ] {
            assert_eq!(LoneDeed::of(sql), LoneDeed::Repeatable, "{sql}");
        }
    }

    #[test]
    fn names_are_read_where_they_stand() {
        let name = |name: &str| name.to_owned();
        for (sql, deed) in [
            (
                "drop index concurrently if exists s.i cascade",
                LoneDeed::DropIndex { index: name("s.i") },
            ),
            (
                "reindex (verbose) table concurrently s.a",
                LoneDeed::Reindex {
                    table: name("s.a"),
                    before: Vec::new(),
                },
            ),
            ("reindex schema concurrently s", LoneDeed::Repeatable),
            (
                "alter table only a detach partition s.p concurrently",
                LoneDeed::DetachPartition {
                    table: name("a"),
                    partition: name("s.p"),
                },
            ),
            (
                "create database d owner o",
                LoneDeed::CreateDatabase { name: name("d") },
            ),
            (
                "drop database if exists d with (force)",
                LoneDeed::DropDatabase { name: name("d") },
            ),
            (
                "create tablespace t location '/t'",
                LoneDeed::CreateTablespace { name: name("t") },
            ),
            (
                "drop tablespace t",
                LoneDeed::DropTablespace { name: name("t") },
            ),
            (
                "create subscription s connection '' publication p",
                LoneDeed::CreateSubscription { name: name("s") },
            ),
            (
                "drop subscription if exists \"S\"",
                LoneDeed::DropSubscription {
                    name: name("\"S\""),
                },
            ),
        ] {
            assert_eq!(LoneDeed::of(sql), deed, "{sql}");
        }
    }

    #[test]
    fn of_everything_else_nobody_can_say() {
        for sql in [
            "call p()",
            "do $$ begin commit; end $$",
            "create index concurrently U&\"a\" on b (c)",
            "create index a on b (c)",
            "reindex",
            "",
        ] {
            assert_eq!(LoneDeed::of(sql), LoneDeed::Unknown, "{sql}");
        }
    }
}
