//! What can have an owner.

use serde::Serialize;

/// The classes of objects that have an owner of their own, or that are everybody's: of each kind the
/// one that [`ObjectKind::class`](crate::kind::ObjectKind::class) says. Columns, indexes,
/// constraints, triggers, rules and policies are their table's, and so are the sequences of its
/// columns.
///
/// Their words are those of PostgreSQL's catalogs, by which the guard's SQL knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The database itself; `migrate.toml` gives it to nobody.
    Database,
    /// A schema; its name is both schema and name.
    Schema,
    /// An extension; its name is both schema and name.
    Extension,
    /// A table, view, materialized view, foreign table or sequence.
    Relation,
    /// A function, procedure or aggregate; all of one name are one.
    Routine,
    /// An enum, domain, composite, range or base type.
    Type,
    /// Statistics of a table, which have a name of their own.
    #[serde(rename = "statistic_ext")]
    Statistics,
    /// An operator; all of one name are one.
    Operator,
    /// An operator class of an index method.
    #[serde(rename = "opclass")]
    OperatorClass,
    /// An operator family of an index method.
    #[serde(rename = "opfamily")]
    OperatorFamily,
    /// A cast; its name is that of both types: `integer as text`.
    Cast,
    /// A transform; its name is that of the type and the language: `hstore language plperl`.
    Transform,
    /// A collation.
    Collation,
    /// A conversion between encodings.
    Conversion,
    /// A text search configuration.
    #[serde(rename = "ts_config")]
    TextSearchConfiguration,
    /// A text search dictionary.
    #[serde(rename = "ts_dict")]
    TextSearchDictionary,
    /// A text search parser.
    #[serde(rename = "ts_parser")]
    TextSearchParser,
    /// A text search template.
    #[serde(rename = "ts_template")]
    TextSearchTemplate,
    /// A publication.
    Publication,
    /// A subscription.
    Subscription,
    /// An event trigger.
    EventTrigger,
    /// A foreign data wrapper.
    ForeignDataWrapper,
    /// A server of foreign tables.
    ForeignServer,
    /// A language of routines.
    Language,
    /// A method of tables or indexes.
    #[serde(rename = "am")]
    AccessMethod,
    /// A large object, which has a number and no name.
    #[serde(rename = "largeobject")]
    LargeObject,
    /// A role, of the whole server.
    Role,
    /// A tablespace, of the whole server.
    Tablespace,
    /// A setting of the server, a database, a role or the session.
    Parameter,
    /// Privileges of what is created later.
    #[serde(rename = "default_acl")]
    DefaultPrivileges,
}

impl Class {
    /// Whether its objects are in schemas. The name of one that is in none is both.
    pub fn has_schema(self) -> bool {
        match self {
            Self::Relation
            | Self::Routine
            | Self::Type
            | Self::Statistics
            | Self::Operator
            | Self::OperatorClass
            | Self::OperatorFamily
            | Self::Collation
            | Self::Conversion
            | Self::TextSearchConfiguration
            | Self::TextSearchDictionary
            | Self::TextSearchParser
            | Self::TextSearchTemplate => true,
            Self::Database
            | Self::Schema
            | Self::Extension
            | Self::Cast
            | Self::Transform
            | Self::Publication
            | Self::Subscription
            | Self::EventTrigger
            | Self::ForeignDataWrapper
            | Self::ForeignServer
            | Self::Language
            | Self::AccessMethod
            | Self::LargeObject
            | Self::Role
            | Self::Tablespace
            | Self::Parameter
            | Self::DefaultPrivileges => false,
        }
    }

    /// Whether several objects of one name and schema can be told apart by their arguments, or by
    /// the index method that they are for.
    pub fn is_overloaded(self) -> bool {
        matches!(
            self,
            Self::Routine | Self::Operator | Self::OperatorClass | Self::OperatorFamily
        )
    }
}
