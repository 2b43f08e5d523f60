//! Statements that drop.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::{Deed, Opaque};
use crate::verb::Verb;
use migrate_text::class::Class;

use super::body::argument_types;
use super::name::{simple, written};
use super::walk::{Walk, cascades, child};

/// Reads a statement that drops something; whether it is one.
pub(super) fn statement(walk: &mut Walk<'_>, node: &SyntaxNode) -> bool {
    let class = match node.kind() {
        SyntaxKind::DROP_TABLE
        | SyntaxKind::DROP_FOREIGN_TABLE
        | SyntaxKind::DROP_VIEW
        | SyntaxKind::DROP_MATERIALIZED_VIEW
        | SyntaxKind::DROP_SEQUENCE
        | SyntaxKind::DROP_INDEX => Class::Relation,
        SyntaxKind::DROP_TYPE | SyntaxKind::DROP_DOMAIN => Class::Type,
        SyntaxKind::DROP_FUNCTION
        | SyntaxKind::DROP_PROCEDURE
        | SyntaxKind::DROP_ROUTINE
        | SyntaxKind::DROP_AGGREGATE => {
            routines(walk, node);
            return true;
        }
        SyntaxKind::DROP_SCHEMA => Class::Schema,
        SyntaxKind::DROP_EXTENSION => Class::Extension,
        SyntaxKind::DROP_TRIGGER => {
            part_of_table(walk, node, SyntaxKind::TRIGGER_REF, Verb::DropTriggerOf);
            return true;
        }
        SyntaxKind::DROP_POLICY => {
            part_of_table(walk, node, SyntaxKind::POLICY_REF, Verb::DropPolicyOf);
            return true;
        }
        SyntaxKind::DROP_RULE => {
            part_of_table(walk, node, SyntaxKind::RULE_REF, Verb::DropRuleOf);
            return true;
        }
        SyntaxKind::DROP_OWNED => {
            walk.opaque(Opaque::Sweeping, node);
            return true;
        }
        SyntaxKind::DROP_ACCESS_METHOD
        | SyntaxKind::DROP_COLLATION
        | SyntaxKind::DROP_FOREIGN_DATA_WRAPPER
        | SyntaxKind::DROP_LANGUAGE
        | SyntaxKind::DROP_OPERATOR
        | SyntaxKind::DROP_OPERATOR_CLASS
        | SyntaxKind::DROP_OPERATOR_FAMILY
        | SyntaxKind::DROP_SERVER
            if cascades(node) =>
        {
            walk.opaque(Opaque::Sweeping, node);
            return true;
        }
        _ => return false,
    };
    let cascade = cascades(node);
    let dropped: Vec<SyntaxNode> = node.children().filter(is_reference).collect();
    for name in dropped {
        walk.act(class, &name, Deed::Drop { cascade });
    }
    true
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
    )
}

/// Routines, with their arguments where they are given.
fn routines(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let cascade = cascades(node);
    for signature in signatures(node) {
        walk.act_on(
            Class::Routine,
            written(&signature),
            &signature,
            Deed::Drop { cascade },
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
fn part_of_table(walk: &mut Walk<'_>, node: &SyntaxNode, part: SyntaxKind, verb: Verb) {
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
