//! Statements that create.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::{Creation, Deed, Written};
use crate::verb::Verb;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

use super::everybodys;
use super::name::{simple, written};
use super::rows::is_temporary;
use super::walk::{Walk, below, child, children, has_word};

pub(super) fn table(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(name) = child(node, SyntaxKind::TABLE_NAME) else {
        return;
    };
    let table = written(&name);
    let parent =
        child(node, SyntaxKind::PARTITION_OF).and_then(|of| child(&of, SyntaxKind::TABLE_NAME_REF));
    let temporary = is_temporary(node);
    walk.act(
        Class::Relation,
        &name,
        Deed::Create(Creation {
            temporary,
            until_commit: until_commit(node),
            of: parent.as_ref().map(written),
            ..Creation::of(ObjectKind::Table)
        }),
    );
    if let Some(parent) = parent {
        walk.act(Class::Relation, &parent, Deed::Change(Verb::AddPartitionTo));
    }
    if let Some(inherits) = child(node, SyntaxKind::INHERITS) {
        for parent in children(&inherits, SyntaxKind::TABLE_NAME_REF) {
            walk.act(Class::Relation, &parent, Deed::Change(Verb::InheritFrom));
        }
    }
    if temporary {
        walk.children(node);
        return;
    }
    for argument in children(node, SyntaxKind::TABLE_ARG_LIST)
        .flat_map(|list| list.children().collect::<Vec<_>>())
    {
        if argument.kind() == SyntaxKind::COLUMN {
            column(walk, &table, &argument);
            walk.skip(&argument);
        } else if is_constraint(&argument) {
            constraint(walk, &table, None, &argument);
            walk.skip(&argument);
        }
    }
    walk.definition(&table, Some(String::new()), node);
}

/// Whether a temporary table is gone at the end of its transaction.
fn until_commit(node: &SyntaxNode) -> bool {
    child(node, SyntaxKind::ON_COMMIT).is_some_and(|on| child(&on, SyntaxKind::DROP).is_some())
}

/// A column of a table: its sequence, its indexes, what it needs.
pub(super) fn column(walk: &mut Walk<'_>, table: &Written, node: &SyntaxNode) {
    let Some(name) = child(node, SyntaxKind::COLUMN_NAME).map(|name| simple(&name)) else {
        return;
    };
    let is_serial = child(node, SyntaxKind::PATH_TYPE).is_some_and(|ty| {
        let written = written(&ty);
        matches!(
            written.name(),
            "serial" | "bigserial" | "smallserial" | "serial4" | "serial8" | "serial2"
        )
    });
    if is_serial || below(node, SyntaxKind::GENERATED_IDENTITY).is_some() {
        let sequence = table.sibling(format!("{}_{name}_seq", table.name()));
        part(
            walk,
            table,
            sequence,
            ObjectKind::Sequence,
            Vec::new(),
            node,
        );
    }
    for clause in node.children().filter(is_constraint) {
        constraint(walk, table, Some(&name), &clause);
        walk.skip(&clause);
    }
    walk.definition(table, Some(name), node);
}

fn is_constraint(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::PRIMARY_KEY_CONSTRAINT
            | SyntaxKind::UNIQUE_CONSTRAINT
            | SyntaxKind::EXCLUDE_CONSTRAINT
            | SyntaxKind::REFERENCES_CONSTRAINT
            | SyntaxKind::FOREIGN_KEY_CONSTRAINT
            | SyntaxKind::CHECK_CONSTRAINT
            | SyntaxKind::DEFAULT_CONSTRAINT
            | SyntaxKind::GENERATED_CONSTRAINT
    )
}

/// A constraint of a table or of one of its columns: its index, what it refers to and needs.
pub(super) fn constraint(
    walk: &mut Walk<'_>,
    table: &Written,
    column: Option<&str>,
    node: &SyntaxNode,
) {
    let named = child(node, SyntaxKind::CONSTRAINT_NAME_CLAUSE)
        .and_then(|clause| child(&clause, SyntaxKind::CONSTRAINT_NAME))
        .map(|name| simple(&name));
    let index = match node.kind() {
        SyntaxKind::PRIMARY_KEY_CONSTRAINT => Some(format!("{}_pkey", table.name())),
        SyntaxKind::UNIQUE_CONSTRAINT => {
            let columns = match column {
                Some(column) => column.to_owned(),
                None => columns(node).join("_"),
            };
            Some(format!("{}_{columns}_key", table.name()))
        }
        SyntaxKind::EXCLUDE_CONSTRAINT => named.clone(),
        _ => None,
    };
    if let Some(index) = index {
        let index = table.sibling(named.clone().unwrap_or(index));
        let key = match (node.kind(), column) {
            (SyntaxKind::PRIMARY_KEY_CONSTRAINT, Some(column)) => vec![column.to_owned()],
            (SyntaxKind::PRIMARY_KEY_CONSTRAINT, None) => columns(node),
            _ => Vec::new(),
        };
        part(walk, table, index, ObjectKind::Index, key, node);
    }
    foreign_key(walk, table, column, named.as_deref(), node);
    let part = column.map(str::to_owned).or(named).unwrap_or_default();
    walk.definition(table, Some(part), node);
}

fn columns(node: &SyntaxNode) -> Vec<String> {
    node.descendants()
        .filter(|node| node.kind() == SyntaxKind::COLUMN_NAME_REF)
        .map(|name| simple(&name))
        .collect()
}

/// A foreign key: it is gone with each of its columns, or by its name.
fn foreign_key(
    walk: &mut Walk<'_>,
    table: &Written,
    column: Option<&str>,
    named: Option<&str>,
    node: &SyntaxNode,
) {
    let is_foreign_key = matches!(
        node.kind(),
        SyntaxKind::REFERENCES_CONSTRAINT | SyntaxKind::FOREIGN_KEY_CONSTRAINT
    );
    let referred = child(node, SyntaxKind::TABLE_NAME_REF).filter(|_| is_foreign_key);
    let Some(referred) = referred else { return };
    let start = referred.text_range().start();
    let (before, after): (Vec<SyntaxNode>, Vec<SyntaxNode>) = node
        .children()
        .filter(|child| {
            // `ON DELETE SET NULL (column)`
            !matches!(
                child.kind(),
                SyntaxKind::ON_DELETE_ACTION | SyntaxKind::ON_UPDATE_ACTION
            )
        })
        .partition(|child| child.text_range().start() < start);
    let names = |nodes: &[SyntaxNode]| -> Vec<String> {
        let all = nodes.iter().flat_map(columns);
        all.collect()
    };
    let mut parts = match column {
        Some(column) => vec![column.to_owned()],
        None => names(&before),
    };
    let name = format!("{}_{}_fkey", table.name(), parts.join("_"));
    parts.push(named.map_or(name, str::to_owned));
    let deed = Deed::Reference {
        by: table.clone(),
        parts,
        columns: names(&after),
    };
    walk.act(Class::Relation, &referred, deed);
}

/// An index or sequence that comes with a table.
fn part(
    walk: &mut Walk<'_>,
    table: &Written,
    name: Written,
    kind: ObjectKind,
    columns: Vec<String>,
    node: &SyntaxNode,
) {
    let creation = Creation {
        columns,
        of: Some(table.clone()),
        ..Creation::of(kind)
    };
    walk.act_on(Class::Relation, name, node, Deed::Create(creation));
}

/// `SELECT ... INTO`, which fills a variable in PL/pgSQL.
pub(super) fn table_of_select(walk: &mut Walk<'_>, node: &SyntaxNode) {
    match walk.is_in_plpgsql() {
        true => walk.children(node),
        false => table_of_query(walk, node),
    }
}

pub(super) fn table_of_query(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(name) = below(node, SyntaxKind::TABLE_NAME) {
        let creation = Creation {
            temporary: is_temporary(node),
            until_commit: until_commit(node),
            ..Creation::of(ObjectKind::Table)
        };
        walk.act(Class::Relation, &name, Deed::Create(creation));
    }
    walk.children(node);
}

pub(super) fn view(walk: &mut Walk<'_>, node: &SyntaxNode, kind: ObjectKind) {
    let Some(name) = child(node, SyntaxKind::VIEW) else {
        return;
    };
    let creation = Creation {
        temporary: is_temporary(node),
        replace: child(node, SyntaxKind::OR_REPLACE).is_some(),
        ..Creation::of(kind)
    };
    walk.act(Class::Relation, &name, Deed::Create(creation));
    walk.definition(&written(&name), None, node);
}

pub(super) fn sequence(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(name) = child(node, SyntaxKind::SEQUENCE) else {
        return;
    };
    let table = owned_by(walk, node);
    let creation = Creation {
        temporary: is_temporary(node),
        of: table,
        ..Creation::of(ObjectKind::Sequence)
    };
    walk.act(Class::Relation, &name, Deed::Create(creation));
}

/// The table of `OWNED BY table.column`, which the sequence becomes a part of.
pub(super) fn owned_by(walk: &mut Walk<'_>, node: &SyntaxNode) -> Option<Written> {
    let column = below(node, SyntaxKind::QUALIFIED_COLUMN_NAME_REF)?;
    let table = written(&column).whole();
    let deed = Deed::Change(Verb::TieSequenceTo);
    walk.act_on(Class::Relation, table.clone(), &column, deed);
    Some(table)
}

pub(super) fn index(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let Some(on) = child(node, SyntaxKind::TABLE_RELATION_NAME)
        .and_then(|relation| below(&relation, SyntaxKind::TABLE_NAME_REF))
    else {
        return;
    };
    let table = written(&on);
    let unique = has_word(node, SyntaxKind::UNIQUE_KW);
    walk.act(Class::Relation, &on, Deed::Change(Verb::Index { unique }));
    if let Some(name) = child(node, SyntaxKind::INDEX) {
        // An index is in the schema of its table.
        let index = table.sibling(written(&name).name());
        part(walk, &table, index, ObjectKind::Index, Vec::new(), &name);
    }
    walk.definition(&table, Some(String::new()), node);
}

pub(super) fn user_type(
    walk: &mut Walk<'_>,
    node: &SyntaxNode,
    name: SyntaxKind,
    kind: ObjectKind,
) {
    if let Some(name) = child(node, name) {
        let creation = Creation::of(kind);
        walk.act(Class::Type, &name, Deed::Create(creation));
    }
    walk.children(node);
}

/// A schema, and in it what the statement creates at once.
pub(super) fn schema(walk: &mut Walk<'_>, node: &SyntaxNode) {
    // `AUTHORIZATION` alone gives it the name of the role.
    let of_role = || {
        below(
            &child(node, SyntaxKind::AUTHORIZATION_SCHEMA)?,
            SyntaxKind::ROLE,
        )
    };
    let Some(name) = below(node, SyntaxKind::SCHEMA).or_else(of_role) else {
        return;
    };
    let creation = Creation::of(ObjectKind::Schema);
    walk.act(Class::Schema, &name, Deed::Create(creation));
    walk.in_schema(&simple(&name), node);
}

pub(super) fn extension(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(name) = child(node, SyntaxKind::EXTENSION) {
        let creation = Creation::of(ObjectKind::Extension);
        walk.act(Class::Extension, &name, Deed::Create(creation));
        everybodys::extension(walk, &name);
    }
}

/// A trigger or policy, which is a part of its table.
pub(super) fn on_table(walk: &mut Walk<'_>, node: &SyntaxNode, part: SyntaxKind, verb: Verb) {
    let Some(on) = child(node, SyntaxKind::ON_RELATION).or(child(node, SyntaxKind::ON_TABLE))
    else {
        return;
    };
    let Some(table) = on.children().next() else {
        return;
    };
    walk.act(Class::Relation, &table, Deed::Change(verb));
    let part = child(node, part).map(|name| simple(&name));
    walk.definition(&written(&table), part.or(Some(String::new())), node);
}

/// A graph over tables, which can be read like a view of them.
pub(super) fn property_graph(walk: &mut Walk<'_>, node: &SyntaxNode) {
    if let Some(name) = child(node, SyntaxKind::PROPERTY_GRAPH) {
        let creation = Creation {
            temporary: is_temporary(node),
            ..Creation::of(ObjectKind::View)
        };
        walk.act(Class::Relation, &name, Deed::Create(creation));
        walk.definition(&written(&name), None, node);
    }
}

/// A rule: its actions are done when somebody uses its table.
pub(super) fn rule(walk: &mut Walk<'_>, node: &SyntaxNode) {
    let on = child(node, SyntaxKind::RULE_ON);
    if let Some(table) = on.and_then(|on| child(&on, SyntaxKind::RELATION_NAME_REF)) {
        walk.act(Class::Relation, &table, Deed::Change(Verb::PutRuleOn));
    }
    for action in children(node, SyntaxKind::RULE_DO) {
        walk.later(&action);
        walk.skip(&action);
    }
    walk.children(node);
}
