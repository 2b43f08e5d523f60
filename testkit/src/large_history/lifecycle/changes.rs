//! Changes to columns, constraints and indexes.

use super::super::entity::{Entity, Retyped};
use super::super::migration::Migration;
use super::table::{Parent, Table};
use super::tables::in_folder;

pub(super) fn add_late_column(table: &Table) -> Migration {
    let name = table.name();
    let (column, sql_type, _) = table.entity.late;
    Migration::new(
        format!("add_{column}_to_{}", in_folder(table)),
        format!("ALTER TABLE {name} ADD COLUMN {column} {sql_type};\n"),
        format!("ALTER TABLE {name} DROP COLUMN {column};\n"),
    )
}

pub(super) fn require_late_column(table: &Table) -> Migration {
    let name = table.name();
    let (column, _, default) = table.entity.late;
    Migration::new(
        format!("require_{column}_of_{}", in_folder(table)),
        format!(
            r#"
UPDATE {name} SET {column} = {default} WHERE {column} IS NULL;

ALTER TABLE {name}
    ALTER COLUMN {column} SET DEFAULT {default},
    ALTER COLUMN {column} SET NOT NULL;
"#
        ),
        format!(
            r#"
ALTER TABLE {name}
    ALTER COLUMN {column} DROP NOT NULL,
    ALTER COLUMN {column} DROP DEFAULT;
"#
        ),
    )
}

pub(super) fn index_label(table: &Table) -> Migration {
    let name = table.name();
    let label = table.entity.label;
    let index = format!("{}_{label}_idx", table.entity.table);
    let qualified_index = table.in_schema(&index);
    Migration::new(
        format!("index_{label}_of_{}", in_folder(table)),
        format!(
            r#"
-- Concurrently; the shop is open.
CREATE INDEX CONCURRENTLY {index}
    ON {name} (lower({label}) text_pattern_ops);
"#
        ),
        format!("DROP INDEX CONCURRENTLY {qualified_index};\n"),
    )
    .outside_transaction()
}

pub(super) fn rename_column(table: &Table) -> Migration {
    let name = table.name();
    let (old, new) = table.entity.renamed;
    Migration::new(
        format!("rename_{old}_of_{}", in_folder(table)),
        format!("alter table {name} rename column {old} to {new};\n"),
        format!("alter table {name} rename column {new} to {old};\n"),
    )
}

pub(super) fn limit_amount(table: &Table) -> Migration {
    let name = table.name();
    let Entity {
        table: bare,
        amount,
        ..
    } = table.entity;
    Migration::new(
        format!("limit_{amount}_of_{}", in_folder(table)),
        format!(
            r#"
ALTER TABLE {name}
    ADD CONSTRAINT {bare}_{amount}_sane CHECK ({amount} BETWEEN 0 AND 9999999.99) NOT VALID;
"#
        ),
        format!("ALTER TABLE {name} DROP CONSTRAINT {bare}_{amount}_sane;\n"),
    )
}

pub(super) fn validate_amount_limit(table: &Table) -> Migration {
    let name = table.name();
    let Entity {
        table: bare,
        amount,
        ..
    } = table.entity;
    Migration::new(
        format!("validate_{amount}_of_{}", in_folder(table)),
        format!("ALTER TABLE {name} VALIDATE CONSTRAINT {bare}_{amount}_sane;\n"),
        format!(
            r#"
-- There is no "unvalidate".
ALTER TABLE {name}
    DROP CONSTRAINT {bare}_{amount}_sane,
    ADD CONSTRAINT {bare}_{amount}_sane CHECK ({amount} BETWEEN 0 AND 9999999.99) NOT VALID;
"#
        ),
    )
}

pub(super) fn change_type(table: &Table) -> Migration {
    let name = table.name();
    let Retyped {
        column,
        from,
        to,
        there,
        back,
    } = table.entity.retyped;
    Migration::new(
        format!("change_type_of_{}_{column}", in_folder(table)),
        format!("ALTER TABLE {name}\n    ALTER COLUMN {column} TYPE {to} USING ({there});\n"),
        format!("ALTER TABLE {name}\n    ALTER COLUMN {column} TYPE {from} USING ({back});\n"),
    )
}

pub(super) fn add_foreign_key(table: &Table) -> Migration {
    let (name, add, drop) = foreign_key(table);
    Migration::new(
        format!("add_foreign_key_to_{}", in_folder(table)),
        format!("ALTER TABLE {name}\n    {add};\n"),
        format!("ALTER TABLE {name}\n    {drop};\n"),
    )
}

pub(super) fn validate_foreign_key(table: &Table) -> Migration {
    let (name, add, drop) = foreign_key(table);
    let constraint = drop.trim_start_matches("DROP ");
    Migration::new(
        format!("validate_foreign_key_of_{}", in_folder(table)),
        format!("ALTER TABLE {name}\n    VALIDATE {constraint};\n"),
        format!("ALTER TABLE {name}\n    {drop},\n    {add};\n"),
    )
}

/// The table's name, and the actions that add and drop its foreign key.
fn foreign_key(table: &Table) -> (String, String, String) {
    let Parent {
        table: parent,
        column,
        ..
    } = parent_of(table);
    let constraint = format!("{}_{column}_fkey", table.entity.table);
    let add = format!(
        "ADD CONSTRAINT {constraint}\n        FOREIGN KEY ({column}) REFERENCES {parent} (id) NOT VALID"
    );
    (table.name(), add, format!("DROP CONSTRAINT {constraint}"))
}

pub(super) fn index_foreign_key(table: &Table) -> Migration {
    let name = table.name();
    let column = &parent_of(table).column;
    let index = format!("{}_{column}_idx", table.entity.table);
    let qualified_index = table.in_schema(&index);
    Migration::new(
        format!("index_{column}_of_{}", in_folder(table)),
        format!("create index concurrently if not exists {index} on {name} ({column})"),
        format!("drop index concurrently if exists {qualified_index}"),
    )
    .outside_transaction()
}

fn parent_of(table: &Table) -> &Parent {
    table
        .parent
        .as_ref()
        .expect("only tables with a parent go through this chapter")
}

pub(super) fn begin_import(table: &Table) -> Migration {
    let name = table.name();
    Migration::new(
        format!("begin_import_of_{}", in_folder(table)),
        format!(
            r#"
ALTER TABLE {name}
    ADD COLUMN import_batch uuid,
    ADD COLUMN import_line integer;

CREATE UNIQUE INDEX ON {name} (import_batch, import_line) WHERE import_batch IS NOT NULL;
"#
        ),
        format!(
            r#"
ALTER TABLE {name}
    DROP COLUMN import_batch,
    DROP COLUMN import_line;
"#
        ),
    )
}

pub(super) fn end_import(table: &Table) -> Migration {
    let import = begin_import(table);
    Migration::new(
        format!("end_import_of_{}", in_folder(table)),
        import.down(),
        import.up(),
    )
}

pub(super) fn make_searchable(table: &Table) -> Migration {
    let name = table.name();
    let label = table.entity.label;
    let index = format!("{}_search_idx", table.entity.table);
    Migration::new(
        format!("make_{}_searchable", in_folder(table)),
        format!(
            r#"
ALTER TABLE {name} ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, {label})) STORED;

CREATE INDEX {index} ON {name} USING gin (search);
"#
        ),
        format!("ALTER TABLE {name} DROP COLUMN search;\n"),
    )
}
