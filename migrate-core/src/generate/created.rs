//! Where a history creates a table.

use crate::history::History;
use crate::name::QualifiedName;
use crate::source::Location;
use crate::statement::created_table;

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
