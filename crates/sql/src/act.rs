//! What statements do to objects, as their text says it: names not yet looked up.

use serde::Serialize;

use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::source::Span;

use super::verb::{Common, Verb};
use super::way_out::WayOut;

/// A name as a statement writes it: its parts without quotes, folded as PostgreSQL folds them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Written(pub Vec<String>);

impl Written {
    /// The last part.
    pub fn name(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// The part before the last.
    pub fn schema(&self) -> Option<&str> {
        let before = self.0.len().checked_sub(2)?;
        Some(&self.0[before])
    }

    /// Another name in the same schema.
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        let mut parts = self.0.clone();
        parts.pop();
        parts.push(name.into());
        Self(parts)
    }

    /// What a column's name is of.
    pub fn whole(&self) -> Self {
        Self(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }
}

/// One thing that a statement does.
#[derive(Debug, Clone)]
pub enum Item {
    /// Something to an object.
    Act(Act),
    /// It changes where names without a schema are looked up; to the default where there is none.
    SearchPath {
        /// The schemas, in order.
        path: Option<Vec<String>>,
        /// For how long.
        scope: PathScope,
        /// It is, whatever happens; in a block or a query it may not be.
        sure: bool,
    },
    /// `$user` in the search path stands for this role from now on, or for none.
    Role(String),
    /// What follows may be taken back.
    Savepoint,
    /// The body of a routine begins or ends: what it sets is set some other time.
    LaterBody {
        /// Whether it begins here.
        begins: bool,
    },
    /// Names without a schema are looked up in these, until the next such item.
    Within(Option<Vec<String>>),
    /// It acts on what all services do.
    ForAll {
        /// What it is.
        what: Common,
        /// What it is called: a database, a role, a setting; empty where it has no name.
        name: String,
        /// Where it is named.
        span: Span,
    },
    /// It takes a way out, to where no wall looks.
    WayOut {
        /// Which.
        way: WayOut,
        /// What `allow` calls it.
        name: String,
        /// Where it stands.
        span: Span,
    },
    /// A role becomes a member of another.
    Membership {
        /// Of which.
        of: String,
        /// Where that is named.
        span: Span,
    },
    /// What it does is not in its text.
    Opaque {
        /// Why not.
        what: Opaque,
        /// Where it stands.
        span: Span,
    },
}

/// How long a search path is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathScope {
    /// Until the transaction ends.
    Transaction,
    /// Until the session ends.
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
pub struct Act {
    /// What the object is.
    pub class: Class,
    /// What it is called.
    pub name: Written,
    /// The argument types that a routine's name is given with.
    pub arguments: Option<String>,
    /// What is done to it.
    pub deed: Deed,
    /// Where its name stands in the file.
    pub span: Span,
    /// It stands in the body of a routine or rule, and is not done now.
    pub later: bool,
    /// It is done, whatever happens; in a block it may not be, or be undone.
    pub sure: bool,
}

/// What is done to an object.
#[derive(Debug, Clone)]
pub enum Deed {
    /// It is created.
    Create(Creation),
    /// It is given another name in its schema, and a span shows it.
    Rename {
        /// The new name.
        to: String,
        /// Where it stands.
        at: Span,
    },
    /// It is moved to another schema, and a span shows it.
    Move {
        /// The new schema.
        to: String,
        /// Where it stands.
        at: Span,
    },
    /// It is dropped.
    Drop {
        /// With what needs it.
        cascade: bool,
        /// It may not be there.
        if_exists: bool,
    },
    /// Its rows are removed.
    Truncate {
        /// With the tables that refer to it.
        cascade: bool,
    },
    /// It is changed in another way.
    Change(Verb),
    /// Everything of a class in a schema is changed; the object is the schema.
    ChangeAllIn(Verb, Class),
    /// It becomes a part of a table: a partition, the sequence of a column.
    BecomePart {
        /// The table.
        of: Written,
    },
    /// Its rows are read.
    Read,
    /// Another table is made in its likeness: `LIKE`.
    Copy,
    /// The function or operator is called now.
    Call,
    /// It is made between these types, and is theirs who own one of them.
    CreateFor {
        /// What it is.
        kind: ObjectKind,
        /// The types.
        types: Vec<Written>,
    },
    /// A foreign key of a table refers to it.
    Reference {
        /// The table with the key.
        by: Written,
        /// With any of these the foreign key is gone: its columns, itself.
        parts: Vec<String>,
        /// The columns that it refers to; those of the primary key where there is none.
        columns: Vec<String>,
    },
    /// A part of a table needs it: a column its type, a trigger its function.
    Use {
        /// The table or view.
        by: Written,
        /// The part of it.
        part: Option<String>,
    },
    /// A view shows it; rows written to the view may be written to it.
    Show {
        /// The view.
        by: Written,
        /// Whether rows written to the view are written to it.
        is_base: bool,
    },
    /// A part of the table is gone, and needs nothing any more.
    Forget {
        /// The part.
        part: String,
    },
    /// A column or constraint is dropped, with the foreign keys that need it.
    DropKey {
        /// The column or constraint.
        part: String,
    },
}

/// How an object comes to be.
#[derive(Debug, Clone)]
pub struct Creation {
    /// What it is.
    pub kind: ObjectKind,
    /// It is gone at the end of the session.
    pub temporary: bool,
    /// It is gone at the end of the transaction.
    pub until_commit: bool,
    /// An object of this name is replaced.
    pub replace: bool,
    /// The table that it is a part of, or a partition of.
    pub of: Option<Written>,
    /// A routine's argument types.
    pub arguments: Option<String>,
    /// The columns of a primary key.
    pub columns: Vec<String>,
}

impl Creation {
    /// Of something that stands for itself and stays.
    pub fn of(kind: ObjectKind) -> Self {
        Self {
            kind,
            temporary: false,
            until_commit: false,
            replace: false,
            of: None,
            arguments: None,
            columns: Vec::new(),
        }
    }
}
