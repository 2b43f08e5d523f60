//! Statements that PostgreSQL does not let run in a transaction, and what can be asked about them
//! afterwards.

use squawk_lexer::TokenKind;

use super::token::{Token, tokens};

/// What a statement that has to run alone does, as far as it matters for whether it happened.
/// Names are as they stand in the text, without comments, so that the server can read them by its
/// own rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// `CREATE INDEX CONCURRENTLY`. When it fails it leaves an invalid index.
    BuildsIndex {
        /// The index; PostgreSQL finds a name where there is none.
        name: Option<String>,
        /// The table.
        table: String,
        /// What of the table it holds.
        shape: IndexShape,
    },
    /// `DROP INDEX CONCURRENTLY`. When it fails it leaves the index, perhaps invalid.
    DropsIndex {
        /// The index.
        name: String,
    },
    /// `REINDEX`. With `CONCURRENTLY` it leaves an invalid index beside the one that it rebuilds.
    Reindexes {
        /// The table or index; none for a schema or a database.
        name: Option<String>,
    },
    /// `ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY`. It may stop half way.
    DetachesPartition {
        /// The partitioned table.
        table: String,
        /// The partition.
        partition: String,
    },
    /// Creates or drops what has a name of its own on the server.
    Names {
        /// What it is.
        object: Object,
        /// Its name.
        name: String,
        /// Whether it is there afterwards.
        exists: bool,
    },
    /// `VACUUM`, `ALTER SYSTEM` and others that may as well run twice.
    Repeatable,
    /// A procedure that commits, for one: nobody can say.
    Unknown,
}

/// What an index holds of its table, in words that can be compared: unique or not, and all that a
/// `CREATE INDEX` says after the table.
///
/// `pg_get_indexdef` writes expressions in its own way, so the same index may have two shapes. Two
/// indexes of one shape are the same but for their names.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// As text, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The parts of a `CREATE INDEX`.
struct NewIndex {
    concurrently: bool,
    name: Option<String>,
    table: String,
    shape: IndexShape,
}

/// What has a name of its own on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A database.
    Database,
    /// A tablespace.
    Tablespace,
    /// A subscription of the database.
    Subscription,
}

impl Deed {
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
    fn read(&mut self) -> Option<Deed> {
        match self.word()?.as_str() {
            "create" => self.create(),
            "drop" => self.drop(),
            "alter" => self.alter(),
            "reindex" => self.reindex(),
            "vacuum" | "analyze" | "cluster" | "checkpoint" | "repack" => Some(Deed::Repeatable),
            _ => None,
        }
    }

    fn create(&mut self) -> Option<Deed> {
        if let Some(object) = self.object() {
            return self.named(object, true);
        }
        let index = self.index().filter(|index| index.concurrently)?;
        Some(Deed::BuildsIndex {
            name: index.name,
            table: index.table,
            shape: index.shape,
        })
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

    fn drop(&mut self) -> Option<Deed> {
        if let Some(object) = self.object() {
            self.if_exists();
            return self.named(object, false);
        }
        if !(self.skip("index") && self.skip("concurrently")) {
            return None;
        }
        self.if_exists();
        let name = self.name()?;
        Some(Deed::DropsIndex { name })
    }

    fn alter(&mut self) -> Option<Deed> {
        match self.word()?.as_str() {
            "system" | "database" | "subscription" => Some(Deed::Repeatable),
            "table" => {
                self.if_exists();
                self.skip("only");
                let table = self.name()?;
                if !(self.skip("detach") && self.skip("partition")) {
                    return None;
                }
                let partition = self.name()?;
                let concurrently = self.skip("concurrently");
                concurrently.then_some(Deed::DetachesPartition { table, partition })
            }
            _ => None,
        }
    }

    fn reindex(&mut self) -> Option<Deed> {
        self.skip_parentheses();
        let whole = match self.word()?.as_str() {
            "index" | "table" => false,
            "schema" | "database" | "system" => true,
            _ => return None,
        };
        self.skip("concurrently");
        let name = if whole { None } else { Some(self.name()?) };
        Some(Deed::Reindexes { name })
    }

    fn object(&mut self) -> Option<Object> {
        let object = match self.peek()?.as_str() {
            "database" => Object::Database,
            "tablespace" => Object::Tablespace,
            "subscription" => Object::Subscription,
            _ => return None,
        };
        self.advance();
        Some(object)
    }

    fn named(&mut self, object: Object, exists: bool) -> Option<Deed> {
        let name = self.name()?;
        Some(Deed::Names {
            object,
            name,
            exists,
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

    fn builds(name: Option<&str>, table: &str, shape: &str) -> Deed {
        Deed::BuildsIndex {
            name: name.map(str::to_owned),
            table: table.to_owned(),
            shape: IndexShape(shape.to_owned()),
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
            assert_eq!(Deed::of(sql), expected, "{sql}");
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
            let Deed::BuildsIndex { shape, .. } = Deed::of(sql) else {
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
            assert_eq!(Deed::of(sql), Deed::Repeatable, "{sql}");
        }
    }

    #[test]
    fn names_are_read_where_they_stand() {
        assert_eq!(
            Deed::of("drop index concurrently if exists s.i cascade"),
            Deed::DropsIndex {
                name: "s.i".to_owned()
            }
        );
        assert_eq!(
            Deed::of("reindex (verbose) table concurrently s.a"),
            Deed::Reindexes {
                name: Some("s.a".to_owned())
            }
        );
        assert_eq!(
            Deed::of("reindex schema concurrently s"),
            Deed::Reindexes { name: None }
        );
        assert_eq!(
            Deed::of("alter table only a detach partition s.p concurrently"),
            Deed::DetachesPartition {
                table: "a".to_owned(),
                partition: "s.p".to_owned()
            }
        );
        assert_eq!(
            Deed::of("create database d owner o"),
            Deed::Names {
                object: Object::Database,
                name: "d".to_owned(),
                exists: true
            }
        );
        assert_eq!(
            Deed::of("drop subscription if exists \"S\""),
            Deed::Names {
                object: Object::Subscription,
                name: "\"S\"".to_owned(),
                exists: false
            }
        );
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
            assert_eq!(Deed::of(sql), Deed::Unknown, "{sql}");
        }
    }
}
