//! What statements do to objects, as their text says it: names not yet looked up.

use serde::Serialize;

use crate::ownership::Class;
use crate::source::Span;

/// A name as a statement writes it: its parts without quotes, folded as PostgreSQL folds them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Written(pub(super) Vec<String>);

impl Written {
    /// The last part.
    pub(super) fn name(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// The part before the last.
    pub(super) fn schema(&self) -> Option<&str> {
        let before = self.0.len().checked_sub(2)?;
        Some(&self.0[before])
    }

    /// Another name in the same schema.
    pub(super) fn sibling(&self, name: impl Into<String>) -> Self {
        let mut parts = self.0.clone();
        parts.pop();
        parts.push(name.into());
        Self(parts)
    }

    /// What a column's name is of.
    pub(super) fn whole(&self) -> Self {
        Self(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }
}

/// One thing that a statement does.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// Something to an object.
    Act(Act),
    /// It changes where names without a schema are looked up; to the default where there is none.
    SearchPath {
        path: Option<Vec<String>>,
        scope: PathScope,
        /// It is, whatever happens; in a block or a query it may not be.
        sure: bool,
    },
    /// `$user` in the search path stands for this role from now on, or for none.
    Role(String),
    /// What follows may be taken back.
    Savepoint,
    /// The body of a routine begins or ends: what it sets is set some other time.
    LaterBody { begins: bool },
    /// Names without a schema are looked up in these, until the next such item.
    Within(Option<Vec<String>>),
    /// It acts on what all services do, in the words of a message: `an event trigger`.
    ForAll { what: &'static str, span: Span },
    /// What it does is not in its text.
    Opaque { what: Opaque, span: Span },
}

/// How long a search path is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathScope {
    Transaction,
    Session,
    /// For every session to come, of a database that may be this one.
    Database,
}

/// Why a statement cannot be seen through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Opaque {
    /// `EXECUTE` in PL/pgSQL: the statement is put together when it runs.
    DynamicSql,
    /// A body in a language that we do not read.
    OtherLanguage,
    /// A statement that our parser does not understand.
    Unparsed,
    /// A statement about everything of a role, a tablespace or another server.
    Sweeping,
}

/// Something done to one object.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) class: Class,
    pub(super) name: Written,
    /// The argument types that a routine's name is given with.
    pub(super) arguments: Option<String>,
    pub(super) deed: Deed,
    pub(super) span: Span,
    /// It stands in the body of a routine or rule, and is not done now.
    pub(super) later: bool,
    /// It is done, whatever happens; in a block it may not be, or be undone.
    pub(super) sure: bool,
}

/// What is done to an object.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// It is created.
    Create(Creation),
    /// It is given another name in its schema, and a span shows it.
    Rename { to: String, at: Span },
    /// It is moved to another schema, and a span shows it.
    Move { to: String, at: Span },
    /// It is dropped.
    Drop { cascade: bool },
    /// Its rows are removed.
    Truncate { cascade: bool },
    /// It is changed in another way, in the words of a message: `alter`, `write to`.
    Change(&'static str),
    /// Everything of a class in a schema is changed; the object is the schema.
    ChangeAllIn(&'static str, Class),
    /// It becomes a part of a table: a partition, the sequence of a column.
    BecomePart { of: Written },
    /// Its rows are read.
    Read,
    /// The function is called now.
    Call,
    /// A foreign key of a table refers to it.
    Reference {
        by: Written,
        /// With any of these the foreign key is gone: its columns, itself.
        parts: Vec<String>,
        /// The columns that it refers to; those of the primary key where there is none.
        columns: Vec<String>,
    },
    /// A part of a table needs it: a column its type, a trigger its function.
    Use { by: Written, part: Option<String> },
    /// A view shows it; rows written to the view may be written to it.
    Show { by: Written, is_base: bool },
    /// A part of the table is gone, and needs nothing any more.
    Forget { part: String },
    /// A column or constraint is dropped, with the foreign keys that need it.
    DropKey { part: String },
}

/// How an object comes to be.
#[derive(Debug, Clone, Default)]
pub(super) struct Creation {
    /// What it is, in the words of a message: `table`, `view`.
    pub(super) kind: &'static str,
    /// It is gone at the end of the session.
    pub(super) temporary: bool,
    /// It is gone at the end of the transaction.
    pub(super) until_commit: bool,
    /// An object of this name is replaced.
    pub(super) replace: bool,
    /// The table that it is a part of, or a partition of.
    pub(super) of: Option<Written>,
    /// A routine's argument types.
    pub(super) arguments: Option<String>,
    /// The columns of a primary key.
    pub(super) columns: Vec<String>,
}
