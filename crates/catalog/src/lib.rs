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
mod catalog;
mod circles;
mod column;
mod constraint;
mod creation_order;
mod data_type;
mod default_grant;
mod dependencies;
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

pub use about::{About, Grant, GrantChange};
pub use catalog::Catalog;
pub use column::{Column, Generated, GeneratedKind, Identity};
pub use constraint::{Constraint, ConstraintKind, Deferrable, Reference};
pub use creation_order::CreationOrder;
pub use data_type::{ArrayElement, DataType, DomainBase, TypeKind};
pub use default_grant::{DefaultGrant, DefaultGrantKey};
pub use dependencies::{Dependencies, Edge, EdgeKind};
pub use event_trigger::EventTrigger;
pub use extension::Extension;
pub use index::Index;
pub use listed::Keyed;
pub use object::{ObjectId, ObjectKind};
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
