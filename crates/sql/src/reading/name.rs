//! Names in the tree.

use squawk_syntax::ast::normalize_name_node;
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::Written;
use crate::token::cut;

/// The name that a node of any kind holds.
pub(super) fn written(node: &SyntaxNode) -> Written {
    let segments: Vec<String> = node
        .descendants()
        .filter(|node| {
            matches!(
                node.kind(),
                SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF
            )
        })
        .map(|segment| cut(normalize_name_node(&segment)))
        .collect();
    if segments.is_empty() {
        Written(vec![simple(node)])
    } else {
        Written(segments)
    }
}

/// A name of one part.
pub(super) fn simple(node: &SyntaxNode) -> String {
    cut(normalize_name_node(node))
}

/// The name of a function that is called: a name, or a field of a field of a name.
pub(super) fn called(node: &SyntaxNode) -> Option<Written> {
    match node.kind() {
        SyntaxKind::NAME_REF => Some(Written(vec![simple(node)])),
        SyntaxKind::FIELD_EXPR => {
            let names = node
                .descendants()
                .filter(|node| node.kind() == SyntaxKind::NAME_REF);
            Some(Written(names.map(|name| simple(&name)).collect()))
        }
        _ => None,
    }
}

/// A name in a string, as `nextval` takes it: `'app."Odd name"'`.
pub(super) fn in_string(text: &str) -> Option<Written> {
    let parse = squawk_syntax::SourceFile::parse(&format!("table {text}"));
    if !parse.errors().is_empty() {
        return None;
    }
    let tree = parse.syntax_node();
    let name = tree
        .descendants()
        .find(|node| node.kind() == SyntaxKind::RELATION_NAME_REF)?;
    Some(written(&name))
}
