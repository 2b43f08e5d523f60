//! Schemas, tables and their first rows.

use super::super::entity::Entity;
use super::super::migration::Migration;
use super::table::Table;

pub(super) fn open_schema(table: &Table) -> Migration {
    let schema = &table.schema;
    Migration::new(
        format!("open_{schema}_schema"),
        format!(
            r#"
CREATE SCHEMA {schema};

COMMENT ON SCHEMA {schema} IS 'Owned by the {schema} team; ask before you touch it';
"#
        ),
        format!("DROP SCHEMA {schema};\n"),
    )
}

pub(super) fn create(table: &Table) -> Migration {
    let name = table.name();
    let entity = table.entity;
    let mut lines = vec![
        entity.key.definition().to_owned(),
        format!("{} text NOT NULL", entity.label),
        format!("{} numeric(12,2) NOT NULL DEFAULT 0", entity.amount),
    ];
    lines.extend(entity.columns.iter().map(|column| (*column).to_owned()));
    if let Some(parent) = &table.parent {
        let reference = if parent.from_the_start {
            format!(" REFERENCES {} (id) ON DELETE SET NULL", parent.table)
        } else {
            String::new()
        };
        lines.push(format!("{} {}{reference}", parent.column, parent.key_type));
    }
    lines.push("created_at timestamptz NOT NULL DEFAULT now()".to_owned());
    let lines = lines.join(",\n    ");
    Migration::new(
        format!("create_{}", in_folder(table)),
        format!("CREATE TABLE {name} (\n    {lines}\n);\n"),
        format!("DROP TABLE {name};\n"),
    )
}

/// Rows for later changes to work on, with text a careless splitter stumbles over.
pub(super) fn insert_first_rows(table: &Table) -> Migration {
    let name = table.name();
    let Entity {
        label,
        amount,
        singular,
        ..
    } = table.entity;
    Migration::new(
        format!("insert_first_{}", in_folder(table)),
        format!(
            r#"
-- The rows everybody's tests rely on; do not "clean up".
insert into {name} ({label}, {amount}) values
    ('First {singular}; keep', 10.00),
    ('O''Neill & Sons -- {singular}', 20.50), -- ; not the end
    (E'{singular}\t/* tab; quote \' backslash \\', 0);
"#
        ),
        format!(
            r#"
delete from {name}
where {label} in (
    'First {singular}; keep',
    'O''Neill & Sons -- {singular}',
    E'{singular}\t/* tab; quote \' backslash \\'
);
"#
        ),
    )
}

/// Data only: a row in the settings every part of the company shares.
pub(super) fn configure(table: &Table) -> Migration {
    let key = format!("{}.{}.page_size", table.schema, table.entity.table);
    let size = 10 + table.turn * 5;
    Migration::new(
        format!("configure_{}", in_folder(table)),
        format!(
            r#"
INSERT INTO app_settings (key, value, note)
VALUES ('{key}', '{size}', 'rows per page; "all" is not allowed')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;
"#
        ),
        format!("DELETE FROM app_settings WHERE key = '{key}';\n"),
    )
}

/// How the folder of a migration calls the table.
pub(super) fn in_folder(table: &Table) -> String {
    table.name().replace('.', "_")
}
