//! The part of a schema that one service may see.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use migrate_catalog::{Catalog, Relation};
use migrate_text::name::QualifiedName;

use super::config::PrintConfig;
use super::infer::{Inference, not_public};
use super::joins::joins;
use super::layout::Layout;
use super::model::{Join, Table};
use super::names::rust_name;
use super::printed::{PrintError, Printed, SUBSET_HEADER, groups, settle};
use super::render;
use super::text::Text;

/// What a service gets to see.
#[derive(Debug, Clone)]
pub struct Subset<'a> {
    /// The service.
    pub service: &'a str,
    /// The versions of the history that the catalog is of, oldest first.
    pub versions: &'a [&'a str],
    /// The tables that it owns.
    pub owns: &'a [QualifiedName],
    /// The tables of others that it reads.
    pub reads: &'a [ReadTable],
}

/// A table that a service reads, but does not own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadTable {
    /// The table.
    pub table: QualifiedName,
    /// The service that owns it.
    pub owner: String,
}

/// Prints the tables that a service owns and those that it reads, with what is between them, and
/// nothing else.
///
/// Of the configuration, `filter`, `schema` and `patch` are not used: what is in the file is said
/// by the subset. Tables outside the schema `public` are in a module named like their schema.
pub fn print_subset(
    catalog: &Catalog,
    config: &PrintConfig,
    subset: &Subset<'_>,
) -> Result<Printed, PrintError> {
    let mut inference = Inference::new(catalog, config);
    let mut relations = Vec::new();
    let mut tables = Vec::new();
    for (relation, owner) in wanted(catalog, subset)? {
        let mut table = inference.table(relation)?;
        table.note = owner.map(|owner| format!("Owned by {owner}; this service only reads it."));
        relations.push(relation);
        tables.push(table);
    }
    let joins = joins(&tables, &relations);
    let file = File {
        subset,
        config,
        modules: modules(&tables),
        tables: &tables,
        joins: &joins,
    };
    let write = |layout| file.write(layout);
    Ok(settle(&tables, config, inference.into_warnings(), write))
}

/// The tables in the order of the file: those in `public` first.
fn wanted<'c, 's>(
    catalog: &'c Catalog,
    subset: &Subset<'s>,
) -> Result<Vec<(&'c Relation, Option<&'s str>)>, PrintError> {
    let reads = subset
        .reads
        .iter()
        .map(|read| (&read.table, Some(read.owner.as_str())));
    let owns = subset.owns.iter().map(|table| (table, None));
    // What is both owned and read is owned.
    let names: BTreeMap<&QualifiedName, Option<&str>> = reads.chain(owns).collect();
    let mut wanted = names
        .into_iter()
        .map(|(name, owner)| match catalog.relations.get(name) {
            Some(relation) => Ok((relation, owner)),
            None => Err(PrintError::NoTable {
                table: name.clone(),
            }),
        })
        .collect::<Result<Vec<_>, _>>()?;
    wanted.sort_by_key(|(relation, _)| (not_public(&relation.name.schema), &relation.name.name));
    Ok(wanted)
}

/// The tables of one schema.
struct Module {
    /// `None` for the file itself.
    name: Option<String>,
    tables: Range<usize>,
}

fn modules(tables: &[Table<'_>]) -> Vec<Module> {
    let mut taken: BTreeSet<String> = tables
        .iter()
        .filter(|table| table.schema.is_none())
        .map(|table| table.rust_name.to_string())
        .collect();
    taken.extend(["sql_types".to_owned(), ACROSS.to_owned()]);
    let mut modules = Vec::new();
    let mut start = 0;
    for tables in tables.chunk_by(|a, b| a.schema == b.schema) {
        let name = tables[0].schema.map(|schema| {
            let mut name = rust_name(schema, None).into_owned();
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        });
        let end = start + tables.len();
        modules.push(Module {
            name,
            tables: start..end,
        });
        start = end;
    }
    modules
}

/// The module in which tables of several schemas are brought together. No table is called like
/// that: Diesel leaves out all that begin with two underscores.
const ACROSS: &str = "__across_schemas";

struct File<'a, 'c> {
    subset: &'a Subset<'a>,
    config: &'a PrintConfig,
    modules: Vec<Module>,
    tables: &'a [Table<'c>],
    joins: &'a [Join],
}

impl File<'_, '_> {
    fn write(&self, layout: Layout) -> String {
        let mut text = Text::new();
        self.header(&mut text);
        for module in &self.modules {
            text.end_line();
            self.module(&mut text, module, layout);
        }
        if self.modules.len() > 1 {
            self.across_modules(&mut text, layout);
        }
        text.finish()
    }

    fn header(&self, text: &mut Text) {
        let service = self.subset.service;
        text.line(format_args!(
            "{SUBSET_HEADER} for service {service}. Do not edit."
        ));
        text.line(format_args!("//"));
        text.line(format_args!(
            "// The tables that {service} owns, and those of others that it reads."
        ));
        let versions = self.subset.versions;
        if let Some(newest) = versions.last() {
            text.line(format_args!(
                "// Generated from the history up to {newest}."
            ));
        }
        text.end_line();
        text.docs("The versions of the history that this file was generated from, oldest first.");
        // One a line, so that two branches rarely meet in one: `rustfmt` would fill the lines.
        text.line(format_args!("#[rustfmt::skip]"));
        text.line(format_args!("pub const HISTORY: &[&str] = &["));
        text.indent();
        for version in versions {
            text.line(format_args!("{version:?},"));
        }
        text.outdent();
        text.line(format_args!("];"));
    }

    fn module(&self, text: &mut Text, module: &Module, layout: Layout) {
        if let Some(name) = &module.name {
            text.line(format_args!("pub mod {name} {{"));
            text.indent();
        }
        render::tables(
            text,
            &self.tables[module.tables.clone()],
            self.config,
            layout,
        );
        let inside = |join: &&Join| self.module_of(join.child) == self.module_of(join.parent);
        let own = |join: &&Join| module.tables.contains(&join.child);
        render::joinable(
            text,
            self.joins.iter().filter(inside).filter(own),
            |place| self.tables[place].rust_name.to_string(),
        );
        if self.modules.len() == 1 {
            let names = self.groups(|place| Cow::Borrowed(&*self.tables[place].rust_name));
            self.same_query(text, layout, &names);
        }
        if module.name.is_some() {
            text.outdent();
            text.line(format_args!("}}"));
        }
    }

    /// What is between tables of different schemas.
    ///
    /// `allow_tables_to_appear_in_same_query!` takes plain names only, and every pair of tables
    /// only once. So it is written once for all modules, in a module where every table has a
    /// plain name.
    fn across_modules(&self, text: &mut Text, layout: Layout) {
        let across = |join: &&Join| self.module_of(join.child) != self.module_of(join.parent);
        render::joinable(text, self.joins.iter().filter(across), |place| {
            self.path(place)
        });
        let names = self.groups(|place| Cow::Owned(self.path(place).replace("::", "__")));
        if !names.iter().any(|group| group.len() > 1) {
            return;
        }
        text.end_line();
        // Its order of `use` depends on the edition.
        text.line(format_args!("#[rustfmt::skip]"));
        text.line(format_args!("mod {ACROSS} {{"));
        text.indent();
        for place in 0..self.tables.len() {
            let path = self.path(place);
            if path.contains("::") {
                let name = path.replace("::", "__");
                text.line(format_args!("use super::{path} as {name};"));
            } else {
                text.line(format_args!("use super::{path};"));
            }
        }
        self.same_query(text, layout, &names);
        text.outdent();
        text.line(format_args!("}}"));
    }

    fn groups<'n>(&'n self, name: impl Fn(usize) -> Cow<'n, str>) -> Vec<Vec<Cow<'n, str>>> {
        groups(self.tables.len(), self.joins, self.config.same_query)
            .into_iter()
            .map(|group| group.into_iter().map(&name).collect())
            .collect()
    }

    fn same_query(&self, text: &mut Text, layout: Layout, groups: &[Vec<Cow<'_, str>>]) {
        let groups: Vec<Vec<&str>> = groups
            .iter()
            .map(|group| group.iter().map(|name| &**name).collect())
            .collect();
        render::same_query(text, layout, &groups);
    }

    fn module_of(&self, place: usize) -> Option<usize> {
        self.modules
            .iter()
            .position(|module| module.tables.contains(&place))
    }

    /// The path of a table from the top of the file.
    fn path(&self, place: usize) -> String {
        let module = self.module_of(place).map(|module| &self.modules[module]);
        let table = &self.tables[place].rust_name;
        match module.and_then(|module| module.name.as_ref()) {
            Some(module) => format!("{module}::{table}"),
            None => table.to_string(),
        }
    }
}
