//! What the company keeps records of.
//!
//! Every entity has the same parts, so that every template of a table's life fits it, and names
//! of its own for them, so that no two tables look alike.

mod office;
mod service;
mod shop;

use super::entity::Entity;

/// All entities in the order in which they are founded: a parent stands before its children.
pub(super) fn entities() -> impl Iterator<Item = &'static Entity> {
    [shop::ENTITIES, office::ENTITIES, service::ENTITIES]
        .into_iter()
        .flatten()
}

/// Finds an entity by its table.
pub(super) fn entity(table: &str) -> &'static Entity {
    entities()
        .find(|entity| entity.table == table)
        .unwrap_or_else(|| panic!("no entity has the table {table}"))
}

/// The code of the nth subsidiary.
pub(super) fn subsidiary(nth: usize) -> String {
    const COUNTRIES: [&str; 8] = ["de", "fr", "pl", "jp", "br", "in", "za", "ca"];
    COUNTRIES
        .get(nth)
        .map_or_else(|| format!("branch{nth}"), |country| (*country).to_owned())
}
