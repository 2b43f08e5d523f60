//! What a service can make for itself besides tables, types and functions: publications, operators,
//! text search, collations and their like.

use squawk_syntax::ast::{AstNode, Type};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::{Creation, Deed, Written};
use crate::verb::{Common, Verb};
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

use super::body::spelled;
use super::change::renamed_or_moved;
use super::name::{simple, written};
use super::walk::{Walk, below, cascades, child, has_word};

/// An object that is created: its name, and what it is made with.
pub(super) fn create(walk: &mut Walk<'_>, node: &SyntaxNode, class: Class, kind: ObjectKind) {
    let Some(name) = node
        .children()
        .find(|child| class_of_new(child) == Some(class))
    else {
        return;
    };
    let creation = Creation {
        arguments: match class {
            Class::Operator => Some(operands_of_new(node)),
            _ => arguments(class, &name),
        },
        ..Creation::of(kind)
    };
    walk.act_on(class, name_of(&name), &name, Deed::Create(creation));
    // Clients whose encoding it is for are converted by it from now on.
    if kind == ObjectKind::Conversion && has_word(node, SyntaxKind::DEFAULT_KW) {
        let name = name_of(&name).name().to_owned();
        walk.for_all(Common::Given(kind), name, node);
    }
    walk.children(node);
}

/// A cast or transform, which has no name but those of what it is between.
pub(super) fn create_between(walk: &mut Walk<'_>, node: &SyntaxNode, kind: ObjectKind) {
    let Some((name, types)) = between(node) else {
        return;
    };
    let class = match kind {
        ObjectKind::Transform => Class::Transform,
        _ => Class::Cast,
    };
    walk.act_on(class, name, node, Deed::CreateFor { kind, types });
    walk.children(node);
}

/// Objects that are dropped.
pub(super) fn dropped(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let deed = Deed::Drop {
        cascade: cascades(node),
        if_exists: child(node, SyntaxKind::IF_EXISTS).is_some(),
    };
    let transform = node.kind() == SyntaxKind::DROP_TRANSFORM;
    if let Some((name, _)) = between(node).filter(|_| transform) {
        walk.act_on(Class::Transform, name, node, deed);
        return;
    }
    for name in references(node) {
        if let Some(class) = class_of(&name) {
            walk.act_on(class, name_of(&name), &name, deed.clone());
        }
    }
}

/// An object that is changed.
pub(super) fn altered(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(name) = references(node).into_iter().next() else {
        return;
    };
    let Some(class) = class_of(&name) else { return };
    walk.act_on(class, name_of(&name), &name, Deed::Change(Verb::Alter));
    for action in node.children().filter(|child| *child != name) {
        if !renamed_or_moved(walk, class, &name, &action) {
            walk.node(&action);
        }
    }
}

/// Statistics of a table, a part of it.
pub(super) fn statistics(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let table = child(node, SyntaxKind::FROM_TABLE)
        .and_then(|from| child(&from, SyntaxKind::TABLE_NAME_REF));
    if let Some(table) = &table {
        walk.act(Class::Relation, table, Deed::Change(Verb::KeepStatisticsOf));
    }
    if let Some(name) = child(node, SyntaxKind::STATISTICS) {
        let creation = Creation {
            of: table.as_ref().map(written),
            ..Creation::of(ObjectKind::Statistics)
        };
        walk.act(Class::Statistics, &name, Deed::Create(creation));
    }
    walk.children(node);
}

/// A publication, and the tables whose changes it sends elsewhere: without a key they cannot be
/// changed any more.
pub(super) fn publication(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let new = child(node, SyntaxKind::PUBLICATION);
    let named = new.clone().or(child(node, SyntaxKind::PUBLICATION_REF));
    let Some(named) = named else { return };
    let name = simple(&named);
    match new {
        Some(_) => create(walk, node, Class::Publication, ObjectKind::Publication),
        None => altered(walk, node),
    }
    if below(node, SyntaxKind::ALL_PUBLICATION_TABLES).is_some() {
        walk.for_all(Common::Publication, name.clone(), node);
    }
    let published: Vec<SyntaxNode> = node.descendants().collect();
    for object in published {
        match object.kind() {
            SyntaxKind::TABLE_NAME_REF => {
                walk.act(Class::Relation, &object, Deed::Change(Verb::Publish));
            }
            // With all that comes into the schema later.
            SyntaxKind::SCHEMA_REF => {
                walk.act(Class::Schema, &object, Deed::Change(Verb::Publish));
                let deed = Deed::ChangeAllIn(Verb::Publish, Class::Relation);
                walk.act(Class::Schema, &object, deed);
            }
            _ => {}
        }
    }
}

/// The names below a statement that are of its own objects, not of what these are made with.
fn references(node: &SyntaxNode) -> Vec<SyntaxNode> {
    let list = child(node, SyntaxKind::OP_SIG_LIST);
    let within = list.as_ref().unwrap_or(node);
    let direct = within.children().filter_map(|child| match child.kind() {
        SyntaxKind::OP_SIG => below(&child, SyntaxKind::OP),
        _ => class_of(&child).map(|_| child),
    });
    direct.collect()
}

/// The class of what a node names that is there already. Tables, types and functions are not here.
pub(super) fn class_of(node: &SyntaxNode) -> Option<Class> {
    Some(match node.kind() {
        SyntaxKind::OP => Class::Operator,
        SyntaxKind::OP_CLASS_REF => Class::OperatorClass,
        SyntaxKind::OP_FAMILY_REF => Class::OperatorFamily,
        SyntaxKind::CAST_SIG => Class::Cast,
        SyntaxKind::COLLATION_REF => Class::Collation,
        SyntaxKind::CONVERSION_REF => Class::Conversion,
        SyntaxKind::TEXT_SEARCH_CONFIGURATION_REF => Class::TextSearchConfiguration,
        SyntaxKind::TEXT_SEARCH_DICTIONARY_REF => Class::TextSearchDictionary,
        SyntaxKind::TEXT_SEARCH_PARSER_REF => Class::TextSearchParser,
        SyntaxKind::TEXT_SEARCH_TEMPLATE_REF => Class::TextSearchTemplate,
        SyntaxKind::STATISTICS_REF => Class::Statistics,
        SyntaxKind::PUBLICATION_REF => Class::Publication,
        SyntaxKind::SERVER_REF => Class::ForeignServer,
        SyntaxKind::FOREIGN_DATA_WRAPPER_REF => Class::ForeignDataWrapper,
        _ => return None,
    })
}

/// The class of what a node names that is new.
fn class_of_new(node: &SyntaxNode) -> Option<Class> {
    Some(match node.kind() {
        SyntaxKind::OP => Class::Operator,
        SyntaxKind::OP_CLASS_NAME => Class::OperatorClass,
        SyntaxKind::OP_FAMILY_NAME => Class::OperatorFamily,
        SyntaxKind::COLLATION => Class::Collation,
        SyntaxKind::CONVERSION => Class::Conversion,
        SyntaxKind::TEXT_SEARCH_CONFIGURATION => Class::TextSearchConfiguration,
        SyntaxKind::TEXT_SEARCH_DICTIONARY => Class::TextSearchDictionary,
        SyntaxKind::TEXT_SEARCH_PARSER => Class::TextSearchParser,
        SyntaxKind::TEXT_SEARCH_TEMPLATE => Class::TextSearchTemplate,
        SyntaxKind::PUBLICATION => Class::Publication,
        SyntaxKind::SERVER => Class::ForeignServer,
        SyntaxKind::FOREIGN_DATA_WRAPPER => Class::ForeignDataWrapper,
        _ => return None,
    })
}

/// The name that a node holds, whatever it is of.
pub(super) fn name_of(node: &SyntaxNode) -> Written {
    match node.kind() {
        SyntaxKind::OP => operator(node),
        SyntaxKind::CAST_SIG => between(node).map_or(Written(Vec::new()), |(name, _)| name),
        _ => written(node),
    }
}

/// An operator's name, `===` or `app.===`.
pub(super) fn operator(node: &SyntaxNode) -> Written {
    let schema = child(node, SyntaxKind::PATH_REF).map(|path| written(&path));
    let mut parts = schema.map_or_else(Vec::new, |schema| schema.0);
    parts.retain(|part| !part.is_empty());
    let symbol = node
        .children_with_tokens()
        .filter(|child| child.kind() != SyntaxKind::PATH_REF)
        .map(|child| child.to_string());
    parts.push(symbol.collect::<String>().trim().to_owned());
    Written(parts)
}

/// What tells an object from others of its name, where there may be several.
pub(super) fn arguments(class: Class, name: &SyntaxNode) -> Option<String> {
    let around = name.parent()?;
    match class {
        Class::Operator => Some(operands(&around)),
        Class::OperatorClass | Class::OperatorFamily => child(&around, SyntaxKind::USING_METHOD)
            .and_then(|using| {
                let method = using.children().next()?;
                Some(simple(&method))
            }),
        _ => None,
    }
}

/// The types beside an operator's name; `none` where one side has none.
fn operands(signature: &SyntaxNode) -> String {
    let operands = signature
        .children_with_tokens()
        .filter_map(|part| match part.kind() {
            SyntaxKind::OP | SyntaxKind::L_PAREN | SyntaxKind::R_PAREN | SyntaxKind::COMMA => None,
            SyntaxKind::NONE_KW => Some("none".to_owned()),
            _ => part
                .into_node()
                .map(|node| spelled(&node.text().to_string())),
        });
    operands.collect::<Vec<_>>().join(", ")
}

/// The same of an operator that is created.
fn operands_of_new(node: &SyntaxNode) -> String {
    let side = |name: &str| {
        let attributes = child(node, SyntaxKind::ATTRIBUTE_LIST)?;
        let is_side = |option: &SyntaxNode| {
            let named = child(option, SyntaxKind::ATTRIBUTE_NAME);
            named.is_some_and(|named| simple(&named) == name)
        };
        let option = attributes.children().find(is_side)?;
        let value = child(&option, SyntaxKind::ATTRIBUTE_VALUE)?;
        Some(spelled(&value.text().to_string()))
    };
    let none = || "none".to_owned();
    let (left, right) = (side("leftarg"), side("rightarg"));
    format!(
        "{}, {}",
        left.unwrap_or_else(none),
        right.unwrap_or_else(none)
    )
}

/// What a cast or transform is between, as its name, and the types among it.
fn between(node: &SyntaxNode) -> Option<(Written, Vec<Written>)> {
    let signature = match node.kind() {
        SyntaxKind::CAST_SIG => Some(node.clone()),
        _ => below(node, SyntaxKind::CAST_SIG),
    };
    let types_of = |node: &SyntaxNode| -> Vec<SyntaxNode> {
        let types = node.children().filter(|child| Type::can_cast(child.kind()));
        types.collect()
    };
    let texts = |types: &[SyntaxNode]| -> Vec<String> {
        let texts = types.iter().map(|node| spelled(&node.text().to_string()));
        texts.collect()
    };
    let (name, types) = match signature {
        Some(signature) => {
            let types = types_of(&signature);
            (texts(&types).join(" as "), types)
        }
        None => {
            let language = child(node, SyntaxKind::LANGUAGE_REF)?;
            let types = types_of(node);
            let name = format!("{} language {}", texts(&types).join(""), simple(&language));
            (name, types)
        }
    };
    Some((Written(vec![name]), types.iter().map(written).collect()))
}
