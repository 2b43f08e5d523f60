//! Printing a whole database, or a schema of it, as `diesel print-schema` does.

use std::fmt;

use migrate_catalog::{Catalog, Relation};
use migrate_text::name::QualifiedName;

use super::config::{PrintConfig, SameQuery};
use super::infer::{Inference, PUBLIC, is_table};
use super::joins::{connected, joins};
use super::layout::Layout;
use super::model::{Join, Table};
use super::names::{is_plain_identifier, rust_name};
use super::text::Text;
use super::{render, subset};

/// The first line of what Diesel prints.
const HEADER: &str = "// @generated automatically by Diesel CLI.";

/// A `schema.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// What people should be told about it.
    pub warnings: Vec<Warning>,
}

/// Something that will be trouble for the users of a `schema.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// An array that Diesel takes for one of `text`, which PostgreSQL does not.
    ArrayWithoutCoercion {
        /// The column.
        column: String,
        /// The type of the elements.
        element: String,
    },
    /// A name makes something that is not Rust, so the text will not compile. It then is not laid
    /// out as `rustfmt` would either.
    NotRust,
}

/// In Diesel's words, where it has some.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ArrayWithoutCoercion { column, element } => write!(
                f,
                "The column `{column}` is of type `{element}[]`. This will cause problems when \
                 using Diesel. You should consider changing the column type to `text[]`."
            ),
            Self::NotRust => {
                f.write_str("The printed schema is not Rust: a name in it cannot be written there.")
            }
        }
    }
}

/// A `schema.rs` cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// Diesel prints nothing at all when one of the tables has no primary key.
    #[error("Diesel only supports tables with primary keys. Table `{table}` has no primary key")]
    NoPrimaryKey {
        /// The table.
        table: String,
    },
    /// A table that a subset should have is not there.
    #[error("there is no table {table}")]
    NoTable {
        /// The table.
        table: QualifiedName,
    },
    /// The patch file is not a patch.
    #[error("Failed to parse patch file: {reason}")]
    NotAPatch {
        /// Why.
        reason: String,
    },
    /// The patch is for another text.
    #[error("Failed to apply patch: {reason}")]
    PatchDoesNotApply {
        /// Why.
        reason: String,
    },
}

/// Whether a file was printed by Diesel or by this module, so that it may be replaced.
pub fn is_generated(text: &str) -> bool {
    text.starts_with(HEADER) || text.starts_with(subset::HEADER)
}

/// Prints what `diesel print-schema` prints for a section of `diesel.toml`.
pub fn print(catalog: &Catalog, config: &PrintConfig) -> Result<Printed, PrintError> {
    let schema = config.schema.as_deref().unwrap_or(PUBLIC);
    // Diesel sorts by name, and so does the catalog.
    let relations: Vec<&Relation> = catalog
        .relations
        .values()
        .filter(|relation| relation.name.schema == schema && is_table(relation))
        .filter(|relation| config.filter.admits(&relation.name.name))
        .collect();
    let mut inference = Inference::new(catalog, config);
    let tables = relations
        .iter()
        .map(|relation| inference.table(relation))
        .collect::<Result<Vec<_>, _>>()?;
    let joins = joins(&tables, &relations);

    let write = |layout| whole(&tables, &joins, config, layout);
    let mut printed = settle(&tables, config, inference.into_warnings(), write);
    if let Some(patch) = &config.patch {
        printed.text = patched(&printed.text, patch)?;
    }
    Ok(printed)
}

fn whole(tables: &[Table<'_>], joins: &[Join], config: &PrintConfig, layout: Layout) -> String {
    let mut text = Text::new();
    text.line(format_args!("{HEADER}"));
    let module = config.schema.as_deref().map(|s| rust_name(s, None));
    if layout == Layout::Plain || module.is_some() || !tables.is_empty() {
        text.end_line();
    }
    match &module {
        Some(module) if layout == Layout::Formatted && tables.is_empty() => {
            text.line(format_args!("pub mod {module} {{}}"));
            return text.finish();
        }
        Some(module) => {
            text.line(format_args!("pub mod {module} {{"));
            text.indent();
        }
        None => {}
    }
    render::tables(&mut text, tables, config, layout);
    render::joinable(&mut text, joins, |place| {
        tables[place].rust_name.to_string()
    });
    let groups: Vec<Vec<&str>> = groups(tables.len(), joins, config.same_query)
        .iter()
        .map(|group| {
            group
                .iter()
                .map(|&place| &*tables[place].rust_name)
                .collect()
        })
        .collect();
    render::same_query(&mut text, layout, &groups);
    if module.is_some() {
        text.outdent();
        text.line(format_args!("}}"));
    }
    text.finish()
}

/// The tables to name together, by their places.
pub(super) fn groups(count: usize, joins: &[Join], choice: SameQuery) -> Vec<Vec<usize>> {
    match choice {
        SameQuery::AllTables => vec![(0..count).collect()],
        SameQuery::RelatedTables => connected(count, joins),
        SameQuery::None => Vec::new(),
    }
}

/// Writes in the layout that Diesel's output would have.
pub(super) fn settle(
    tables: &[Table<'_>],
    config: &PrintConfig,
    mut warnings: Vec<Warning>,
    write: impl Fn(Layout) -> String,
) -> Printed {
    if may_not_be_rust(tables, config) {
        let text = write(Layout::Plain);
        if syn::parse_file(&text).is_err() {
            warnings.push(Warning::NotRust);
            return Printed { text, warnings };
        }
    }
    let text = write(Layout::Formatted);
    Printed { text, warnings }
}

/// Whether the text should be parsed to know whether it is Rust. For nearly every database it
/// need not be, which matters where there are thousands of tables.
fn may_not_be_rust(tables: &[Table<'_>], config: &PrintConfig) -> bool {
    // Literals are not escaped, and Rust takes no lone carriage return in comments.
    let odd = |text: &str| text.contains(['\\', '\r', '\n']);
    let odd_schema = |schema: Option<&str>| schema.is_some_and(odd);
    let odd_comment = |comment: Option<&str>| comment.is_some_and(|text| text.contains('\r'));
    let odd_path = |path: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_:*{}, ".contains(c);
        !path.chars().all(plain)
    };
    config.import_types.iter().any(odd_path)
        || config.type_derives.iter().any(odd_path)
        || tables.iter().any(|table| {
            odd(table.sql_name)
                || odd_schema(table.schema)
                || odd_comment(table.comment)
                || table.columns.iter().any(|column| {
                    odd(column.sql_name)
                        || odd(column.sql_type.sql_name)
                        || odd_schema(column.sql_type.schema)
                        || odd_comment(column.comment)
                        || !is_plain_identifier(&column.sql_type.rust_name)
                })
        })
}

fn patched(text: &str, patch: &str) -> Result<String, PrintError> {
    let patch = diffy::Patch::from_str(patch).map_err(|error| PrintError::NotAPatch {
        reason: error.to_string(),
    })?;
    diffy::apply(text, &patch).map_err(|error| PrintError::PatchDoesNotApply {
        reason: error.to_string(),
    })
}
