//! What people want to know about a table: views, comments, statistics.

use super::super::entity::Entity;
use super::super::migration::Migration;
use super::table::Table;
use super::tables::in_folder;

pub(super) fn create_overview(table: &Table) -> Migration {
    let view = table.beside("overview");
    let query = overview(table);
    Migration::new(
        format!("create_overview_of_{}", in_folder(table)),
        format!("CREATE VIEW {view} AS\n{query};\n"),
        format!("DROP VIEW {view};\n"),
    )
}

/// A view can be replaced by one with more columns, but not by one with fewer.
pub(super) fn extend_overview(table: &Table) -> Migration {
    let name = table.name();
    let view = table.beside("overview");
    let amount = table.entity.amount;
    let old_query = overview(table);
    let query = old_query.replace(
        &format!("\nFROM {name} AS t"),
        &format!(",\n    rank() OVER (ORDER BY t.{amount} DESC) AS place\nFROM {name} AS t"),
    );
    Migration::new(
        format!("extend_overview_of_{}", in_folder(table)),
        format!("CREATE OR REPLACE VIEW {view} AS\n{query};\n"),
        format!("DROP VIEW {view};\n\nCREATE VIEW {view} AS\n{old_query};\n"),
    )
}

fn overview(table: &Table) -> String {
    let name = table.name();
    let Entity {
        label,
        amount,
        singular,
        ..
    } = table.entity;
    format!(
        r#"SELECT
    t.id,
    t.{label} AS "{singular}",
    CASE WHEN t.{amount} > 1000 THEN 'large' ELSE 'small' END AS size,
    t.status::text AS status
FROM {name} AS t
WHERE t.{label} !~ '^--'"#
    )
}

pub(super) fn describe(table: &Table) -> Migration {
    let name = table.name();
    let Entity {
        label,
        amount,
        singular,
        ..
    } = table.entity;
    Migration::new(
        format!("describe_{}", in_folder(table)),
        format!(
            r#"
comment on table {name} is 'One row for each {singular}; see the handbook, “Stammdaten”, § 4';
comment on column {name}.{label} is E'What people type to find a {singular}\nIt''s not unique';
comment on column {name}.{amount} is 'In €; never negative';
"#
        ),
        format!(
            r#"
comment on column {name}.{amount} is null;
comment on column {name}.{label} is null;
comment on table {name} is null;
"#
        ),
    )
}

pub(super) fn gather_statistics(table: &Table) -> Migration {
    let name = table.name();
    let amount = table.entity.amount;
    let statistics = table.beside("by_status");
    Migration::new(
        format!("gather_statistics_of_{}", in_folder(table)),
        format!(
            r#"
CREATE STATISTICS {statistics} (ndistinct, dependencies, mcv)
    ON status, {amount} FROM {name};

ANALYZE {name};
"#
        ),
        format!("DROP STATISTICS {statistics};\n"),
    )
}

pub(super) fn summarise_by_month(table: &Table) -> Migration {
    let name = table.name();
    let amount = table.entity.amount;
    let view = table.beside("by_month");
    let index = format!("{}_by_month_key", table.entity.table);
    Migration::new(
        format!("summarise_{}_by_month", in_folder(table)),
        format!(
            r#"
CREATE MATERIALIZED VIEW {view} AS
WITH months AS (
    SELECT date_trunc('month', created_at AT TIME ZONE 'UTC') AS month, {amount}
    FROM {name}
)
SELECT month, count(*) AS rows, sum({amount}) AS total
FROM months
GROUP BY month;

-- Without it REFRESH ... CONCURRENTLY refuses.
CREATE UNIQUE INDEX {index} ON {view} (month);
"#
        ),
        format!("DROP MATERIALIZED VIEW {view};\n"),
    )
}
