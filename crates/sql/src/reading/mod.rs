//! Reads what a statement does from its text, with squawk's parser.
//!
//! Every kind of statement is named in `statement`. What stands around and inside statements is
//! walked by the kinds of its nodes, and looked through for the tables that it reads. What is changed
//! unseen, the guard in the migration's transaction sees.

mod body;
mod change;
mod create;
mod depth;
mod drop;
mod everybodys;
mod made;
mod name;
mod rows;
mod statement;
mod targets;
mod walk;

use squawk_syntax::ast::AstNode;
use squawk_syntax::{SourceFile, SyntaxNode};

use migrate_text::source::Span;

use super::act::{Item, Opaque};
use super::file::SqlFile;
use super::split::Statement;
use depth::Depth;
use walk::Walk;

impl SqlFile<'_> {
    /// Everything that a statement does, in order. Its tree is not kept: a file of data has
    /// thousands of statements.
    pub fn items(&self, statement: &Statement) -> Vec<Item> {
        let span = statement.span.clone();
        let text = &self.text()[span.clone()];
        let depth = Depth::of(self.text(), self.tokens_of(statement));
        depth
            .read(|| read(text, span.start))
            .unwrap_or_else(|| unseen(text, span.start))
    }
}

/// What a statement that is not read may do: anything.
fn unseen(text: &str, start: usize) -> Vec<Item> {
    vec![Item::Opaque {
        what: Opaque::Unparsed,
        span: first_line(text, start),
    }]
}

fn read(text: &str, start: usize) -> Vec<Item> {
    let parse = SourceFile::parse(text);
    if !parse.errors().is_empty() {
        return unseen(text, start);
    }
    let mut items = Vec::new();
    Walk::over(&mut items, start).node(&root(&parse));
    items
}

fn root(parse: &squawk_syntax::Parse<SourceFile>) -> SyntaxNode {
    parse.tree().syntax().clone()
}

/// The first line of a statement: enough to know it by.
fn first_line(text: &str, start: usize) -> Span {
    let line = text.lines().next().unwrap_or_default();
    start..start + line.trim_end().len()
}
