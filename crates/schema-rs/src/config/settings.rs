//! The choices as values.

use std::path::PathBuf;

use regex::Regex;

/// One file to print: the `[print_schema]` or a `[print_schema.NAME]` of `diesel.toml`.
#[derive(Debug, Clone)]
pub struct Section {
    /// `NAME`, or `default`.
    pub name: String,
    /// Where Diesel's own tool writes it; relative to the folder of `diesel.toml`.
    pub file: Option<PathBuf>,
    /// How it is printed.
    pub config: PrintConfig,
}

/// How a file is printed.
#[derive(Debug, Clone)]
pub struct PrintConfig {
    /// `with_docs`.
    pub docs: Docs,
    /// `allow_tables_to_appear_in_same_query_config`.
    pub same_query: SameQuery,
    /// `filter`.
    pub filter: Filter,
    /// `column_sorting`.
    pub column_sorting: ColumnSorting,
    /// `schema`. Where it is given, even as `public`, the tables are inside a module of its name.
    pub schema: Option<String>,
    /// `import_types`.
    pub import_types: Vec<String>,
    /// `generate_missing_sql_type_definitions`.
    pub define_missing_types: bool,
    /// `except_custom_type_definitions`: matched with the name in Rust.
    pub except_type_definitions: Vec<Regex>,
    /// `custom_type_derives`. `SqlType` is added where it is missing.
    pub type_derives: Vec<String>,
    /// `pg_domains_as_custom_types`: matched with the name in SQL, without its schema.
    pub domains_as_types: Vec<Regex>,
    /// What is in the `patch_file`.
    pub patch: Option<String>,
}

impl Default for PrintConfig {
    fn default() -> Self {
        Self {
            docs: Docs::default(),
            same_query: SameQuery::default(),
            filter: Filter::default(),
            column_sorting: ColumnSorting::default(),
            schema: None,
            import_types: Vec::new(),
            define_missing_types: true,
            except_type_definitions: Vec::new(),
            type_derives: Vec::new(),
            domains_as_types: Vec::new(),
            patch: None,
        }
    }
}

/// Which comments become doc comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Docs {
    /// None.
    #[default]
    None,
    /// Those in the database.
    FromDatabase,
    /// Those in the database, and a made-up one where there is none.
    Always,
}

/// Which tables are named together in `allow_tables_to_appear_in_same_query!`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SameQuery {
    /// All.
    #[default]
    AllTables,
    /// Those that foreign keys connect.
    RelatedTables,
    /// None.
    None,
}

/// The order of columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColumnSorting {
    /// As in the table.
    #[default]
    Position,
    /// By name, byte by byte.
    Name,
}

/// Which tables are printed. The patterns see a table's name without its schema.
#[derive(Debug, Clone, Default)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those with a name that one of the patterns is found in.
    Only(Vec<Regex>),
    /// All but those.
    Except(Vec<Regex>),
}

impl Filter {
    /// Whether a table is printed, by its name without its schema.
    pub fn admits(&self, table: &str) -> bool {
        let found = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(table));
        match self {
            Self::All => true,
            Self::Only(patterns) => found(patterns),
            Self::Except(patterns) => !found(patterns),
        }
    }
}
