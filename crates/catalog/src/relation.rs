//! Tables, views, and all that is selected from like them.

use serde::{Deserialize, Serialize};

use migrate_text::name::{QualifiedName, quote_identifier};

use super::{About, Column, Constraint, ConstraintKind, Index, Policy, Reference, Rule, Trigger};

/// A table, partitioned table, foreign table, view or materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The name.
    pub name: QualifiedName,
    /// Which of them it is.
    pub kind: RelationKind,
    /// Owner, grants, comment, extension.
    pub about: About,
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// The constraints by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constraint>,
    /// The indexes by name, those of constraints among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// The triggers by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// The rules by name; not the one that makes a view.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The policies by name. They do nothing unless `row_security` is set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
    /// `ENABLE ROW LEVEL SECURITY`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub row_security: bool,
    /// `FORCE ROW LEVEL SECURITY`: for the owner too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub row_security_forced: bool,
    /// `UNLOGGED`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// What a partitioned table is partitioned by: `RANGE (created_at)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_key: Option<String>,
    /// Whose partition it is, and which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// The tables it inherits from, in the order in which it names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<QualifiedName>,
    /// The type that a typed table (`CREATE TABLE ... OF`) is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_type: Option<QualifiedName>,
    /// Options such as `fillfactor=70`, `toast.autovacuum_enabled=false`, `security_barrier=true`;
    /// sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The access method, if it is not `heap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_method: Option<String>,
    /// What identifies a row to logical replication.
    #[serde(default, skip_serializing_if = "ReplicaIdentity::is_default")]
    pub replica_identity: ReplicaIdentity,
    /// Where a foreign table's rows are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<ForeignTable>,
    /// The query of a view. `None` for tables, and where the
    /// [scope](crate::introspect::Scope) leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

/// The sorts of relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// A table that holds its rows itself; it may be a partition.
    Table,
    /// A table whose rows are in its partitions.
    PartitionedTable,
    /// A table whose rows are elsewhere.
    ForeignTable,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
}

/// A partition's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// The table it is a part of.
    pub of: QualifiedName,
    /// Which rows are in it: `FOR VALUES IN ('EU')`, `DEFAULT`.
    pub bound: String,
}

/// Where a foreign table's rows are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignTable {
    /// The server.
    pub server: String,
    /// The options, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// What identifies a row to logical replication.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaIdentity {
    /// The primary key.
    #[default]
    Default,
    /// The index that says so: see [`Index::replica_identity`].
    Index,
    /// The whole row.
    Full,
    /// Nothing.
    Nothing,
}

impl ReplicaIdentity {
    fn is_default(&self) -> bool {
        *self == Self::Default
    }
}

impl Relation {
    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The primary key's columns in the order of the key; empty when there is none.
    pub fn primary_key(&self) -> &[String] {
        self.constraints
            .iter()
            .find(|constraint| constraint.kind == ConstraintKind::PrimaryKey)
            .map_or(&[], |constraint| &constraint.columns)
    }

    /// The foreign keys with what they point at, by name.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&Constraint, &Reference)> {
        self.constraints
            .iter()
            .filter_map(|constraint| Some((constraint, constraint.reference.as_ref()?)))
    }
}

impl Relation {
    /// All that it is but for its parts.
    pub(super) fn definition(&self) -> String {
        let mut words = Vec::new();
        let mut add = |before: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("{before}{value}")));
        };
        let flag = |is_so: bool, word: &str| is_so.then(|| word.to_owned());
        add("", flag(self.unlogged, "UNLOGGED"));
        add("OF ", self.of_type.as_ref().map(QualifiedName::to_string));
        // The order of the columns is a property of the whole.
        add("", Some(format!("({})", self.column_list())));
        let parents: Vec<String> = self.inherits.iter().map(QualifiedName::to_string).collect();
        add("INHERITS ", joined(&parents));
        if let Some(partition) = &self.partition {
            add("PARTITION OF ", Some(partition.of.to_string()));
            add("", Some(partition.bound.clone()));
        }
        add("PARTITION BY ", self.partition_key.clone());
        add("USING ", self.access_method.clone());
        if let Some(foreign) = &self.foreign {
            add("SERVER ", Some(foreign.server.clone()));
            add("OPTIONS ", joined(&foreign.options));
        }
        add("WITH ", joined(&self.options));
        add("", flag(self.row_security, "ROW LEVEL SECURITY"));
        add(
            "",
            flag(self.row_security_forced, "FORCE ROW LEVEL SECURITY"),
        );
        add(
            "REPLICA IDENTITY ",
            match self.replica_identity {
                ReplicaIdentity::Default => None,
                ReplicaIdentity::Index => Some("INDEX".to_owned()),
                ReplicaIdentity::Full => Some("FULL".to_owned()),
                ReplicaIdentity::Nothing => Some("NOTHING".to_owned()),
            },
        );
        add("AS", self.query.clone());
        words.join(" ")
    }

    fn column_list(&self) -> String {
        let names = self.columns.iter().map(|c| quote_identifier(&c.name));
        names.collect::<Vec<_>>().join(", ")
    }
}

fn joined(options: &[String]) -> Option<String> {
    (!options.is_empty()).then(|| format!("({})", options.join(", ")))
}
