//! Which file of a crate uses which: every `use`, and every path in code, types, attributes and
//! the tokens of macros, resolved as the compiler does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, Macro, Meta, UseTree, VisRestricted};

/// Where a module is: `deploy::guard` is `["deploy", "guard"]`.
type Module = Vec<String>;

/// A crate's files, and what each module has under which name.
#[derive(Default)]
pub struct Crate {
    /// The file of every module, also of those written inside a file.
    files: BTreeMap<Module, String>,
    /// What `use` brings into a module: a name, and the path that it stands for.
    names: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
    /// Every path that a module names.
    paths: Vec<(Module, Vec<String>)>,
}

impl Crate {
    /// Reads a crate from the folder of its sources.
    pub fn read(src: &Path) -> Self {
        let mut sources = Vec::new();
        collect(src, src, &mut sources);
        Self::of(sources.iter().map(|(file, text)| (&**file, &**text)))
    }

    /// A crate of files by their paths below `src`.
    pub fn of<'s>(sources: impl IntoIterator<Item = (&'s str, &'s str)>) -> Self {
        let mut this = Self::default();
        for (file, text) in sources {
            let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
            let module = module_of(file);
            this.files.insert(module.clone(), file.to_owned());
            let mut reader = Reader {
                all: &mut this,
                module,
                file,
            };
            reader.visit_file(&syntax);
        }
        this
    }

    /// Every file with the others that it uses: those where what it names is defined.
    pub fn uses(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let all = self.files.values().map(|file| (&**file, BTreeSet::new()));
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = all.collect();
        for (module, path) in &self.paths {
            let user = &self.files[module];
            let used = self.resolve(module, path, 0);
            let used = used.and_then(|module| self.files.get(&module));
            if let Some(used) = used.filter(|used| *used != user) {
                uses.entry(user).or_default().insert(used);
            }
        }
        uses
    }

    /// The module where what a path means is defined; `None` for what is of another crate.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        // Names may go round in a circle as files do.
        if depth > 16 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let at = |base: &[String]| self.descend(base.to_vec(), rest, depth);
        match first.as_str() {
            "crate" => at(&[]),
            "self" => at(module),
            "super" => at(module.split_last()?.1),
            name => {
                if let Some(meant) = self.names.get(module).and_then(|names| names.get(name)) {
                    let whole: Vec<String> = meant.iter().chain(rest).cloned().collect();
                    // `use name;` of another crate stands for itself.
                    return match meant.first() == Some(first) {
                        true => self.child(module, path, depth),
                        false => self.resolve(module, &whole, depth + 1),
                    };
                }
                self.child(module, path, depth)
            }
        }
    }

    fn child(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        let mut child = module.clone();
        child.push(path[0].clone());
        self.files
            .contains_key(&child)
            .then(|| self.descend(child, &path[1..], depth))?
    }

    fn descend(&self, mut module: Module, path: &[String], depth: usize) -> Option<Module> {
        let mut path = path;
        while let Some((name, rest)) = path.split_first() {
            if name == "super" {
                module.pop();
                path = rest;
                continue;
            }
            let mut child = module.clone();
            child.push(name.clone());
            if self.files.contains_key(&child) {
                (module, path) = (child, rest);
                continue;
            }
            let meant = self.names.get(&module).and_then(|names| names.get(name));
            return match meant {
                Some(meant) => {
                    let whole: Vec<String> = meant.iter().chain(rest).cloned().collect();
                    let again = self.resolve(&module, &whole, depth + 1);
                    again.or(Some(module))
                }
                None => Some(module),
            };
        }
        Some(module)
    }
}

/// Source files below a folder. What a new workspace is made of is no part of the crate.
fn collect(src: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        let relative = path.strip_prefix(src).expect("below src");
        if relative.ends_with("template") {
            continue;
        }
        if path.is_dir() {
            collect(src, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("readable");
            found.push((relative.to_string_lossy().into_owned(), text));
        }
    }
    found.sort();
}

fn module_of(file: &str) -> Module {
    let stem = file.trim_end_matches(".rs").trim_end_matches("/mod");
    match stem {
        "lib" | "main" => Vec::new(),
        stem => stem.split('/').map(str::to_owned).collect(),
    }
}

/// Reads one file.
struct Reader<'r> {
    all: &'r mut Crate,
    module: Module,
    file: &'r str,
}

impl Reader<'_> {
    fn path(&mut self, path: Vec<String>) {
        self.all.paths.push((self.module.clone(), path));
    }

    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| {
            let mut path = before.to_vec();
            if name != "self" || path.is_empty() {
                path.push(name.to_string());
            }
            path
        };
        match tree {
            UseTree::Path(path) => {
                let before = with(&path.ident);
                self.tree(&before, &path.tree);
            }
            UseTree::Name(name) => {
                let path = with(&name.ident);
                let known = path.last().cloned().unwrap_or_default();
                self.import(known, path);
            }
            UseTree::Rename(rename) => self.import(rename.rename.to_string(), with(&rename.ident)),
            UseTree::Glob(_) => self.path(before.to_vec()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(before, tree);
                }
            }
        }
    }

    fn import(&mut self, name: String, path: Vec<String>) {
        let names = self.all.names.entry(self.module.clone()).or_default();
        names.insert(name, path.clone());
        self.path(path);
    }

    /// Paths in text that is not parsed: `a::b` anywhere in it.
    fn tokens(&mut self, text: &str) {
        let text = text.replace(" :: ", "::");
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for path in text.split(|c| !is_part(c)) {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            if path.len() > 1 && path.iter().all(|name| !name.is_empty()) {
                self.path(path);
            }
        }
    }
}

impl<'s> Visit<'s> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'s ItemUse) {
        if item.leading_colon.is_none() {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'s ItemMod) {
        let Some((_, items)) = &item.content else {
            return;
        };
        self.module.push(item.ident.to_string());
        let inside = (self.module.clone(), self.file.to_owned());
        self.all.files.extend([inside]);
        for item in items {
            self.visit_item(item);
        }
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'s syn::Path) {
        let names: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        // A name alone is a variable as often as not; what it was imported by is seen.
        if names.len() > 1 && path.leading_colon.is_none() {
            self.path(names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'s Macro) {
        self.visit_path(&call.path);
        // Diesel makes a module of a table, so `super` in it is the file itself.
        let name = call.path.segments.last().map(|name| name.ident.to_string());
        let is_module = name.as_deref() == Some("table");
        if is_module {
            self.module.push("table!".to_owned());
            let inside = (self.module.clone(), self.file.to_owned());
            self.all.files.extend([inside]);
        }
        self.tokens(&call.tokens.to_string());
        if is_module {
            self.module.pop();
        }
    }

    fn visit_attribute(&mut self, attribute: &'s Attribute) {
        // Documentation may point anywhere.
        if let Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens.to_string());
        }
    }

    /// Who may see something is no use of it.
    fn visit_vis_restricted(&mut self, _: &'s VisRestricted) {}
}
