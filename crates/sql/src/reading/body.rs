//! Routines and blocks, and what stands in their bodies.

use squawk_syntax::ast::{AstNode, CreateFunction, CreateProcedure, Do, Literal};
use squawk_syntax::plpgsql::Plpgsql;
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use crate::act::{Creation, Deed, Opaque};
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

use super::change::{own_path, own_settings};
use super::everybodys;
use super::targets;
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

/// A statement in a string: read where it is the whole of it.
pub(super) fn dynamic(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let literal = child(node, SyntaxKind::PLPGSQL_EXPR).and_then(|expr| only_literal(&expr));
    let text = literal.clone().and_then(Literal::cast);
    let text = text.and_then(|text| text.string_value());
    let parse = text.map(|text| SourceFile::parse(&text));
    match (literal, parse) {
        (Some(literal), Some(parse)) if parse.errors().is_empty() => {
            walk.string(&parse.syntax_node(), &literal);
        }
        _ => walk.opaque(Opaque::DynamicSql, node),
    }
    walk.children(node);
}

/// The literal that is the whole of an expression.
fn only_literal(expr: &SyntaxNode) -> Option<SyntaxNode> {
    let literal = expr
        .descendants()
        .find(|node| node.kind() == SyntaxKind::LITERAL)?;
    (literal.text() == expr.text()).then_some(literal)
}

pub(super) fn block(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(language) = child(node, SyntaxKind::DO_LANGUAGE) {
        everybodys::in_language(walk, &language);
    }
    let body = Do::cast(node.clone()).and_then(|block| block.plpgsql());
    match body {
        Some(body) => plpgsql_body(walk, &body, false, node),
        None => walk.opaque(Opaque::OtherLanguage, node),
    }
}

/// A routine that is created: its name, its arguments, its body.
pub(super) fn routine(walk: &mut Walk<'_>, node: &SyntaxNode, kind: ObjectKind) {
    let name = node.children().find(|child| {
        matches!(
            child.kind(),
            SyntaxKind::FUNCTION_NAME | SyntaxKind::PROCEDURE_NAME | SyntaxKind::AGGREGATE_NAME
        )
    });
    let Some(name) = name else { return };
    let arguments = child(node, SyntaxKind::PARAM_LIST);
    let creation = Creation {
        replace: child(node, SyntaxKind::OR_REPLACE).is_some(),
        arguments: arguments.map(|list| argument_types(&list)),
        ..Creation::of(kind)
    };
    walk.act(Class::Routine, &name, Deed::Create(creation));
    let options = child(node, SyntaxKind::FUNC_OPTION_LIST);
    if let Some(options) = &options {
        for language in children(options, SyntaxKind::LANGUAGE_FUNC_OPTION) {
            everybodys::in_language(walk, &language);
        }
        own_settings(walk, options);
    }
    // The functions that an aggregate is put together of.
    for attributes in children(node, SyntaxKind::ATTRIBUTE_LIST) {
        walk.children(&attributes);
    }
    let path = options.and_then(|options| own_path(&options));
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
    walk.later_body(true);
    if let Some(body) = sql {
        match body.errors().is_empty() {
            true => walk.body(&body, true, false).children(&body.syntax()),
            false => walk.opaque(Opaque::Unparsed, node),
        }
    } else if let Some(body) = plpgsql {
        plpgsql_body(walk, &body, true, node);
    } else if let Some(body) = child(node, SyntaxKind::ATOMIC_BODY) {
        walk.later(&body);
    } else if let Some(body) = child(node, SyntaxKind::RETURN_STMT) {
        walk.later(&body);
    }
    walk.later_body(false);
    if path.is_some() {
        walk.within(None);
    }
}

/// What a body does. Its places are given back as places of the file.
fn plpgsql_body(walk: &mut Walk<'_>, body: &Plpgsql, later: bool, node: &SyntaxNode) {
    match targets::parsed(body) {
        Some(tree) => walk.body(body, later, true).children(&tree),
        None => walk.opaque(Opaque::Unparsed, node),
    }
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
            .map(|node| node.text().to_string())
            .collect();
        Some(spelled(&text.join(" ")))
    });
    types.collect::<Vec<_>>().join(", ")
}

/// The name of a type, spelled one way.
pub(super) fn spelled(text: &str) -> String {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let alias = ALIASES.iter().find(|(alias, _)| *alias == text);
    alias.map_or(text.clone(), |(_, full)| (*full).to_owned())
}
