//! The status of a row: an enum that gets one more value, which is used later.

use super::super::entity::Entity;
use super::super::migration::Migration;
use super::table::Table;
use super::tables::in_folder;

pub(super) fn introduce(table: &Table) -> Migration {
    let name = table.name();
    let status = table.beside("status");
    let (values, initial) = first_values(table.entity);
    Migration::new(
        format!("give_{}_a_status", in_folder(table)),
        format!(
            r#"
CREATE TYPE {status} AS ENUM ({values});

ALTER TABLE {name} ADD COLUMN status {status} NOT NULL DEFAULT '{initial}';
"#
        ),
        format!(
            r#"
ALTER TABLE {name} DROP COLUMN status;

DROP TYPE {status};
"#
        ),
    )
}

pub(super) fn add_value(table: &Table) -> Migration {
    let name = table.name();
    let status = table.beside("status");
    let old = format!("{}_status_old", table.entity.table);
    let qualified_old = table.in_schema(&old);
    let (values, initial) = first_values(table.entity);
    let later = table.entity.later_state;
    Migration::new(
        format!("add_status_{later}_to_{}", in_folder(table)),
        format!("ALTER TYPE {status} ADD VALUE '{later}' AFTER '{initial}';\n"),
        format!(
            r#"
-- PostgreSQL cannot take a value away, so the type is built anew.
ALTER TABLE {name} ALTER COLUMN status DROP DEFAULT;
ALTER TYPE {status} RENAME TO {old};
CREATE TYPE {status} AS ENUM ({values});
ALTER TABLE {name} ALTER COLUMN status TYPE {status} USING status::text::{status};
ALTER TABLE {name} ALTER COLUMN status SET DEFAULT '{initial}';
DROP TYPE {qualified_old};
"#
        ),
    )
}

pub(super) fn use_value(table: &Table) -> Migration {
    let name = table.name();
    let amount = table.entity.amount;
    let later = table.entity.later_state;
    let (_, initial) = first_values(table.entity);
    let index = format!("{}_current_idx", table.entity.table);
    let qualified_index = table.in_schema(&index);
    Migration::new(
        format!("use_status_{later}_of_{}", in_folder(table)),
        format!(
            r#"
UPDATE {name} SET status = '{later}' WHERE {amount} = 0;

CREATE INDEX {index} ON {name} (created_at DESC NULLS LAST)
    INCLUDE ({amount})
    WHERE status <> '{later}';
"#
        ),
        format!(
            r#"
DROP INDEX {qualified_index};

UPDATE {name} SET status = '{initial}' WHERE status = '{later}';
"#
        ),
    )
}

/// The values as a list for SQL, and the one a row begins with.
fn first_values(entity: &Entity) -> (String, &'static str) {
    let quoted: Vec<_> = entity.states.iter().map(|s| format!("'{s}'")).collect();
    (quoted.join(", "), entity.states[0])
}
