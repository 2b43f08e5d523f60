//! Walks a statement's tree.

use std::collections::HashSet;

use rowan::TextRange;
use squawk_syntax::ast::{AstNode, Literal, PlpgsqlStmt, Stmt};
use squawk_syntax::body::{Body, BodyLanguage};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::{Act, Deed, Item, Opaque, PathScope, Written};
use crate::verb::{Common, Verb};
use crate::way_out::WayOut;
use migrate_text::class::Class;
use migrate_text::source::Span;

use super::change::TRIGGERS_OFF;
use super::{body, change, drop, made, name, statement};

/// Options of operators, aggregates, types and text search that name a function.
const FUNCTIONS: [&str; 29] = [
    "function",
    "procedure",
    "restrict",
    "join",
    "sfunc",
    "finalfunc",
    "combinefunc",
    "serialfunc",
    "deserialfunc",
    "msfunc",
    "minvfunc",
    "mfinalfunc",
    "input",
    "output",
    "receive",
    "send",
    "typmod_in",
    "typmod_out",
    "analyze",
    "subscript",
    "canonical",
    "subtype_diff",
    "start",
    "gettoken",
    "end",
    "lextypes",
    "headline",
    "init",
    "lexize",
];

/// A way through a tree, and what was found on it.
pub(super) struct Walk<'w> {
    items: &'w mut Vec<Item>,
    /// Where a place of the tree is in the file.
    place: Box<dyn Fn(TextRange) -> Span + 'w>,
    /// Names of `WITH` that hide tables, innermost last.
    hidden: Vec<HashSet<String>>,
    /// Nodes whose names have been dealt with.
    dealt_with: HashSet<SyntaxNode>,
    /// The table or view whose definition this is, and the part of it.
    defines: Option<(Written, Option<String>)>,
    /// What is found is not done now.
    later: bool,
    /// Inside PL/pgSQL, where `SELECT ... INTO` fills a variable.
    in_plpgsql: bool,
}

impl<'w> Walk<'w> {
    /// Over the tree of a text that stands at `start` in the file.
    pub(super) fn over(items: &'w mut Vec<Item>, start: usize) -> Self {
        Self {
            items,
            place: Box::new(move |range| {
                start + usize::from(range.start())..start + usize::from(range.end())
            }),
            hidden: Vec::new(),
            dealt_with: HashSet::new(),
            defines: None,
            later: false,
            in_plpgsql: false,
        }
    }

    /// Over the body of a routine or block, a text inside a literal of this one.
    pub(super) fn body<'b, T: BodyLanguage>(
        &'b mut self,
        body: &'b Body<T>,
        later: bool,
        in_plpgsql: bool,
    ) -> Walk<'b> {
        let outer = &self.place;
        Walk {
            items: self.items,
            place: Box::new(move |range| outer(body.source_range(range))),
            hidden: Vec::new(),
            dealt_with: HashSet::new(),
            defines: None,
            later: self.later || later,
            in_plpgsql,
        }
    }

    /// Over the statements in a string, each of whose places is the string itself.
    pub(super) fn string(&mut self, tree: &SyntaxNode, node: &SyntaxNode) {
        let span = self.span(node);
        let mut walk = Walk {
            items: self.items,
            place: Box::new(move |_| span.clone()),
            hidden: Vec::new(),
            dealt_with: HashSet::new(),
            defines: None,
            later: self.later,
            in_plpgsql: self.in_plpgsql,
        };
        walk.children(tree);
    }

    /// Where a node is in the file.
    pub(super) fn span(&self, node: &SyntaxNode) -> Span {
        (self.place)(node.text_range())
    }

    pub(super) fn is_in_plpgsql(&self) -> bool {
        self.in_plpgsql
    }

    /// Something is done to the object that a node names.
    pub(super) fn act(&mut self, class: Class, node: &SyntaxNode, deed: Deed) {
        self.act_on(class, name::written(node), node, deed);
    }

    /// Something is done to an object, and a node shows it.
    pub(super) fn act_on(&mut self, class: Class, name: Written, node: &SyntaxNode, deed: Deed) {
        self.dealt_with.insert(node.clone());
        let span = self.span(node);
        let arguments = match class {
            Class::Routine => drop::arguments_beside(node),
            _ => made::arguments(class, node),
        };
        self.items.push(Item::Act(Act {
            class,
            name,
            arguments,
            deed,
            span,
            later: self.later,
            sure: !self.in_plpgsql,
        }));
    }

    pub(super) fn search_path(&mut self, path: Option<Vec<String>>, scope: PathScope, sure: bool) {
        let sure = sure && !self.in_plpgsql;
        self.items.push(Item::SearchPath { path, scope, sure });
    }

    pub(super) fn role(&mut self, role: String) {
        self.items.push(Item::Role(role));
    }

    pub(super) fn savepoint(&mut self) {
        self.items.push(Item::Savepoint);
    }

    /// The body of a routine begins or ends here.
    pub(super) fn later_body(&mut self, begins: bool) {
        self.items.push(Item::LaterBody { begins });
    }

    /// It acts on what all services do.
    pub(super) fn for_all(&mut self, what: Common, name: String, node: &SyntaxNode) {
        self.dealt_with.insert(node.clone());
        let span = self.span(node);
        self.items.push(Item::ForAll { what, name, span });
    }

    /// It leads to where no wall looks; the text may say which way it is.
    pub(super) fn way_out(&mut self, way: WayOut, said: &str, node: &SyntaxNode) {
        let (name, span) = (way.name(said), self.span(node));
        self.items.push(Item::WayOut { way, name, span });
    }

    /// A role becomes a member of another.
    pub(super) fn membership(&mut self, of: String, node: &SyntaxNode) {
        let span = self.span(node);
        self.items.push(Item::Membership { of, span });
    }

    pub(super) fn opaque(&mut self, what: Opaque, node: &SyntaxNode) {
        let span = self.span(node);
        self.items.push(Item::Opaque { what, span });
    }

    /// A node's names have been dealt with elsewhere.
    pub(super) fn skip(&mut self, node: &SyntaxNode) {
        self.dealt_with.insert(node.clone());
    }

    /// What is below a node, as the definition of a part of a table or view.
    pub(super) fn definition(&mut self, of: &Written, part: Option<String>, node: &SyntaxNode) {
        let before = self.defines.replace((of.clone(), part));
        self.children(node);
        self.defines = before;
    }

    /// What is below a node, where names without a schema are in this one.
    pub(super) fn in_schema(&mut self, schema: &str, node: &SyntaxNode) {
        self.within(Some(vec![schema.to_owned()]));
        self.children(node);
        self.within(None);
    }

    /// What follows has names without a schema looked up in these.
    pub(super) fn within(&mut self, path: Option<Vec<String>>) {
        self.items.push(Item::Within(path));
    }

    /// What is below a node, done some other time.
    pub(super) fn later(&mut self, node: &SyntaxNode) {
        let before = std::mem::replace(&mut self.later, true);
        self.node(node);
        self.later = before;
    }

    /// A node and everything below it.
    pub(super) fn node(&mut self, node: &SyntaxNode) {
        if self.dealt_with.contains(node) {
            return;
        }
        let with = child(node, SyntaxKind::WITH_CLAUSE);
        if let Some(with) = &with {
            self.with_clause(with);
        }
        if let Some(found) = Stmt::cast(node.clone()) {
            statement::statement(self, node, &found);
        } else if let Some(found) = PlpgsqlStmt::cast(node.clone()) {
            statement::plpgsql(self, node, &found);
        } else {
            self.other(node);
        }
        if with.is_some() {
            self.hidden.pop();
        }
    }

    pub(super) fn children(&mut self, node: &SyntaxNode) {
        for child in node.children() {
            self.node(&child);
        }
    }

    /// The queries of `WITH`. A query sees those before it, and with `RECURSIVE` all.
    fn with_clause(&mut self, with: &SyntaxNode) {
        self.dealt_with.insert(with.clone());
        let recursive = with
            .children_with_tokens()
            .any(|child| child.kind() == SyntaxKind::RECURSIVE_KW);
        let tables: Vec<SyntaxNode> = children(with, SyntaxKind::WITH_TABLE).collect();
        let name_of =
            |table: &SyntaxNode| child(table, SyntaxKind::CTE_NAME).map(|node| name::simple(&node));
        let all = tables.iter().filter_map(name_of);
        self.hidden.push(match recursive {
            true => all.collect(),
            false => HashSet::new(),
        });
        for table in &tables {
            self.children(table);
            if let (Some(name), Some(names)) = (name_of(table), self.hidden.last_mut()) {
                names.insert(name);
            }
        }
    }

    /// A node that is no statement.
    fn other(&mut self, node: &SyntaxNode) {
        match node.kind() {
            SyntaxKind::RELATION_NAME_REF | SyntaxKind::TABLE_NAME_REF => {
                self.relation_read(node);
            }
            SyntaxKind::PATH_TYPE => {
                self.used(Class::Type, name::written(node), node);
                self.children(node);
            }
            SyntaxKind::CALL_EXPR => {
                self.call(node);
                self.children(node);
            }
            SyntaxKind::CUSTOM_OP | SyntaxKind::OPERATOR_CALL => self.operator(node),
            // A function that a cast, an operator class or their like is made with.
            SyntaxKind::FUNCTION_NAME_REF | SyntaxKind::PROCEDURE_NAME_REF => {
                self.act(Class::Routine, node, Deed::Call);
            }
            SyntaxKind::ATTRIBUTE_OPTION => self.attribute(node),
            SyntaxKind::PLPGSQL_OPEN_EXECUTE => body::dynamic(self, node),
            _ => self.children(node),
        }
    }

    fn relation_read(&mut self, node: &SyntaxNode) {
        let written = name::written(node);
        let is_hidden = |name: &str| self.hidden.iter().any(|names| names.contains(name));
        if written.schema().is_none() && is_hidden(written.name()) {
            return;
        }
        let is_copied = node
            .ancestors()
            .any(|above| above.kind() == SyntaxKind::LIKE_CLAUSE);
        let deed = if is_copied { Deed::Copy } else { Deed::Read };
        self.act(Class::Relation, node, deed);
        // Nobody else can change the rows that `FOR UPDATE` reads.
        let mut queries = node
            .ancestors()
            .filter(|above| above.kind() == SyntaxKind::SELECT);
        if queries
            .next()
            .is_some_and(|query| child(&query, SyntaxKind::LOCKING_CLAUSE).is_some())
        {
            self.act(Class::Relation, node, Deed::Change(Verb::Lock));
        }
        if let Some((by, None)) = self.defines.clone() {
            let is_base = !is_in_other_query(node);
            self.act(Class::Relation, node, Deed::Show { by, is_base });
        }
    }

    /// An operator in an expression. Those without letters before them that PostgreSQL has itself
    /// are most, and are no node of their own.
    fn operator(&mut self, node: &SyntaxNode) {
        let written = match child(node, SyntaxKind::OP) {
            Some(named) => made::operator(&named),
            None => made::operator(node),
        };
        match self.defines.is_some() {
            true => self.used(Class::Operator, written, node),
            false => self.act_on(Class::Operator, written, node, Deed::Call),
        }
    }

    /// An option of what is put together of functions: an operator, an aggregate, a base type.
    fn attribute(&mut self, node: &SyntaxNode) {
        let option = child(node, SyntaxKind::ATTRIBUTE_NAME).map(|name| name::simple(&name));
        let is_function = option.is_some_and(|option| FUNCTIONS.contains(&option.as_str()));
        let value = child(node, SyntaxKind::ATTRIBUTE_VALUE)
            .and_then(|value| child(&value, SyntaxKind::PATH_TYPE));
        match value.filter(|_| is_function) {
            Some(function) => self.act(Class::Routine, &function, Deed::Call),
            None => self.children(node),
        }
    }

    /// What is being defined needs this.
    fn used(&mut self, class: Class, written: Written, node: &SyntaxNode) {
        if let Some((by, part)) = self.defines.clone() {
            self.act_on(class, written, node, Deed::Use { by, part });
            self.dealt_with.remove(node);
        }
    }

    /// A function that is called. What it does is its own body's business, but for a few of
    /// PostgreSQL's own that do something to what their argument names.
    fn call(&mut self, node: &SyntaxNode) {
        let Some(written) = node.children().next().and_then(|n| name::called(&n)) else {
            return;
        };
        let mut strings = node
            .descendants()
            .filter_map(Literal::cast)
            .filter_map(|literal| literal.string_value());
        match written.name() {
            "nextval" | "setval" => {
                // `setval(pg_get_serial_sequence('table', 'column'), 1)`
                let calls = node.descendants();
                let calls = calls.filter(|node| node.kind() == SyntaxKind::CALL_EXPR);
                let verb = match (calls.count(), written.name()) {
                    (1, "nextval") => Verb::Advance,
                    (1, _) => Verb::SetNumberOf,
                    _ => Verb::AdvanceSequenceOf,
                };
                let sequence = strings.next().and_then(|text| name::in_string(&text));
                if let Some(sequence) = sequence {
                    let deed = match self.defines.clone() {
                        Some((by, part)) => Deed::Use { by, part },
                        None => Deed::Change(verb),
                    };
                    self.act_on(Class::Relation, sequence, node, deed);
                    self.dealt_with.remove(node);
                }
            }
            "set_config" => match strings.next().as_deref() {
                Some("search_path") => {
                    let path = strings.next().map(|path| change::listed(&path));
                    // Whether the query has a row is not known.
                    self.search_path(path, PathScope::Session, false);
                }
                Some(TRIGGERS_OFF) => {
                    self.for_all(Common::TriggersActing, TRIGGERS_OFF.to_owned(), node);
                    self.dealt_with.remove(node);
                }
                _ => {}
            },
            _ if self.defines.is_some() => self.used(Class::Routine, written, node),
            _ => {
                self.act_on(Class::Routine, written, node, Deed::Call);
                self.dealt_with.remove(node);
            }
        }
    }
}

/// Whether a table is named in a query within the query of a view.
fn is_in_other_query(node: &SyntaxNode) -> bool {
    let queries = node
        .ancestors()
        .take_while(|node| node.kind() != SyntaxKind::CREATE_VIEW)
        .filter(|node| matches!(node.kind(), SyntaxKind::SELECT | SyntaxKind::WITH_TABLE));
    queries.count() > 1
}

/// The first child of a kind.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// The children of a kind.
pub(super) fn children(node: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = SyntaxNode> {
    node.children().filter(move |child| child.kind() == kind)
}

/// The first node of a kind below a node.
pub(super) fn below(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.descendants().skip(1).find(|node| node.kind() == kind)
}

/// Whether a word stands directly below a node.
pub(super) fn has_word(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.children_with_tokens()
        .any(|child| child.kind() == kind)
}

/// Whether a statement says `CASCADE` for itself.
pub(super) fn cascades(node: &SyntaxNode) -> bool {
    has_word(node, SyntaxKind::CASCADE)
}
