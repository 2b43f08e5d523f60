//! Routines and blocks, and what stands in their bodies.

use squawk_syntax::ast::{AstNode, CreateFunction, CreateProcedure, Do};
use squawk_syntax::body::{Body, BodyLanguage};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::attribution::act::{Creation, Deed, Opaque};
use crate::ownership::Class;

use super::change::own_path;
use super::walk::{Walk, child, children};

/// Other names of types, as `format_type` of PostgreSQL would not print them.
const ALIASES: [(&str, &str); 12] = [
    ("int", "integer"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("int2", "smallint"),
    ("bool", "boolean"),
    ("float8", "double precision"),
    ("float4", "real"),
    ("decimal", "numeric"),
    ("varchar", "character varying"),
    ("timestamptz", "timestamp with time zone"),
    ("timetz", "time with time zone"),
    ("bpchar", "character"),
];

/// Reads a block, or a statement in one that is put together when it runs; whether it is one.
pub(super) fn statement(walk: &mut Walk<'_>, node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::DO => block(walk, node),
        SyntaxKind::PLPGSQL_DYN_EXECUTE_STMT
        | SyntaxKind::PLPGSQL_FOR_DYN_STMT
        | SyntaxKind::PLPGSQL_OPEN_EXECUTE
        | SyntaxKind::PLPGSQL_RETURN_QUERY_EXECUTE_STMT => {
            walk.opaque(Opaque::DynamicSql, node);
            walk.children(node);
        }
        _ => return false,
    }
    true
}

fn block(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let body = Do::cast(node.clone()).and_then(|block| block.plpgsql());
    match body {
        Some(body) => read(walk, &body, false, true, node),
        None => walk.opaque(Opaque::OtherLanguage, node),
    }
}

/// A routine that is created: its name, its arguments, its body.
pub(super) fn routine(walk: &mut Walk<'_>, node: &SyntaxNode, kind: &'static str) {
    let name = node.children().find(|child| {
        matches!(
            child.kind(),
            SyntaxKind::FUNCTION_NAME | SyntaxKind::PROCEDURE_NAME | SyntaxKind::AGGREGATE_NAME
        )
    });
    let Some(name) = name else { return };
    let arguments = child(node, SyntaxKind::PARAM_LIST);
    let creation = Creation {
        kind,
        replace: child(node, SyntaxKind::OR_REPLACE).is_some(),
        arguments: arguments.map(|list| argument_types(&list)),
        ..Creation::default()
    };
    walk.act(Class::Routine, &name, Deed::Create(creation));
    let path = child(node, SyntaxKind::FUNC_OPTION_LIST).and_then(|options| own_path(&options));
    if let Some(path) = &path {
        walk.within(Some(path.clone()));
    }
    let function = CreateFunction::cast(node.clone());
    let procedure = CreateProcedure::cast(node.clone());
    let sql = function
        .as_ref()
        .and_then(CreateFunction::sql_body)
        .or_else(|| procedure.as_ref().and_then(CreateProcedure::sql_body));
    let plpgsql = function
        .as_ref()
        .and_then(CreateFunction::plpgsql)
        .or_else(|| procedure.as_ref().and_then(CreateProcedure::plpgsql));
    if let Some(body) = sql {
        read(walk, &body, true, false, node);
    } else if let Some(body) = plpgsql {
        read(walk, &body, true, true, node);
    } else if let Some(body) = child(node, SyntaxKind::ATOMIC_BODY) {
        walk.later(&body);
    } else if let Some(body) = child(node, SyntaxKind::RETURN_STMT) {
        walk.later(&body);
    }
    if path.is_some() {
        walk.within(None);
    }
}

/// What a body does. Its places are given back as places of the file.
fn read<T: BodyLanguage>(
    walk: &mut Walk<'_>,
    body: &Body<T>,
    later: bool,
    in_plpgsql: bool,
    node: &SyntaxNode,
) {
    if !body.errors().is_empty() {
        walk.opaque(Opaque::Unparsed, node);
        return;
    }
    walk.body(body, later, in_plpgsql).children(&body.syntax());
}

/// The types of a routine's arguments without their names and defaults, spelled one way, so that
/// two routines of one name can be told apart.
pub(super) fn argument_types(list: &SyntaxNode) -> String {
    let types = children(list, SyntaxKind::PARAM).filter_map(|parameter| {
        let is_type = |node: &SyntaxNode| {
            !matches!(
                node.kind(),
                SyntaxKind::PARAM_NAME | SyntaxKind::PARAM_DEFAULT | SyntaxKind::PARAM_IN
            )
        };
        if child(&parameter, SyntaxKind::PARAM_OUT).is_some() {
            return None;
        }
        let text: Vec<String> = parameter
            .children()
            .filter(is_type)
            .map(|node| node.text().to_string().to_lowercase())
            .collect();
        let text = text.join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let alias = ALIASES.iter().find(|(alias, _)| *alias == text);
        Some(alias.map_or(text.clone(), |(_, full)| (*full).to_owned()))
    });
    types.collect::<Vec<_>>().join(", ")
}
