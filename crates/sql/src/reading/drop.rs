//! Statements that drop.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::Deed;
use crate::verb::Verb;
use migrate_text::class::Class;

use super::body::argument_types;
use super::name::{simple, written};
use super::walk::{Walk, cascades, child};

/// Objects that are dropped by their names.
pub(super) fn objects(walk: &mut Walk<'_>, node: &SyntaxNode, class: Class) {
    let deed = deed(node);
    let dropped: Vec<SyntaxNode> = node.children().filter(is_reference).collect();
    for name in dropped {
        walk.act(class, &name, deed.clone());
    }
}

/// How a statement drops.
fn deed(node: &SyntaxNode) -> Deed {
    Deed::Drop {
        cascade: cascades(node),
        if_exists: child(node, SyntaxKind::IF_EXISTS).is_some(),
    }
}

fn is_reference(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::TABLE_NAME_REF
            | SyntaxKind::VIEW_REF
            | SyntaxKind::SEQUENCE_REF
            | SyntaxKind::INDEX_REF
            | SyntaxKind::TYPE_NAME_REF
            | SyntaxKind::DOMAIN_REF
            | SyntaxKind::SCHEMA_REF
            | SyntaxKind::EXTENSION_REF
            | SyntaxKind::PROPERTY_GRAPH_REF
    )
}

/// Routines, with their arguments where they are given.
pub(super) fn routines(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let deed = deed(node);
    for signature in signatures(node) {
        walk.act_on(
            Class::Routine,
            written(&signature),
            &signature,
            deed.clone(),
        );
    }
}

/// The signatures below a node, each with its name first.
pub(super) fn signatures(node: &SyntaxNode) -> Vec<SyntaxNode> {
    let all = node.descendants().filter(|node| {
        matches!(
            node.kind(),
            SyntaxKind::FUNCTION_NAME_REF
                | SyntaxKind::PROCEDURE_NAME_REF
                | SyntaxKind::ROUTINE_NAME_REF
        ) || is_aggregate_name(node)
    });
    all.collect()
}

fn is_aggregate_name(node: &SyntaxNode) -> bool {
    node.kind() == SyntaxKind::PATH_REF
        && node
            .parent()
            .is_some_and(|parent| parent.kind() == SyntaxKind::AGGREGATE)
}

/// The argument types that stand beside a routine's name.
pub(super) fn arguments_beside(name: &SyntaxNode) -> Option<String> {
    let list = child(&name.parent()?, SyntaxKind::PARAM_LIST)?;
    Some(argument_types(&list))
}

/// A part of a table: the table is changed, and the part needs nothing any more.
pub(super) fn part_of_table(walk: &mut Walk<'_>, node: &SyntaxNode, part: SyntaxKind, verb: Verb) {
    let on = child(node, SyntaxKind::ON_RELATION).or(child(node, SyntaxKind::ON_TABLE));
    let Some(table) = on.and_then(|on| on.children().next()) else {
        return;
    };
    walk.act(Class::Relation, &table, Deed::Change(verb));
    if let Some(part) = child(node, part) {
        let part = simple(&part);
        walk.act(Class::Relation, &table, Deed::Forget { part });
    }
}
