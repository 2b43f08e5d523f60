//! Printing a whole database, or a schema of it, as `diesel print-schema` does.

use migrate_catalog::{Catalog, Relation};
use migrate_text::causes::Cause;

use super::config::PrintConfig;
use super::infer::{Inference, PUBLIC, is_table};
use super::joins::joins;
use super::layout::Layout;
use super::model::{Join, Table};
use super::names::rust_name;
use super::printed::{HEADER, PrintError, Printed, groups, settle};
use super::render;
use super::text::Text;

/// Prints what `diesel print-schema` prints for a section of `diesel.toml`.
pub fn print(catalog: &Catalog, config: &PrintConfig) -> Result<Printed, PrintError> {
    let schema = config.schema.as_deref().unwrap_or(PUBLIC);
    // Diesel sorts by name, and so does the catalog.
    let relations: Vec<&Relation> = catalog
        .relations
        .values()
        .filter(|relation| relation.name.schema == schema && is_table(relation))
        .filter(|relation| config.filter.admits(&relation.name.name))
        .collect();
    let mut inference = Inference::new(catalog, config);
    let tables = relations
        .iter()
        .map(|relation| inference.table(relation))
        .collect::<Result<Vec<_>, _>>()?;
    let joins = joins(&tables, &relations);

    let write = |layout| whole(&tables, &joins, config, layout);
    let mut printed = settle(&tables, config, inference.into_warnings(), write);
    if let Some(patch) = &config.patch {
        printed.text = patched(&printed.text, patch)?;
    }
    Ok(printed)
}

fn whole(tables: &[Table<'_>], joins: &[Join], config: &PrintConfig, layout: Layout) -> String {
    let mut text = Text::new();
    text.line(format_args!("{HEADER}"));
    let module = config.schema.as_deref().map(|s| rust_name(s, None));
    if layout == Layout::Plain || module.is_some() || !tables.is_empty() {
        text.end_line();
    }
    match &module {
        Some(module) if layout == Layout::Formatted && tables.is_empty() => {
            text.line(format_args!("pub mod {module} {{}}"));
            return text.finish();
        }
        Some(module) => {
            text.line(format_args!("pub mod {module} {{"));
            text.indent();
        }
        None => {}
    }
    render::tables(&mut text, tables, config, layout);
    render::joinable(&mut text, joins, |place| {
        tables[place].rust_name.to_string()
    });
    let groups: Vec<Vec<&str>> = groups(tables.len(), joins, config.same_query)
        .iter()
        .map(|group| {
            group
                .iter()
                .map(|&place| &*tables[place].rust_name)
                .collect()
        })
        .collect();
    render::same_query(&mut text, layout, &groups);
    if module.is_some() {
        text.outdent();
        text.line(format_args!("}}"));
    }
    text.finish()
}

fn patched(text: &str, patch: &str) -> Result<String, PrintError> {
    let patch = diffy::Patch::from_str(patch).map_err(|error| PrintError::NotAPatch {
        error: Cause::of(error),
    })?;
    diffy::apply(text, &patch).map_err(|error| PrintError::PatchDoesNotApply {
        error: Cause::of(error),
    })
}
