//! Reads tables and views, with their columns and constraints.

use std::collections::{BTreeMap, HashMap};

use crate::{
    Attribute, Column, Constraint, ConstraintKind, Deferrable, DomainCheck, ForeignTable,
    Generated, GeneratedKind, Identity, Partition, Reference, Relation, RelationKind,
    ReplicaIdentity,
};
use migrate_postgres::{Row, ServerError};
use migrate_text::name::{QualifiedName, is_bookkeeping};

use super::data_type::Types;
use super::facts::{Class, Facts};
use super::reader::{Reader, Scope};
use super::text::{CatalogRow, Oid};

/// The relations by number, the tables of our own bookkeeping still among them: a foreign key
/// might point at one.
pub(super) struct Relations(HashMap<Oid, Numbered>);

/// A relation with the numbers of its columns.
struct Numbered {
    relation: Relation,
    columns: Vec<i16>,
}

impl Relations {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        facts: &mut Facts,
        types: &Types,
    ) -> Result<Self, ServerError> {
        let with_queries = (reader.scope() == Scope::Everything).to_string();
        let rows = reader.query(include_str!("relation.sql"), &[Some(&with_queries)])?;
        let mut relations = HashMap::new();
        let mut parents = Vec::new();
        for row in rows.iter() {
            let oid = row.number("oid");
            let (relation, bound, of) = read_relation(&row, oid, facts, types);
            if !of.is_empty() {
                parents.push((oid, of, bound));
            }
            let columns = Vec::new();
            relations.insert(oid, Numbered { relation, columns });
        }
        let mut relations = Self(relations);
        for (child, of, bound) in parents {
            relations.set_parents(child, &of, bound);
        }
        Ok(relations)
    }

    fn set_parents(&mut self, child: Oid, of: &[Oid], bound: Option<String>) {
        let mut parents: Vec<_> = of
            .iter()
            .filter_map(|parent| self.name(*parent).cloned())
            .collect();
        let Some(child) = self.get_mut(child) else {
            return;
        };
        match bound {
            Some(bound) => {
                child.partition = parents.pop().map(|of| Partition { of, bound });
            }
            None => child.inherits = parents,
        }
    }

    pub(super) fn read_columns(
        &mut self,
        reader: &mut Reader<'_>,
        facts: &mut Facts,
        types: &mut Types,
    ) -> Result<(), ServerError> {
        let rows = reader.query(include_str!("column.sql"), &[])?;
        for row in rows.iter() {
            let (oid, number): (Oid, i16) = (row.number("relation"), row.number("number"));
            if types.is_row_type(oid) {
                let column = read_column(&row, oid, number, facts, types);
                types.push_attribute(
                    oid,
                    Attribute {
                        name: column.name,
                        data_type: column.data_type,
                        collation: column.collation,
                        comment: column.comment,
                    },
                );
            } else if let Some(found) = self.0.get_mut(&oid) {
                let column = read_column(&row, oid, number, facts, types);
                found.relation.columns.push(column);
                found.columns.push(number);
            }
        }
        self.for_each(|relation| relation.columns.shrink_to_fit());
        Ok(())
    }

    pub(super) fn read_constraints(
        &mut self,
        reader: &mut Reader<'_>,
        facts: &mut Facts,
        types: &mut Types,
    ) -> Result<(), ServerError> {
        let (kinds, with_definitions) = match reader.scope() {
            Scope::Everything => ("pucxfn", "true"),
            Scope::Shape => ("puf", "false"),
        };
        let parameters = [Some(kinds), Some(with_definitions)];
        let rows = reader.query(include_str!("constraint.sql"), &parameters)?;
        for row in rows.iter() {
            let (oid, owner) = (row.number("oid"), row.number("relation"));
            let domain = row.reference("domain");
            let constraint = self.read_constraint(&row, oid, owner, facts);
            match domain {
                Some(domain) => types.push_check(
                    domain,
                    DomainCheck {
                        name: constraint.name,
                        definition: constraint.definition,
                        comment: constraint.comment,
                    },
                ),
                None => {
                    if let Some(relation) = self.get_mut(owner) {
                        relation.constraints.push(constraint);
                    }
                }
            }
        }
        self.for_each(|relation| {
            relation.constraints.sort_by(|a, b| a.name.cmp(&b.name));
            relation.constraints.shrink_to_fit();
        });
        Ok(())
    }

    fn read_constraint(
        &self,
        row: &Row<'_>,
        oid: Oid,
        owner: Oid,
        facts: &mut Facts,
    ) -> Constraint {
        Constraint {
            name: row.text("name"),
            kind: match row.letter("kind") {
                Some('p') => ConstraintKind::PrimaryKey,
                Some('u') => ConstraintKind::Unique,
                Some('x') => ConstraintKind::Exclusion,
                Some('f') => ConstraintKind::ForeignKey,
                Some('n') => ConstraintKind::NotNull,
                _ => ConstraintKind::Check,
            },
            columns: self.column_names(owner, &row.numbers("columns")),
            reference: row.reference("referenced").and_then(|table| {
                Some(Reference {
                    table: self.name(table)?.clone(),
                    columns: self.column_names(table, &row.numbers("referenced_columns")),
                })
            }),
            deferrable: match (row.bool("deferrable"), row.bool("deferred")) {
                (false, _) => Deferrable::No,
                (true, false) => Deferrable::InitiallyImmediate,
                (true, true) => Deferrable::InitiallyDeferred,
            },
            validated: row.bool("validated"),
            inherited: row.bool("inherited"),
            definition: row.text("definition"),
            comment: facts.comment(Class::Constraint, oid),
        }
    }

    /// Whether there is such a relation.
    pub(super) fn has(&self, oid: Oid) -> bool {
        self.0.contains_key(&oid)
    }

    pub(super) fn get_mut(&mut self, oid: Oid) -> Option<&mut Relation> {
        self.0.get_mut(&oid).map(|found| &mut found.relation)
    }

    /// The name of a relation that a catalog lists.
    pub(super) fn listed_name(&self, oid: Oid) -> Option<&QualifiedName> {
        self.name(oid).filter(|name| !is_bookkeeping(&name.name))
    }

    /// The name of a relation.
    pub(super) fn name(&self, oid: Oid) -> Option<&QualifiedName> {
        self.0.get(&oid).map(|found| &found.relation.name)
    }

    /// The name of a column.
    pub(super) fn column_name(&self, oid: Oid, number: i16) -> Option<&str> {
        let found = self.0.get(&oid)?;
        let position = found.columns.binary_search(&number).ok()?;
        Some(&found.relation.columns[position].name)
    }

    fn column_names(&self, oid: Oid, numbers: &[i16]) -> Vec<String> {
        numbers
            .iter()
            .filter_map(|number| self.column_name(oid, *number).map(str::to_owned))
            .collect()
    }

    pub(super) fn for_each(&mut self, change: impl Fn(&mut Relation)) {
        for found in self.0.values_mut() {
            change(&mut found.relation);
        }
    }

    /// The relations that a catalog lists.
    pub(super) fn into_catalog(self) -> BTreeMap<QualifiedName, Relation> {
        self.0
            .into_values()
            .map(|found| (found.relation.name.clone(), found.relation))
            .filter(|(name, _)| !is_bookkeeping(&name.name))
            .collect()
    }
}

/// A relation, its bound if it is a partition, and its parents.
fn read_relation(
    row: &Row<'_>,
    oid: Oid,
    facts: &mut Facts,
    types: &Types,
) -> (Relation, Option<String>, Vec<Oid>) {
    let name = row.name("schema", "name");
    let kind = match row.letter("kind") {
        Some('p') => RelationKind::PartitionedTable,
        Some('f') => RelationKind::ForeignTable,
        Some('v') => RelationKind::View,
        Some('m') => RelationKind::MaterializedView,
        _ => RelationKind::Table,
    };
    let about = facts.about(Class::Relation, oid, row.str("owner"));
    let relation = Relation {
        name,
        kind,
        about,
        columns: Vec::new(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        rules: Vec::new(),
        policies: Vec::new(),
        row_security: row.bool("row_security"),
        row_security_forced: row.bool("row_security_forced"),
        unlogged: row.bool("unlogged"),
        partition_key: row.optional("partition_key"),
        partition: None,
        inherits: Vec::new(),
        of_type: row
            .reference("of_type")
            .and_then(|oid| types.name(oid).cloned()),
        options: row.sorted_array("options"),
        access_method: row.optional("access_method"),
        replica_identity: match row.letter("replica_identity") {
            Some('i') => ReplicaIdentity::Index,
            Some('f') => ReplicaIdentity::Full,
            Some('n') => ReplicaIdentity::Nothing,
            _ => ReplicaIdentity::Default,
        },
        foreign: row.optional("server").map(|server| ForeignTable {
            server,
            options: row.sorted_array("server_options"),
        }),
        query: row.optional("query"),
    };
    (relation, row.optional("bound"), row.numbers("parents"))
}

fn read_column(row: &Row<'_>, oid: Oid, number: i16, facts: &mut Facts, types: &Types) -> Column {
    let name = row.text("name");
    let data_type = types.usage(
        row.number("type"),
        row.number("modifier"),
        row.str("type_sql"),
    );
    let not_null = row.bool("not_null");
    let identity = match row.letter("identity") {
        Some('a') => Some(Identity::Always),
        Some('d') => Some(Identity::ByDefault),
        _ => None,
    };
    let generated = match row.letter("generated") {
        Some('s') => Some(GeneratedKind::Stored),
        Some('v') => Some(GeneratedKind::Virtual),
        _ => None,
    };
    let (default, generated) = match (row.optional("expression"), generated) {
        (Some(expression), Some(kind)) => (None, Some(Generated { expression, kind })),
        (default, _) => (default, None),
    };
    let (comment, grants) = facts.of_column(oid, i32::from(number));
    Column {
        name,
        data_type,
        not_null,
        default,
        generated,
        identity,
        collation: row.optional_name("collation_schema", "collation_name"),
        storage: row.letter("storage").map(storage),
        compression: row.letter("compression").and_then(compression),
        statistics_target: row.optional_number("statistics_target"),
        options: row.sorted_array("options"),
        inherited: row.bool("inherited"),
        comment,
        grants,
    }
}

fn storage(letter: char) -> String {
    match letter {
        'p' => "PLAIN",
        'e' => "EXTERNAL",
        'm' => "MAIN",
        _ => "EXTENDED",
    }
    .to_owned()
}

fn compression(letter: char) -> Option<String> {
    match letter {
        'p' => Some("pglz".to_owned()),
        'l' => Some("lz4".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tables_of_the_ledger_are_bookkeeping() {
        assert!(is_bookkeeping("__diesel_schema_migrations"));
        assert!(is_bookkeeping("__migrate_ledger"));
        assert!(!is_bookkeeping("__migrated"));
        assert!(!is_bookkeeping("migrations"));
    }
}
