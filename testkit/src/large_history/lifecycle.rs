//! The lives of tables: founded, extended, tightened, reported on.
//!
//! A life is a list of chapters, a chapter a list of steps, a step one migration. Which chapters a
//! table goes through depends on its place in the company, so that no two lives are the same, and
//! the lives run side by side, so that a table's migrations are spread over the years.

mod changes;
mod reports;
mod routines;
mod status;
mod table;
mod tables;

use super::company::{entities, entity, subsidiary};
use super::entity::Entity;
use super::migration::Migration;
use table::{Parent, Table, qualified};

/// Writes one migration.
type Step = fn(&Table) -> Migration;

/// Steps that only make sense together, in this order, and who goes through them.
struct Chapter {
    concerns: fn(&Table) -> bool,
    steps: &'static [Step],
}

/// After the founding of a table, everything that may happen to it.
///
/// Columns are changed before views and triggers look at them, since PostgreSQL does not let a
/// column's type change under a view.
const CHAPTERS: &[Chapter] = &[
    Chapter {
        concerns: |table| table.turn % 4 != 1,
        steps: &[tables::insert_first_rows],
    },
    Chapter {
        concerns: |table| table.turn % 3 != 2,
        steps: &[changes::add_late_column, changes::require_late_column],
    },
    Chapter {
        concerns: |table| table.turn % 2 == 0,
        steps: &[changes::index_label],
    },
    Chapter {
        concerns: |_| true,
        steps: &[status::introduce],
    },
    Chapter {
        concerns: |table| table.turn % 3 != 0,
        steps: &[changes::rename_column],
    },
    Chapter {
        concerns: |table| table.turn % 2 == 1,
        steps: &[changes::limit_amount, changes::validate_amount_limit],
    },
    Chapter {
        concerns: |table| table.turn % 4 != 3,
        steps: &[changes::change_type],
    },
    Chapter {
        concerns: |table| table.parent.as_ref().is_some_and(|p| !p.from_the_start),
        steps: &[
            changes::add_foreign_key,
            changes::validate_foreign_key,
            changes::index_foreign_key,
        ],
    },
    Chapter {
        concerns: |table| table.turn % 3 == 1,
        steps: &[changes::begin_import, changes::end_import],
    },
    Chapter {
        concerns: |table| table.turn % 3 != 1,
        steps: &[routines::maintain_updated_at],
    },
    Chapter {
        concerns: |table| table.turn % 2 == 0,
        steps: &[status::add_value, status::use_value],
    },
    Chapter {
        concerns: |table| table.turn % 3 == 0,
        steps: &[reports::create_overview, reports::extend_overview],
    },
    Chapter {
        concerns: |table| table.turn % 4 == 2,
        steps: &[routines::record_changes, routines::raise_amounts],
    },
    Chapter {
        concerns: |table| table.turn % 3 == 2,
        steps: &[changes::make_searchable],
    },
    Chapter {
        concerns: |table| table.turn % 2 == 1,
        steps: &[reports::describe],
    },
    Chapter {
        concerns: |table| table.turn % 5 == 0,
        steps: &[routines::protect_rows],
    },
    Chapter {
        concerns: |table| table.turn % 4 == 3,
        steps: &[reports::gather_statistics],
    },
    Chapter {
        concerns: |table| table.turn % 5 == 3,
        steps: &[reports::summarise_by_month],
    },
    Chapter {
        concerns: |table| table.turn % 4 == 0,
        steps: &[routines::create_archiver],
    },
    Chapter {
        concerns: |table| table.turn % 8 == 5,
        steps: &[routines::keep_deleted_rows],
    },
    Chapter {
        concerns: |_| true,
        steps: &[tables::configure],
    },
];

/// The migrations of the head company and, without end, of its subsidiaries.
pub(super) fn all() -> impl Iterator<Item = Migration> {
    let head = std::iter::once(String::new());
    let subsidiaries = (0..).map(subsidiary);
    head.chain(subsidiaries)
        .enumerate()
        .flat_map(|(nth, code)| side_by_side(&found_company(&code, nth)))
}

/// The tables of one company; an empty code is the head company's.
fn found_company(code: &str, nth: usize) -> Vec<Table> {
    entities()
        .enumerate()
        .map(|(index, entity)| found_table(entity, code, index + nth))
        .collect()
}

fn found_table(entity_of_table: &'static Entity, code: &str, turn: usize) -> Table {
    let parent = entity_of_table.parent.map(|parent| {
        let parent = entity(parent);
        Parent {
            table: qualified(&company_schema(code, parent.schema), parent.table),
            key_type: parent.key.referring_type(),
            column: format!("{}_id", parent.singular),
            from_the_start: turn.is_multiple_of(2),
        }
    });
    Table {
        entity: entity_of_table,
        schema: company_schema(code, entity_of_table.schema),
        parent,
        turn,
    }
}

fn company_schema(code: &str, schema: &str) -> String {
    match (code, schema) {
        ("", _) => schema.to_owned(),
        (_, "public") => format!("{code}_core"),
        _ => format!("{code}_{schema}"),
    }
}

/// Lets the lives run side by side: each table is founded a little after the one before it, and
/// takes its time between two steps.
fn side_by_side(tables: &[Table]) -> Vec<Migration> {
    const BETWEEN_TABLES: usize = 4;
    const BETWEEN_STEPS: usize = 3;

    let mut dated = Vec::new();
    let mut schemas = vec!["public"];
    for (nth, table) in tables.iter().enumerate() {
        let founded = nth * BETWEEN_TABLES;
        if !schemas.contains(&table.schema.as_str()) {
            schemas.push(&table.schema);
            dated.push((founded, tables::open_schema(table)));
        }
        dated.push((founded, tables::create(table)));
        let life = CHAPTERS
            .iter()
            .filter(|chapter| (chapter.concerns)(table))
            .flat_map(|chapter| chapter.steps);
        for (step, write) in life.enumerate() {
            dated.push((founded + (step + 1) * BETWEEN_STEPS, write(table)));
        }
    }
    // A stable sort: what has the same date stays in the order it was written in.
    dated.sort_by_key(|(date, _)| *date);
    dated.into_iter().map(|(_, migration)| migration).collect()
}
