//! The kinds of statements that the parser knows.

use std::collections::BTreeSet;
use std::path::Path;

use squawk_syntax::SourceFile;
use syn::visit::Visit;

/// All kinds, from the match of `crates/sql` that has no rest: the compiler holds it to the parser.
pub fn all() -> BTreeSet<String> {
    let path = "../sql/src/reading/statement.rs";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(path).expect("the first wall reads statements there");
    let file = syn::parse_file(&text).expect("it compiles");
    let mut found = Kinds(BTreeSet::new());
    found.visit_file(&file);
    found.0
}

struct Kinds(BTreeSet<String>);

impl<'ast> Visit<'ast> for Kinds {
    fn visit_pat_tuple_struct(&mut self, pattern: &'ast syn::PatTupleStruct) {
        let mut segments = pattern.path.segments.iter();
        if segments.next().is_some_and(|first| first.ident == "S")
            && let Some(kind) = segments.next()
        {
            self.0.insert(kind.ident.to_string());
        }
        syn::visit::visit_pat_tuple_struct(self, pattern);
    }
}

/// The kinds of the statements of a text.
pub fn of(sql: &str) -> BTreeSet<String> {
    let parse = SourceFile::parse(sql);
    let statements = parse.tree().stmts();
    // The name of the variant.
    let names = statements.map(|statement| format!("{statement:?}"));
    names
        .filter_map(|name| Some(name.split_once('(')?.0.to_owned()))
        .collect()
}
