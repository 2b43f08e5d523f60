//! Where a history creates a table.

use crate::history::History;
use migrate_sql::created_table;
use migrate_text::name::QualifiedName;
use migrate_text::source::Location;

/// The statement that creates a table: the last of this name in the history, as far as the text
/// tells. `None` when it is created in a way that the text does not show.
pub fn created_in(history: &History, table: &QualifiedName) -> Option<Location> {
    let newest_first = history.migrations().iter().rev();
    newest_first
        .filter_map(|migration| {
            let span = created_table(migration.up.text(), &table.schema, &table.name)?;
            Some(Location {
                file: migration.up.clone(),
                span,
            })
        })
        .next()
}
