//! Which tables can be joined by `joinable!`, and which are connected.

use std::collections::BTreeMap;

use migrate_catalog::Relation;
use migrate_text::name::QualifiedName;

use super::model::{Join, Table};
use super::names::rust_name;

/// All foreign keys from one table to another, run together as Diesel does: two keys of one
/// column each look to it like one key of two columns.
#[derive(Default)]
struct Keys<'c> {
    columns: Vec<&'c str>,
    referenced: Vec<&'c str>,
}

/// The foreign keys that `joinable!` can express: one column that points at the other table's
/// primary key, with no second way between the two tables in either direction.
///
/// `tables` and `relations` are the same tables in the same order.
pub(super) fn joins<'c>(tables: &[Table<'c>], relations: &[&'c Relation]) -> Vec<Join> {
    let keys = foreign_keys(relations);
    let is_only_way = |child: usize, parent: usize, keys_of_pair: &Keys<'_>| {
        keys_of_pair.columns.len() == 1 && !keys.contains_key(&(parent, child))
    };
    keys.iter()
        .filter(|&(&(child, parent), pair)| child != parent && is_only_way(child, parent, pair))
        .filter(|&(&(_, parent), pair)| tables[parent].primary_key == pair.referenced)
        .map(|(&(child, parent), pair)| Join {
            child,
            parent,
            column: rust_name(pair.columns[0], Some(&tables[child].rust_name)).into_owned(),
        })
        .collect()
}

fn foreign_keys<'c>(relations: &[&'c Relation]) -> BTreeMap<(usize, usize), Keys<'c>> {
    let places: BTreeMap<&QualifiedName, usize> = relations
        .iter()
        .enumerate()
        .map(|(place, relation)| (&relation.name, place))
        .collect();
    let mut keys: BTreeMap<(usize, usize), Keys<'c>> = BTreeMap::new();
    for (child, relation) in relations.iter().enumerate() {
        for (constraint, reference) in relation.foreign_keys() {
            if let Some(&parent) = places.get(&reference.table) {
                let pair = keys.entry((child, parent)).or_default();
                pair.columns
                    .extend(constraint.columns.iter().map(String::as_str));
                pair.referenced
                    .extend(reference.columns.iter().map(String::as_str));
            }
        }
    }
    keys
}

/// The tables in groups that joins connect, directly or over others; each in order.
pub(super) fn connected(count: usize, joins: &[Join]) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); count];
    for join in joins {
        neighbours[join.child].push(join.parent);
        neighbours[join.parent].push(join.child);
    }
    let mut seen = vec![false; count];
    let mut groups = Vec::new();
    for start in 0..count {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut group = vec![start];
        let mut next = 0;
        while let Some(&table) = group.get(next) {
            next += 1;
            for &neighbour in &neighbours[table] {
                if !std::mem::replace(&mut seen[neighbour], true) {
                    group.push(neighbour);
                }
            }
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(child: usize, parent: usize) -> Join {
        Join {
            child,
            parent,
            column: "c".to_owned(),
        }
    }

    #[test]
    fn groups_are_what_joins_connect() {
        let joins = [join(4, 1), join(1, 0), join(3, 5)];
        let groups = connected(6, &joins);
        assert_eq!(groups, [vec![0, 1, 4], vec![2], vec![3, 5]]);
    }
}
