//! Statements about what is everybody's: databases, roles, tablespaces, languages, other servers.

use squawk_syntax::ast::{AstNode, Literal};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::PathScope;
use crate::verb::Common;
use crate::way_out::WayOut;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

use super::change::setting;
use super::made;
use super::name::{simple, written};
use super::walk::{Walk, below, child, children};

/// What is said of each thing that a statement names directly.
pub(super) fn each(walk: &mut Walk<'_>, node: &SyntaxNode, what: Common) {
    let named: Vec<SyntaxNode> = node.children().filter(is_name).collect();
    if named.is_empty() {
        walk.for_all(what, String::new(), node);
    }
    for name in named {
        walk.for_all(what, called(&name), &name);
    }
}

/// A name, within the nodes that a role's has around it.
pub(super) fn called(node: &SyntaxNode) -> String {
    let role = below(node, SyntaxKind::ROLE_NAME_REF);
    written(role.as_ref().unwrap_or(node)).name().to_owned()
}

fn is_name(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::DATABASE
            | SyntaxKind::DATABASE_REF
            | SyntaxKind::ROLE
            | SyntaxKind::ROLE_REF
            | SyntaxKind::TABLESPACE
            | SyntaxKind::TABLESPACE_REF
            | SyntaxKind::SUBSCRIPTION
            | SyntaxKind::SUBSCRIPTION_REF
            | SyntaxKind::EVENT_TRIGGER
            | SyntaxKind::EVENT_TRIGGER_REF
            | SyntaxKind::LANGUAGE
            | SyntaxKind::LANGUAGE_REF
            | SyntaxKind::ACCESS_METHOD
            | SyntaxKind::ACCESS_METHOD_REF
    )
}

/// A database that is created, dropped or changed, perhaps for all sessions to come.
pub(super) fn database(walk: &mut Walk<'_>, node: &SyntaxNode) {
    match node.kind() {
        SyntaxKind::ALTER_DATABASE => {
            let renames = child(node, SyntaxKind::DATABASE_RENAME_TO).is_some();
            let what = if renames {
                Common::Database
            } else {
                Common::DatabaseSetting
            };
            each(walk, node, what);
            setting(walk, node, PathScope::Database);
        }
        SyntaxKind::CREATE_DATABASE => each(walk, node, Common::NewDatabase),
        _ => each(walk, node, Common::Database),
    }
}

/// `ALTER SYSTEM`
pub(super) fn system(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let parameter = below(node, SyntaxKind::CONFIG_PARAMETER_REF);
    let name = parameter.map_or_else(String::new, |it| written(&it).name().to_owned());
    walk.for_all(Common::ServerSetting, name, node);
}

/// A role, user or group, with what it may and whose member it becomes.
pub(super) fn role(walk: &mut Walk<'_>, node: &SyntaxNode) {
    each(walk, node, Common::Role);
    // Its settings are those of its sessions to come; which role ours has is not known.
    if node.kind() != SyntaxKind::CREATE_ROLE {
        setting(walk, node, PathScope::Database);
    }
    let own = node.children().find(is_name);
    let options = child(node, SyntaxKind::ROLE_OPTION_LIST);
    for option in options.iter().flat_map(SyntaxNode::children) {
        match option.kind() {
            SyntaxKind::ROLE_OPTION_GENERIC => {
                let word = simple(&option).to_lowercase();
                if WayOut::is_attribute(&word) {
                    walk.way_out(WayOut::RoleAttribute, &word, &option);
                }
            }
            SyntaxKind::ROLE_OPTION_IN_ROLE | SyntaxKind::ROLE_OPTION_IN_GROUP => {
                let roles = option.descendants();
                for role in roles.filter(|node| node.kind() == SyntaxKind::ROLE_REF) {
                    walk.membership(called(&role), &role);
                }
            }
            // Others become members of this one.
            SyntaxKind::ROLE_OPTION_ROLE
            | SyntaxKind::ROLE_OPTION_ADMIN
            | SyntaxKind::ROLE_OPTION_USER => {
                if let Some(own) = &own {
                    walk.membership(called(own), own);
                }
            }
            _ => {}
        }
    }
    if let (Some(own), Some(_)) = (&own, child(node, SyntaxKind::ADD_USERS)) {
        walk.membership(called(own), own);
    }
}

/// `GRANT role TO role`, which has no `ON`.
pub(super) fn granted_role(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(granted) = child(node, SyntaxKind::REVOKE_COMMAND_LIST) else {
        return;
    };
    for command in granted.children() {
        let Some(role) = below(&command, SyntaxKind::ROLE_REF) else {
            continue;
        };
        walk.for_all(Common::Role, called(&role), &role);
        if node.kind() == SyntaxKind::GRANT {
            walk.membership(called(&role), &role);
        }
    }
}

/// Everything that a role owns or may: whose that is, no text says.
pub(super) fn owned_by_role(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let roles: Vec<SyntaxNode> = children(node, SyntaxKind::ROLE_REF_LIST)
        .flat_map(|list| list.children().collect::<Vec<_>>())
        .collect();
    for role in roles {
        walk.for_all(Common::Role, called(&role), &role);
    }
}

/// A language: in an untrusted one a function may do whatever the server may.
pub(super) fn language(walk: &mut Walk<'_>, node: &SyntaxNode) {
    each(walk, node, Common::Language);
    if let Some(name) = child(node, SyntaxKind::LANGUAGE) {
        untrusted(walk, &simple(&name), &name);
    }
}

/// An extension that is an untrusted language: that is how most come.
pub(super) fn extension(walk: &mut Walk<'_>, name: &SyntaxNode) {
    if simple(name).starts_with("pl") {
        untrusted(walk, &simple(name), name);
    }
}

/// The language of a block or routine.
pub(super) fn in_language(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let literal = || node.descendants().find_map(Literal::cast)?.string_value();
    let named = below(node, SyntaxKind::LANGUAGE_REF).map(|name| simple(&name));
    if let Some(language) = named.or_else(literal) {
        untrusted(walk, &language, node);
    }
}

fn untrusted(walk: &mut Walk<'_>, language: &str, node: &SyntaxNode) {
    if WayOut::is_untrusted(language) {
        let language = language.to_lowercase();
        walk.way_out(WayOut::UntrustedLanguage, &language, node);
    }
}

/// A server of foreign tables, or who comes to it as whom.
pub(super) fn server(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(named) = node.children().next() {
        walk.way_out(WayOut::ForeignServer, "", &named);
    }
    match node.kind() {
        SyntaxKind::CREATE_SERVER => {
            made::create(walk, node, Class::ForeignServer, ObjectKind::ForeignServer);
        }
        SyntaxKind::CREATE_FOREIGN_DATA_WRAPPER => {
            let (class, kind) = (Class::ForeignDataWrapper, ObjectKind::ForeignDataWrapper);
            made::create(walk, node, class, kind);
        }
        SyntaxKind::ALTER_SERVER | SyntaxKind::ALTER_FOREIGN_DATA_WRAPPER => {
            made::altered(walk, node);
        }
        _ => mapping(walk, node),
    }
}

/// Who comes to a server as whom is the server's.
pub(super) fn mapping(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(clause) = child(node, SyntaxKind::SERVER_CLAUSE) {
        made::altered(walk, &clause);
    }
}
