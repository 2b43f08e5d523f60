//! One picture of everything that the schema of one database holds, as plain values.
//!
//! Everything is known by name, never by the number (OID) it has in one server, and everything is
//! in an order that does not depend on when it was created. So two catalogs are equal exactly when
//! the schemas are, and a catalog written to a file is equal to the one read back.
//!
//! There is one file for each kind of object. What belongs to a table, view or foreign table lies
//! inside its [`Relation`]: columns, constraints, indexes, triggers, rules, policies.
//!
//! Not in it, as it is data or the server's business and not schema: rows, values of sequences,
//! whether a materialized view is filled, tablespaces, roles, settings. Nor what PostgreSQL brings
//! along itself, nor the tables in which migrations are recorded.

mod about;
mod column;
mod constraint;
mod data_type;
mod default_grant;
mod event_trigger;
mod extension;
mod index;
pub mod introspect;
mod listed;
mod object;
mod object_list;
mod other;
mod policy;
mod relation;
mod routine;
mod rule;
mod schema;
mod sequence;
mod statistics;
mod trigger;
mod user_type;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

pub use migrate_text::kind::ObjectKind;

pub use about::{About, Grant, GrantChange};
pub use column::{Column, Generated, GeneratedKind, Identity};
pub use constraint::{Constraint, ConstraintKind, Deferrable, Reference};
pub use data_type::{ArrayElement, DataType, DomainBase, TypeKind};
pub use default_grant::{DefaultGrant, DefaultGrantKey};
pub use event_trigger::EventTrigger;
pub use extension::Extension;
pub use index::Index;
pub use listed::Keyed;
pub use object::ObjectId;
pub use object_list::Object;
pub use other::{OtherKey, OtherObject};
pub use policy::Policy;
pub use relation::{ForeignTable, Partition, Relation, RelationKind, ReplicaIdentity};
pub use routine::{Routine, RoutineKey, RoutineKind};
pub use rule::Rule;
pub use schema::Schema;
pub use sequence::{Sequence, SequenceOwner};
pub use statistics::Statistics;
pub use trigger::{Enabled, Trigger};
pub use user_type::{
    Attribute, CompositeType, Domain, DomainCheck, EnumType, RangeType, TypeDefinition, UserType,
};

/// Everything that the schema of one database holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Catalog {
    /// The schemas.
    #[serde(with = "listed")]
    pub schemas: BTreeMap<String, Schema>,
    /// The extensions.
    #[serde(with = "listed")]
    pub extensions: BTreeMap<String, Extension>,
    /// Enums, domains, composite types, ranges and base types; not the row types of tables.
    #[serde(with = "listed")]
    pub types: BTreeMap<QualifiedName, UserType>,
    /// Tables, partitioned tables, foreign tables, views and materialized views: in PostgreSQL
    /// they share their names, too.
    #[serde(with = "listed")]
    pub relations: BTreeMap<QualifiedName, Relation>,
    /// The sequences, those of identity and serial columns among them.
    #[serde(with = "listed")]
    pub sequences: BTreeMap<QualifiedName, Sequence>,
    /// Functions, procedures, aggregates and window functions.
    #[serde(with = "listed")]
    pub routines: BTreeMap<RoutineKey, Routine>,
    /// The statistics objects (`CREATE STATISTICS`).
    #[serde(with = "listed")]
    pub statistics: BTreeMap<QualifiedName, Statistics>,
    /// The event triggers.
    #[serde(with = "listed")]
    pub event_triggers: BTreeMap<String, EventTrigger>,
    /// What `ALTER DEFAULT PRIVILEGES` has set.
    #[serde(with = "listed")]
    pub default_grants: BTreeMap<DefaultGrantKey, DefaultGrant>,
    /// Everything else: casts, operators, collations, foreign servers, publications, ...
    #[serde(with = "listed")]
    pub others: BTreeMap<OtherKey, OtherObject>,
}
