//! What an object is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::class::Class;

/// The kinds of objects, in the order in which a schema could be built.
///
/// A catalog knows more than a statement says: to `DROP TYPE` an enum is a [`Self::Type`], while
/// of a [`Self::Routine`] a statement knows whether it is a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name says it all")]
pub enum ObjectKind {
    Database,
    Schema,
    Extension,
    Type,
    Enum,
    Domain,
    CompositeType,
    Range,
    BaseType,
    Sequence,
    Routine,
    Function,
    Procedure,
    Aggregate,
    Table,
    PartitionedTable,
    ForeignTable,
    View,
    MaterializedView,
    Column,
    Constraint,
    Index,
    Trigger,
    Rule,
    Policy,
    Statistics,
    EventTrigger,
    DefaultGrant,
    Operator,
    OperatorClass,
    OperatorFamily,
    Cast,
    Transform,
    Collation,
    Conversion,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Publication,
    Subscription,
    ForeignDataWrapper,
    ForeignServer,
    Language,
    AccessMethod,
    LargeObject,
    Role,
    Tablespace,
    Parameter,
    Other,
}

impl ObjectKind {
    /// In words, as in `CREATE ...`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Domain => "domain",
            Self::CompositeType => "composite type",
            Self::Range => "range type",
            Self::BaseType => "base type",
            Self::Sequence => "sequence",
            Self::Routine => "routine",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Aggregate => "aggregate",
            Self::Table => "table",
            Self::PartitionedTable => "partitioned table",
            Self::ForeignTable => "foreign table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::Index => "index",
            Self::Trigger => "trigger",
            Self::Rule => "rule",
            Self::Policy => "policy",
            Self::Statistics => "statistics",
            Self::EventTrigger => "event trigger",
            Self::DefaultGrant => "default privileges",
            Self::Operator => "operator",
            Self::OperatorClass => "operator class",
            Self::OperatorFamily => "operator family",
            Self::Cast => "cast",
            Self::Transform => "transform",
            Self::Collation => "collation",
            Self::Conversion => "conversion",
            Self::TextSearchConfiguration => "text search configuration",
            Self::TextSearchDictionary => "text search dictionary",
            Self::TextSearchParser => "text search parser",
            Self::TextSearchTemplate => "text search template",
            Self::Publication => "publication",
            Self::Subscription => "subscription",
            Self::ForeignDataWrapper => "foreign data wrapper",
            Self::ForeignServer => "server",
            Self::Language => "language",
            Self::AccessMethod => "access method",
            Self::LargeObject => "large object",
            Self::Role => "role",
            Self::Tablespace => "tablespace",
            Self::Parameter => "setting",
            Self::Other => "object",
        }
    }

    /// What its owner is found by; `None` for what is its table's. Two objects of one
    /// class cannot have one name in a schema, but for those that [`Class::is_overloaded`] names.
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Database => Some(Class::Database),
            Self::Schema => Some(Class::Schema),
            Self::Extension => Some(Class::Extension),
            Self::Type
            | Self::Enum
            | Self::Domain
            | Self::CompositeType
            | Self::Range
            | Self::BaseType => Some(Class::Type),
            Self::Routine | Self::Function | Self::Procedure | Self::Aggregate => {
                Some(Class::Routine)
            }
            // An index shares the names of tables.
            Self::Sequence
            | Self::Table
            | Self::PartitionedTable
            | Self::ForeignTable
            | Self::View
            | Self::MaterializedView
            | Self::Index => Some(Class::Relation),
            Self::Statistics => Some(Class::Statistics),
            Self::EventTrigger => Some(Class::EventTrigger),
            Self::DefaultGrant => Some(Class::DefaultPrivileges),
            Self::Operator => Some(Class::Operator),
            Self::OperatorClass => Some(Class::OperatorClass),
            Self::OperatorFamily => Some(Class::OperatorFamily),
            Self::Cast => Some(Class::Cast),
            Self::Transform => Some(Class::Transform),
            Self::Collation => Some(Class::Collation),
            Self::Conversion => Some(Class::Conversion),
            Self::TextSearchConfiguration => Some(Class::TextSearchConfiguration),
            Self::TextSearchDictionary => Some(Class::TextSearchDictionary),
            Self::TextSearchParser => Some(Class::TextSearchParser),
            Self::TextSearchTemplate => Some(Class::TextSearchTemplate),
            Self::Publication => Some(Class::Publication),
            Self::Subscription => Some(Class::Subscription),
            Self::ForeignDataWrapper => Some(Class::ForeignDataWrapper),
            Self::ForeignServer => Some(Class::ForeignServer),
            Self::Language => Some(Class::Language),
            Self::AccessMethod => Some(Class::AccessMethod),
            Self::LargeObject => Some(Class::LargeObject),
            Self::Role => Some(Class::Role),
            Self::Tablespace => Some(Class::Tablespace),
            Self::Parameter => Some(Class::Parameter),
            Self::Column
            | Self::Constraint
            | Self::Trigger
            | Self::Rule
            | Self::Policy
            | Self::Other => None,
        }
    }

    /// Whether it follows its table into another schema and to its end, where it is a part of one.
    pub fn follows_its_table(self) -> bool {
        matches!(self, Self::Index | Self::Sequence)
    }
}

/// In words.
impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}
