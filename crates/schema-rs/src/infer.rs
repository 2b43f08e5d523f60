//! From a relation of the catalog to a `table!`, with all the habits of Diesel's own inference.

use std::collections::BTreeSet;

use regex::Regex;

use migrate_catalog::{
    self as catalog, Catalog, Constraint, ConstraintKind, DataType, Relation, RelationKind,
};

use super::config::{ColumnSorting, PrintConfig};
use super::model::{Column, SqlType, Table};
use super::names::{rust_name, rust_type_name};
use super::printed::{PrintError, Warning};

/// The schema that Diesel takes for the default, whatever the search path says.
pub(super) const PUBLIC: &str = "public";

/// Types that Diesel defines, by their names in Rust; sorted.
const KNOWN_TYPES: [&str; 66] = [
    "BigInt",
    "BigSerial",
    "Bigint",
    "Binary",
    "Bit",
    "Blob",
    "Bool",
    "Bpchar",
    "Bytea",
    "Char",
    "Cidr",
    "Citext",
    "Date",
    "Datemultirange",
    "Daterange",
    "Decimal",
    "Double",
    "Float",
    "Float4",
    "Float8",
    "Inet",
    "Int2",
    "Int4",
    "Int4multirange",
    "Int4range",
    "Int8",
    "Int8multirange",
    "Int8range",
    "Integer",
    "Interval",
    "Json",
    "Jsonb",
    "Longblob",
    "Longtext",
    "MacAddr",
    "MacAddr8",
    "Macaddr",
    "Macaddr8",
    "Mediumblob",
    "Mediumtext",
    "Money",
    "Numeric",
    "Nummultirange",
    "Numrange",
    "Oid",
    "PgLsn",
    "Range",
    "Record",
    "Serial",
    "SmallInt",
    "SmallSerial",
    "Smallint",
    "Text",
    "Time",
    "Timestamp",
    "Timestamptz",
    "Tinyblob",
    "Tinytext",
    "Tsmultirange",
    "Tsrange",
    "Tstzmultirange",
    "Tstzrange",
    "Uuid",
    "VarChar",
    "Varbinary",
    "Varchar",
];

/// Turns relations into tables.
pub(super) struct Inference<'c, 'p> {
    config: &'p PrintConfig,
    primary_key_names: BTreeSet<&'c str>,
    warnings: Vec<Warning>,
}

/// Whether Diesel takes a relation for a table that people want to see.
pub fn is_table(relation: &Relation) -> bool {
    let holds_rows = matches!(
        relation.kind,
        RelationKind::Table | RelationKind::PartitionedTable
    );
    holds_rows && !relation.name.name.starts_with("__")
}

impl<'c, 'p> Inference<'c, 'p> {
    pub(super) fn new(catalog: &'c Catalog, config: &'p PrintConfig) -> Self {
        let constraints = catalog.relations.values().flat_map(|r| &r.constraints);
        let primary_key_names = constraints
            .filter(|constraint| constraint.kind == ConstraintKind::PrimaryKey)
            .map(|constraint| constraint.name.as_str())
            .collect();
        Self {
            config,
            primary_key_names,
            warnings: Vec::new(),
        }
    }

    pub(super) fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }

    pub(super) fn table(&mut self, relation: &'c Relation) -> Result<Table<'c>, PrintError> {
        let sql_name = relation.name.name.as_str();
        let schema = not_public(&relation.name.schema);
        let name = rust_name(sql_name, None);
        let mut columns: Vec<&catalog::Column> = relation.columns.iter().collect();
        if self.config.column_sorting == ColumnSorting::Name {
            columns.sort_by_key(|column| column.name.as_str());
        }
        let columns = columns
            .into_iter()
            .map(|column| self.column(column, &name))
            .collect();
        let table = Table {
            schema,
            sql_name,
            primary_key: self.primary_key(relation),
            rust_name: name,
            columns,
            comment: relation.about.comment.as_deref(),
            note: None,
        };
        if table.primary_key.is_empty() {
            let table = table.full_sql_name().into_owned();
            return Err(PrintError::NoPrimaryKey { table });
        }
        Ok(table)
    }

    /// The columns of the primary key, and a surprise.
    ///
    /// Diesel looks for constraints that have the *name* of a primary key, of whatever table in
    /// whatever schema. A foreign key or unique constraint of that name counts as well.
    fn primary_key(&self, relation: &'c Relation) -> Vec<&'c str> {
        let mut columns: Vec<(usize, bool, &str)> = relation
            .constraints
            .iter()
            .filter(|constraint| self.counts_as_primary_key(constraint))
            .flat_map(|constraint| {
                let is_other = constraint.kind != ConstraintKind::PrimaryKey;
                let numbered = constraint.columns.iter().enumerate();
                numbered.map(move |(position, column)| (position, is_other, column.as_str()))
            })
            .collect();
        columns.sort_by_key(|(position, is_other, _)| (*position, *is_other));
        columns.into_iter().map(|(_, _, column)| column).collect()
    }

    fn counts_as_primary_key(&self, constraint: &Constraint) -> bool {
        let is_key = matches!(
            constraint.kind,
            ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::ForeignKey
        );
        is_key && self.primary_key_names.contains(constraint.name.as_str())
    }

    fn column(&mut self, column: &'c catalog::Column, table: &str) -> Column<'c> {
        let data_type = &column.data_type;
        // Diesel looks through one domain, not through the one that a domain may be made of.
        let beneath = data_type.base.as_deref();
        let type_name = match beneath {
            Some(base) if !self.is_custom_domain(data_type) => &base.data_type.name,
            _ => &data_type.name,
        };
        // Arrays are recognised by the names that PostgreSQL gives them. Other types with such a
        // name are taken for arrays, too.
        let (sql_name, is_array) = match type_name.name.strip_prefix('_') {
            Some(element) => (element, true),
            None => (type_name.name.as_str(), false),
        };
        if is_array && matches!(sql_name.to_lowercase().as_str(), "varchar" | "citext") {
            self.warnings.push(Warning::ArrayWithoutCoercion {
                column: column.name.clone(),
                element: sql_name.to_owned(),
            });
        }
        Column {
            sql_name: &column.name,
            rust_name: rust_name(&column.name, Some(table)),
            sql_type: self.sql_type(&type_name.schema, sql_name),
            is_array,
            is_nullable: !column.not_null && !beneath.is_some_and(|base| base.not_null),
            max_length: beneath.map_or(data_type, |base| &base.data_type).max_length,
            comment: column.comment.as_deref(),
        }
    }

    fn is_custom_domain(&self, domain: &DataType) -> bool {
        matches_any(&self.config.domains_as_types, &domain.name.name)
    }

    fn sql_type(&self, schema: &'c str, sql_name: &'c str) -> SqlType<'c> {
        let rust_name = rust_type_name(sql_name);
        let is_custom = self.config.define_missing_types
            && KNOWN_TYPES.binary_search(&rust_name.as_str()).is_err()
            && !matches_any(&self.config.except_type_definitions, &rust_name);
        SqlType {
            schema: not_public(schema),
            sql_name,
            rust_name,
            is_custom,
        }
    }
}

pub(super) fn not_public(schema: &str) -> Option<&str> {
    (schema != PUBLIC).then_some(schema)
}

fn matches_any(patterns: &[Regex], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_types_are_sorted() {
        assert!(KNOWN_TYPES.is_sorted());
    }
}
