//! One picture of everything that the schema of one database holds, as plain values, and of what
//! its objects need of each other.
//!
//! Everything is known by name, never by the number (OID) it has in one server, and everything is
//! in an order that does not depend on when it was created. So two catalogs are equal exactly when
//! the schemas are, and a catalog written to a file is equal to the one read back.
//!
//! There is one file for each kind of object. What belongs to a table, view or foreign table lies
//! inside its [`Relation`]: columns, constraints, indexes, triggers, rules, policies.
//! [`Catalog::objects`] has all of them in one list, each with an [`ObjectId`]. [`Dependencies`] are
//! edges between such ids: what an object needs, what needs it, and in which order objects can be
//! created. [`introspect`] reads both from a server, each in a constant number of queries.
//!
//! Not in it, as it is data or the server's business and not schema: rows, values of sequences,
//! whether a materialized view is filled, tablespaces, roles, settings. Nor what PostgreSQL brings
//! along itself, nor the tables in which migrations are recorded.
//!
//! It may use `migrate-text` for names, and in [`introspect`] a session of `migrate-postgres`. It may
//! not know how a database came to be what it is: no files, history or ledger, and no service that
//! owns a table.
//!
//! ```
//! use migrate_catalog::{Dependencies, EdgeKind, ObjectId, ObjectKind};
//! use migrate_text::name::QualifiedName;
//!
//! let users = QualifiedName::new("public", "users");
//! let table = ObjectId::of(ObjectKind::Table, &users);
//! let email = ObjectId::part(ObjectKind::Column, &users, "email");
//! let view = ObjectId::of(ObjectKind::View, &QualifiedName::new("public", "addresses"));
//! let dependencies = Dependencies::of([
//!     (email.clone(), EdgeKind::ColumnOf, table.clone()),
//!     (view.clone(), EdgeKind::Uses, email.clone()),
//! ]);
//!
//! let order = dependencies.creation_order([&view, &email, &table]);
//! assert_eq!(order.objects, [&table, &email, &view]);
//! let in_the_way = dependencies.in_the_way(&table);
//! assert_eq!(in_the_way[0].from.to_string(), "view public.addresses");
//! ```

#![forbid(unsafe_code)]

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

pub use migrate_text::kind::ObjectKind;

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
