//! Statements about rows.

use squawk_syntax::ast::{AstNode, Literal};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::Deed;
use crate::verb::Verb;
use crate::way_out::WayOut;
use migrate_text::class::Class;

use super::name;
use super::walk::{Walk, below, cascades, child, has_word};

/// A statement that writes rows by a query.
pub(super) fn written(walk: &mut Walk<'_>, node: &SyntaxNode, verb: Verb) {
    if let Some(table) = target(node) {
        if let Some(way) = WayOut::of_table(name::written(&table).schema()) {
            walk.way_out(way, "", &table);
        }
        walk.act(Class::Relation, &table, Deed::Change(verb));
    }
    walk.children(node);
}

/// The table that is written: the first one named outside `WITH`.
fn target(node: &SyntaxNode) -> Option<SyntaxNode> {
    let name = node.children().find(|child| {
        matches!(
            child.kind(),
            SyntaxKind::RELATION_NAME_REF
                | SyntaxKind::RELATION_NAME
                | SyntaxKind::TABLE_RELATION_NAME
        )
    })?;
    match name.kind() {
        SyntaxKind::RELATION_NAME_REF => Some(name),
        _ => name.descendants().find(|node| {
            matches!(
                node.kind(),
                SyntaxKind::RELATION_NAME_REF | SyntaxKind::TABLE_NAME_REF
            )
        }),
    }
}

pub(super) fn truncate(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let cascade = cascades(node);
    let tables = node
        .descendants()
        .filter(|node| node.kind() == SyntaxKind::TABLE_NAME_REF);
    for table in tables.collect::<Vec<_>>() {
        walk.act(Class::Relation, &table, Deed::Truncate { cascade });
    }
}

pub(super) fn copy(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let table = child(node, SyntaxKind::COPY_TABLE)
        .and_then(|table| below(&table, SyntaxKind::TABLE_NAME_REF));
    if let Some(table) = table
        && child(node, SyntaxKind::COPY_FROM).is_some()
    {
        walk.act(Class::Relation, &table, Deed::Change(Verb::CopyInto));
    }
    copied_elsewhere(walk, node);
    walk.children(node);
}

/// A program of the server, or a file of it: a node of one kind is for both.
fn copied_elsewhere(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(other) = below(node, SyntaxKind::COPY_PROGRAM) else {
        return;
    };
    if has_word(&other, SyntaxKind::PROGRAM_KW) {
        walk.way_out(WayOut::CopyProgram, "", &other);
        return;
    }
    let file = other.descendants().find_map(Literal::cast);
    let file = file.and_then(|file| file.string_value());
    // There is nothing in that one, and nothing stays there.
    if file.as_deref() != Some("/dev/null") {
        walk.way_out(WayOut::ServerFiles, "", &other);
    }
}

/// Tables that are locked, which is no more than reading them but for what we keep our records in.
pub(super) fn lock(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let tables = node
        .descendants()
        .filter(|node| node.kind() == SyntaxKind::RELATION_NAME_REF);
    for table in tables.collect::<Vec<_>>() {
        walk.act(Class::Relation, &table, Deed::Read);
        walk.act(Class::Relation, &table, Deed::Change(Verb::Lock));
    }
}

pub(super) fn refresh(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(view) = child(node, SyntaxKind::VIEW_REF) {
        walk.act(Class::Relation, &view, Deed::Change(Verb::Refresh));
    }
}

/// Whether a statement is about a temporary object.
pub(super) fn is_temporary(node: &SyntaxNode) -> bool {
    child(node, SyntaxKind::TEMP).is_some()
        || child(node, SyntaxKind::INTO_CLAUSE)
            .is_some_and(|into| child(&into, SyntaxKind::TEMP).is_some())
        || has_word(node, SyntaxKind::TEMP_KW)
}
