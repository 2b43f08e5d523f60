//! The whole of one database.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

use super::{
    DefaultGrant, DefaultGrantKey, EventTrigger, Extension, OtherKey, OtherObject, Relation,
    Routine, RoutineKey, Schema, Sequence, Statistics, UserType, listed,
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
