//! Statements that change what is there, and settings that change what names mean.

use squawk_syntax::ast::{AstNode, Literal};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::{Deed, PathScope, Written};
use crate::verb::{Common, Verb};
use migrate_text::class::Class;

use super::create::{column, constraint, owned_by};
use super::drop::signatures;
use super::everybodys;
use super::made;
use super::name::{simple, written};
use super::walk::{Walk, below, cascades, child, children};

/// The setting by which names without a schema are looked up.
const SEARCH_PATH: &str = "search_path";
/// The setting that keeps triggers from firing, and so foreign keys from being checked.
pub(super) const TRIGGERS_OFF: &str = "session_replication_role";

pub(super) fn table(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(name) = child(node, SyntaxKind::TABLE_RELATION_NAME)
        .and_then(|relation| below(&relation, SyntaxKind::TABLE_NAME_REF))
    else {
        everything_in_tablespace(walk, node);
        return;
    };
    let table = written(&name);
    walk.act(Class::Relation, &name, Deed::Change(Verb::Alter));
    for action in node.children() {
        match action.kind() {
            SyntaxKind::TABLE_RELATION_NAME => {}
            SyntaxKind::ADD_COLUMN => column(walk, &table, &action),
            SyntaxKind::ADD_CONSTRAINT => {
                for added in action.children() {
                    constraint(walk, &table, None, &added);
                }
            }
            SyntaxKind::ATTACH_PARTITION => {
                let of = table.clone();
                other_table(walk, &action, Deed::BecomePart { of });
            }
            SyntaxKind::DETACH_PARTITION => {
                other_table(walk, &action, Deed::Change(Verb::Detach));
            }
            SyntaxKind::INHERIT_TABLE => {
                other_table(walk, &action, Deed::Change(Verb::InheritFrom));
            }
            SyntaxKind::DROP_COLUMN => forget(walk, &name, &action, SyntaxKind::COLUMN_NAME_REF),
            SyntaxKind::DROP_CONSTRAINT => {
                forget(walk, &name, &action, SyntaxKind::CONSTRAINT_NAME_REF);
            }
            SyntaxKind::ALTER_COLUMN => {
                let part = child(&action, SyntaxKind::COLUMN_NAME_REF);
                let part = part.map(|name| simple(&name)).unwrap_or_default();
                walk.definition(&table, Some(part), &action);
            }
            _ => {
                if !renamed_or_moved(walk, Class::Relation, &name, &action) {
                    walk.definition(&table, Some(String::new()), &action);
                }
            }
        }
    }
}

/// `ALTER TABLE ALL IN TABLESPACE`: whose tables are there, no text says.
fn everything_in_tablespace(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let tablespace = below(node, SyntaxKind::TABLESPACE_REF);
    let name = tablespace.map_or_else(String::new, |tablespace| simple(&tablespace));
    walk.for_all(Common::Tablespace, name, node);
}

fn other_table(walk: &mut Walk<'_>, action: &SyntaxNode, deed: Deed) {
    if let Some(name) = below(action, SyntaxKind::TABLE_NAME_REF) {
        walk.act(Class::Relation, &name, deed);
    }
    walk.children(action);
}

/// A column or constraint is gone, and needs nothing any more.
fn forget(walk: &mut Walk<'_>, table: &SyntaxNode, action: &SyntaxNode, part: SyntaxKind) {
    if let Some(part) = child(action, part) {
        let part = written(&part).name().to_owned();
        if cascades(action) {
            walk.act(Class::Relation, table, Deed::DropKey { part: part.clone() });
        }
        walk.act(Class::Relation, table, Deed::Forget { part });
    }
}

/// Whether an action gives the object another name or schema. Both are found by the new name.
pub(super) fn renamed_or_moved(
    walk: &mut Walk<'_>,
    class: Class,
    name: &SyntaxNode,
    action: &SyntaxNode,
) -> bool {
    let deed = match action.kind() {
        SyntaxKind::SET_SCHEMA => {
            let Some(schema) = child(action, SyntaxKind::SCHEMA_REF) else {
                return false;
            };
            let at = walk.span(&schema);
            Deed::Move {
                to: simple(&schema),
                at,
            }
        }
        SyntaxKind::TABLE_RENAME_TO
        | SyntaxKind::VIEW_RENAME_TO
        | SyntaxKind::SEQUENCE_RENAME_TO
        | SyntaxKind::INDEX_RENAME_TO
        | SyntaxKind::TYPE_RENAME_TO
        | SyntaxKind::DOMAIN_RENAME_TO
        | SyntaxKind::FUNCTION_RENAME_TO
        | SyntaxKind::PROCEDURE_RENAME_TO
        | SyntaxKind::ROUTINE_RENAME_TO
        | SyntaxKind::AGGREGATE_RENAME_TO
        | SyntaxKind::SCHEMA_RENAME_TO
        | SyntaxKind::OP_CLASS_RENAME_TO
        | SyntaxKind::OP_FAMILY_RENAME_TO
        | SyntaxKind::COLLATION_RENAME_TO
        | SyntaxKind::CONVERSION_RENAME_TO
        | SyntaxKind::STATISTICS_RENAME_TO
        | SyntaxKind::PUBLICATION_RENAME_TO
        | SyntaxKind::SERVER_RENAME_TO
        | SyntaxKind::PROPERTY_GRAPH_RENAME_TO
        | SyntaxKind::TEXT_SEARCH_CONFIGURATION_RENAME_TO
        | SyntaxKind::TEXT_SEARCH_DICTIONARY_RENAME_TO
        | SyntaxKind::TEXT_SEARCH_PARSER_RENAME_TO
        | SyntaxKind::TEXT_SEARCH_TEMPLATE_RENAME_TO => {
            let Some(to) = action.children().next() else {
                return false;
            };
            let at = walk.span(&to);
            let to = written(&to).name().to_owned();
            Deed::Rename { to, at }
        }
        _ => return false,
    };
    walk.act_on(class, made::name_of(name), name, deed);
    true
}

/// A view, sequence or index.
pub(super) fn relation(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let name = node.children().find(|child| {
        matches!(
            child.kind(),
            SyntaxKind::VIEW_REF
                | SyntaxKind::SEQUENCE_REF
                | SyntaxKind::INDEX_REF
                | SyntaxKind::PROPERTY_GRAPH_REF
        )
    });
    let Some(name) = name else {
        everything_in_tablespace(walk, node);
        return;
    };
    walk.act(Class::Relation, &name, Deed::Change(Verb::Alter));
    if node.kind() == SyntaxKind::ALTER_SEQUENCE
        && let Some(of) = owned_by(walk, node)
    {
        walk.act(Class::Relation, &name, Deed::BecomePart { of });
    }
    let actions: Vec<SyntaxNode> = node.children().filter(|child| *child != name).collect();
    for action in actions {
        if !renamed_or_moved(walk, Class::Relation, &name, &action) {
            walk.node(&action);
        }
    }
}

/// A type, schema or extension.
pub(super) fn named(walk: &mut Walk<'_>, node: &SyntaxNode, class: Class) {
    let Some(name) = node.children().next() else {
        return;
    };
    walk.act(class, &name, Deed::Change(Verb::Alter));
    for action in node.children().skip(1) {
        if !renamed_or_moved(walk, class, &name, &action) {
            walk.node(&action);
        }
    }
}

/// What is in an extension is dropped with it.
pub(super) fn extension(walk: &mut Walk<'_>, node: &SyntaxNode) {
    each(walk, node, Verb::ChangeExtensionOf);
    named(walk, node, Class::Extension);
}

pub(super) fn routine(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(name) = signatures(node).into_iter().next() else {
        return;
    };
    walk.act(Class::Routine, &name, Deed::Change(Verb::Alter));
    for action in node.children() {
        renamed_or_moved(walk, Class::Routine, &name, &action);
    }
    own_settings(walk, node);
}

pub(super) fn on_table(walk: &mut Walk<'_>, node: &SyntaxNode, verb: Verb) {
    let on = child(node, SyntaxKind::ON_RELATION).or(child(node, SyntaxKind::ON_TABLE));
    if let Some(table) = on.and_then(|on| on.children().next()) {
        walk.act(Class::Relation, &table, Deed::Change(verb));
    }
    walk.children(node);
}

/// What each name below a node is of, in the statements that name things of any kind.
pub(super) fn each(walk: &mut Walk<'_>, node: &SyntaxNode, verb: Verb) {
    let names: Vec<SyntaxNode> = node.descendants().collect();
    for name in names {
        let class = match name.kind() {
            SyntaxKind::TABLE_NAME_REF
            | SyntaxKind::RELATION_NAME_REF
            | SyntaxKind::VIEW_REF
            | SyntaxKind::SEQUENCE_REF
            | SyntaxKind::INDEX_REF => Class::Relation,
            SyntaxKind::QUALIFIED_COLUMN_NAME_REF => {
                let table = written(&name).whole();
                walk.act_on(Class::Relation, table, &name, Deed::Change(verb));
                continue;
            }
            SyntaxKind::TYPE_NAME_REF | SyntaxKind::DOMAIN_REF => Class::Type,
            SyntaxKind::FUNCTION_NAME_REF
            | SyntaxKind::PROCEDURE_NAME_REF
            | SyntaxKind::ROUTINE_NAME_REF => Class::Routine,
            SyntaxKind::SCHEMA_REF if node.kind() == SyntaxKind::REINDEX => {
                let deed = Deed::ChangeAllIn(verb, Class::Relation);
                walk.act(Class::Schema, &name, deed);
                continue;
            }
            SyntaxKind::SCHEMA_REF => Class::Schema,
            // It is told by itself that this is changed.
            SyntaxKind::EXTENSION_REF if verb == Verb::ChangeExtensionOf => continue,
            SyntaxKind::EXTENSION_REF => Class::Extension,
            _ => {
                if let Some(class) = made::class_of(&name) {
                    let deed = Deed::Change(verb);
                    walk.act_on(class, made::name_of(&name), &name, deed);
                } else if let Some(what) = common(&name) {
                    walk.for_all(what, everybodys::called(&name), &name);
                }
                continue;
            }
        };
        walk.act(class, &name, Deed::Change(verb));
    }
}

/// What a name is of that is everybody's.
fn common(name: &SyntaxNode) -> Option<Common> {
    Some(match name.kind() {
        SyntaxKind::DATABASE_REF => Common::DatabasePrivileges,
        SyntaxKind::TABLESPACE_REF => Common::Tablespace,
        SyntaxKind::LANGUAGE_REF => Common::Language,
        SyntaxKind::ACCESS_METHOD_REF if name.parent()?.kind() != SyntaxKind::USING_METHOD => {
            Common::AccessMethod
        }
        SyntaxKind::EVENT_TRIGGER_REF => Common::EventTrigger,
        SyntaxKind::SUBSCRIPTION_REF => Common::Subscription,
        SyntaxKind::CONFIG_PARAMETER_REF => Common::ServerSetting,
        SyntaxKind::ROLE_REF => Common::Role,
        SyntaxKind::PRIVILEGE_LARGE_OBJECT | SyntaxKind::OBJECT_LARGE_OBJECT => Common::LargeObject,
        _ => return None,
    })
}

pub(super) fn grant(walk: &mut Walk<'_>, node: &SyntaxNode, verb: Verb) {
    let Some(objects) = child(node, SyntaxKind::ON_PRIVILEGE_OBJECTS_CLAUSE) else {
        everybodys::granted_role(walk, node);
        return;
    };
    for kind in objects.children() {
        let class = match kind.kind() {
            SyntaxKind::PRIVILEGE_ALL_TABLES_IN_SCHEMA
            | SyntaxKind::PRIVILEGE_ALL_SEQUENCES_IN_SCHEMA => Class::Relation,
            SyntaxKind::PRIVILEGE_ALL_FUNCTIONS_IN_SCHEMA
            | SyntaxKind::PRIVILEGE_ALL_PROCEDURES_IN_SCHEMA
            | SyntaxKind::PRIVILEGE_ALL_ROUTINES_IN_SCHEMA => Class::Routine,
            _ => {
                each(walk, &kind, verb);
                continue;
            }
        };
        for schema in children(&kind, SyntaxKind::SCHEMA_REF) {
            walk.act(Class::Schema, &schema, Deed::ChangeAllIn(verb, class));
        }
    }
}

/// Privileges of what is created later in a schema.
pub(super) fn default_privileges(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(schemas) = child(node, SyntaxKind::IN_SCHEMAS) {
        let schemas = schemas.descendants();
        for schema in schemas.filter(|node| node.kind() == SyntaxKind::SCHEMA_REF) {
            walk.act(Class::Schema, &schema, Deed::Change(Verb::SetPrivilegesIn));
        }
    } else {
        walk.for_all(Common::DefaultPrivileges, String::new(), node);
    }
}

/// A setting of the transaction or session.
pub(super) fn session(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let is_local = below(node, SyntaxKind::LOCAL_SCOPE).is_some();
    let scope = match is_local {
        true => PathScope::Transaction,
        false => PathScope::Session,
    };
    setting(walk, node, scope);
}

/// `SET search_path`, `RESET ALL`, `SET SCHEMA`; and for a database the same for all sessions.
pub(super) fn setting(walk: &mut Walk<'_>, node: &SyntaxNode, scope: PathScope) {
    if let Some(value) = below(node, SyntaxKind::SET_SCHEMA_VALUE) {
        let schema = value.descendants().find_map(Literal::cast);
        let schema = schema.and_then(|schema| schema.string_value());
        walk.search_path(schema.map(|schema| vec![schema]), scope, true);
        return;
    }
    let parameter = below(node, SyntaxKind::CONFIG_PARAMETER_REF);
    let parameter = parameter.map(|parameter| written(&parameter).name().to_owned());
    if parameter.as_deref() == Some(TRIGGERS_OFF) {
        walk.for_all(Common::TriggersActing, TRIGGERS_OFF.to_owned(), node);
    }
    let is_path = parameter.map(|parameter| parameter == SEARCH_PATH);
    let resets =
        node.kind() == SyntaxKind::RESET || below(node, SyntaxKind::RESET_CONFIG_PARAM).is_some();
    match is_path {
        Some(false) => {}
        // `RESET ALL` names none.
        None if resets => walk.search_path(None, scope, true),
        None => {}
        Some(true) => walk.search_path(path(node), scope, true),
    }
}

/// Another role: `"$user"` in the search path is its schema.
pub(super) fn role(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let named = below(node, SyntaxKind::ROLE_NAME_REF).map(|role| simple(&role));
    let literal = || node.descendants().find_map(Literal::cast)?.string_value();
    if let Some(role) = named.or_else(literal) {
        walk.role(role);
    }
}

/// The schemas after `search_path =`; none for `DEFAULT`.
pub(super) fn path(node: &SyntaxNode) -> Option<Vec<String>> {
    let value = below(node, SyntaxKind::TO_CONFIG_VALUE)?;
    let names: Vec<String> = value
        .children()
        .filter_map(|part| match part.kind() {
            SyntaxKind::CONFIG_VALUE_NAME => Some(simple(&part)),
            SyntaxKind::LITERAL => Literal::cast(part)?.string_value(),
            _ => None,
        })
        .collect();
    (!names.is_empty()).then_some(names)
}

/// The schemas in the text of a setting: `app, "Odd name"`.
pub(super) fn listed(text: &str) -> Vec<String> {
    let parse = squawk_syntax::SourceFile::parse(&format!("set search_path = {text}"));
    path(&parse.syntax_node()).unwrap_or_default()
}

/// What a routine sets for itself. By one setting triggers, and so foreign keys, do not act.
pub(super) fn own_settings(walk: &mut Walk<'_>, options: &SyntaxNode) {
    let settings = options.descendants();
    for setting in settings.filter(|node| node.kind() == SyntaxKind::SET_CONFIG_PARAM) {
        let parameter = below(&setting, SyntaxKind::CONFIG_PARAMETER_REF);
        if parameter.is_some_and(|parameter| written(&parameter).name() == TRIGGERS_OFF) {
            walk.for_all(Common::TriggersActing, TRIGGERS_OFF.to_owned(), &setting);
        }
    }
}

/// The search path that a routine sets for itself.
pub(super) fn own_path(options: &SyntaxNode) -> Option<Vec<String>> {
    let set = options.descendants().find(|node| {
        node.kind() == SyntaxKind::SET_CONFIG_PARAM
            && below(node, SyntaxKind::CONFIG_PARAMETER_REF)
                .is_some_and(|parameter| written(&parameter) == Written(vec![SEARCH_PATH.into()]))
    })?;
    path(&set)
}
