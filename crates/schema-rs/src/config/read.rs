//! Reading `diesel.toml` as strictly as Diesel does, but telling all problems at once.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use regex::Regex;
use toml::de::DeValue;

use migrate_text::causes::Cause;
use migrate_text::document::{Located, Table, parse};
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::source::SourceFile;

use super::settings::{ColumnSorting, Docs, Filter, PrintConfig, SameQuery, Section};

/// The section that has no name of its own.
const DEFAULT: &str = "default";

/// Reads the `[print_schema]` sections of a `diesel.toml`, in the order in which Diesel prints
/// them. There always is one called `default`, as there is for Diesel.
///
/// `read_file` gives what is in a patch file; its path is as written, so relative to the folder
/// of `diesel.toml`.
pub fn read_sections(
    file: &SourceFile,
    read_file: impl Fn(&Path) -> io::Result<String>,
) -> Result<Vec<Section>, Problems> {
    let mut problems = Problems(Vec::new());
    let document = parse(file, &mut problems);
    let mut root = Table::new(file, &document);
    let print_schema = root.table("print_schema", &mut problems);
    // Read elsewhere; asked for here so that it is known.
    root.table("migrations_directory", &mut problems);
    root.finish(&mut problems);

    let mut sections = BTreeMap::new();
    if let Some(mut table) = print_schema {
        let unnamed = section(DEFAULT.to_owned(), &mut table, &read_file, &mut problems);
        for (name, mut table) in table.other_tables(&mut problems) {
            let section = section(name.value, &mut table, &read_file, &mut problems);
            table.finish(&mut problems);
            sections.insert(section.name.clone(), section);
        }
        // `[print_schema.default]` wins: that is what Diesel does.
        sections.entry(DEFAULT.to_owned()).or_insert(unnamed);
    } else {
        let unnamed = Section {
            name: DEFAULT.to_owned(),
            file: None,
            config: PrintConfig::default(),
        };
        sections.insert(DEFAULT.to_owned(), unnamed);
    }
    problems.into_result()?;
    Ok(sections.into_values().collect())
}

fn section(
    name: String,
    table: &mut Table<'_, '_>,
    read_file: &impl Fn(&Path) -> io::Result<String>,
    problems: &mut Problems,
) -> Section {
    // Means nothing for PostgreSQL, and is no mistake either.
    table.boolean("sqlite_integer_primary_key_is_bigint", problems);
    let file = table.string("file", problems);
    let patch_file = table.string("patch_file", problems);
    let config = PrintConfig {
        docs: docs(table, problems),
        same_query: same_query(table, problems),
        filter: filter(table, problems),
        column_sorting: column_sorting(table, problems),
        schema: table.string("schema", problems).map(|schema| schema.value),
        import_types: strings(table, "import_types", problems),
        define_missing_types: table
            .boolean("generate_missing_sql_type_definitions", problems)
            .is_none_or(|define| define.value),
        except_type_definitions: patterns(table, "except_custom_type_definitions", problems)
            .unwrap_or_default(),
        type_derives: strings(table, "custom_type_derives", problems),
        domains_as_types: patterns(table, "pg_domains_as_custom_types", problems)
            .unwrap_or_default(),
        patch: patch_file.and_then(|path| patch(&path, read_file, problems)),
    };
    Section {
        name,
        file: file.map(|file| PathBuf::from(file.value)),
        config,
    }
}

fn docs(table: &mut Table<'_, '_>, problems: &mut Problems) -> Docs {
    const EXPECTED: &str = "true, false, \"database-comments-fallback-to-auto-generated-doc-comment\", \
                            \"only-database-comments\" or \"no-doc-comments\"";
    choice(
        table,
        "with_docs",
        EXPECTED,
        problems,
        |value| match value {
            DeValue::Boolean(true) => Some(Docs::Always),
            DeValue::Boolean(false) => Some(Docs::None),
            _ => match value.as_str()? {
                "database-comments-fallback-to-auto-generated-doc-comment" => Some(Docs::Always),
                "only-database-comments" => Some(Docs::FromDatabase),
                "no-doc-comments" => Some(Docs::None),
                _ => None,
            },
        },
    )
}

fn same_query(table: &mut Table<'_, '_>, problems: &mut Problems) -> SameQuery {
    const KEY: &str = "allow_tables_to_appear_in_same_query_config";
    const EXPECTED: &str = "\"all_tables\", \"fk_related_tables\" or \"none\"";
    choice(table, KEY, EXPECTED, problems, |value| {
        match value.as_str()? {
            "all_tables" => Some(SameQuery::AllTables),
            "fk_related_tables" => Some(SameQuery::RelatedTables),
            "none" => Some(SameQuery::None),
            _ => None,
        }
    })
}

fn column_sorting(table: &mut Table<'_, '_>, problems: &mut Problems) -> ColumnSorting {
    const EXPECTED: &str = "\"ordinal_position\" or \"name\"";
    choice(
        table,
        "column_sorting",
        EXPECTED,
        problems,
        |value| match value.as_str()? {
            "ordinal_position" => Some(ColumnSorting::Position),
            "name" => Some(ColumnSorting::Name),
            _ => None,
        },
    )
}

/// One of several values, or the default.
fn choice<T: Default>(
    table: &mut Table<'_, '_>,
    key: &'static str,
    expected: &'static str,
    problems: &mut Problems,
    choose: impl Fn(&DeValue<'_>) -> Option<T>,
) -> T {
    let chosen = table.value(key, expected, problems, |value| Some(choose(value)));
    let Some(chosen) = chosen else {
        return T::default();
    };
    if chosen.value.is_none() {
        let key = key.to_owned();
        problems.at(chosen.location, ProblemKind::BadValue { key, expected });
    }
    chosen.value.unwrap_or_default()
}

fn filter(table: &mut Table<'_, '_>, problems: &mut Problems) -> Filter {
    let Some(mut table) = table.table("filter", problems) else {
        return Filter::All;
    };
    let only = patterns(&mut table, "only_tables", problems);
    let except = patterns(&mut table, "except_tables", problems);
    let location = table.location();
    table.finish(problems);
    match (only, except) {
        (None, None) => Filter::All,
        (Some(only), None) => Filter::Only(only),
        (None, Some(except)) => Filter::Except(except),
        (Some(_), Some(_)) => {
            let conflict = ProblemKind::Conflict {
                first: "only_tables",
                second: "except_tables",
            };
            problems.at(location, conflict);
            Filter::All
        }
    }
}

fn strings(table: &mut Table<'_, '_>, key: &'static str, problems: &mut Problems) -> Vec<String> {
    let list = table.strings(key, problems).unwrap_or_default();
    list.into_iter().map(|item| item.value).collect()
}

fn patterns(
    table: &mut Table<'_, '_>,
    key: &'static str,
    problems: &mut Problems,
) -> Option<Vec<Regex>> {
    let mut patterns = Vec::new();
    for text in table.strings(key, problems)? {
        match Regex::new(&text.value) {
            Ok(pattern) => patterns.push(pattern),
            Err(_) => problems.at(
                text.location,
                ProblemKind::BadValue {
                    key: key.to_owned(),
                    expected: "a list of regular expressions",
                },
            ),
        }
    }
    Some(patterns)
}

fn patch(
    path: &Located<String>,
    read_file: &impl Fn(&Path) -> io::Result<String>,
    problems: &mut Problems,
) -> Option<String> {
    let file = Path::new(&path.value);
    match read_file(file) {
        Ok(text) => Some(text),
        Err(error) => {
            let unreadable = ProblemKind::Unreadable {
                path: file.to_owned(),
                error: Cause::of(error),
            };
            problems.at(path.location.clone(), unreadable);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(text: &str) -> Result<Vec<Section>, Problems> {
        read_sections(&SourceFile::new("diesel.toml", text), |path| {
            match path.to_str() {
                Some("a.patch") => Ok("the patch".to_owned()),
                _ => Err(io::Error::from(io::ErrorKind::NotFound)),
            }
        })
    }

    fn told(text: &str) -> Vec<String> {
        let problems = sections(text).expect_err("the text has problems");
        let tell = |problem: &migrate_text::problem::Problem| {
            let location = problem.location.as_ref().expect("problems have a place");
            let told = migrate_text::causes::with_causes(&problem.kind);
            format!("{}: {told}", location.position().line)
        };
        problems.0.iter().map(tell).collect()
    }

    #[test]
    fn without_sections_there_is_the_default() {
        for text in ["", "[migrations_directory]\ndir = \"m\"", "[print_schema]"] {
            let sections = sections(text).unwrap();
            assert_eq!(sections.len(), 1, "{text}");
            assert_eq!(sections[0].name, "default");
            assert!(sections[0].config.define_missing_types);
        }
    }

    #[test]
    fn every_key_is_read() {
        let text = r#"
            [print_schema]
            file = "src/schema.rs"
            with_docs = "only-database-comments"
            allow_tables_to_appear_in_same_query_config = "fk_related_tables"
            filter = { except_tables = ["^a"] }
            column_sorting = "name"
            schema = "shop"
            patch_file = "a.patch"
            import_types = ["a::*"]
            generate_missing_sql_type_definitions = false
            except_custom_type_definitions = ["Mood"]
            custom_type_derives = ["Clone"]
            pg_domains_as_custom_types = ["x"]
            sqlite_integer_primary_key_is_bigint = true
        "#;
        let section = sections(text).unwrap().remove(0);
        assert_eq!(section.file, Some(PathBuf::from("src/schema.rs")));
        let config = section.config;
        assert_eq!(config.docs, Docs::FromDatabase);
        assert_eq!(config.same_query, SameQuery::RelatedTables);
        assert!(config.filter.admits("b") && !config.filter.admits("ab"));
        assert_eq!(config.column_sorting, ColumnSorting::Name);
        assert_eq!(config.schema.as_deref(), Some("shop"));
        assert_eq!(config.patch.as_deref(), Some("the patch"));
        assert_eq!(config.import_types, ["a::*"]);
        assert!(!config.define_missing_types);
        assert_eq!(config.except_type_definitions.len(), 1);
        assert_eq!(config.type_derives, ["Clone"]);
        assert_eq!(config.domains_as_types.len(), 1);
    }

    #[test]
    fn named_sections_come_in_the_order_of_their_names() {
        let text = "[print_schema]\nwith_docs = true\n[print_schema.z]\n[print_schema.a]\n";
        let sections = sections(text).unwrap();
        let names: Vec<&str> = sections.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["a", "default", "z"]);
        let docs: Vec<Docs> = sections.iter().map(|s| s.config.docs).collect();
        assert_eq!(docs, [Docs::None, Docs::Always, Docs::None]);
    }

    #[test]
    fn what_diesel_refuses_is_refused_with_its_place() {
        let text = "[print_schema]\nwith_docs = \"yes\"\ninclude_views = true\n\
                    filter = { only_tables = [\"(\"], except_tables = [] }\n\
                    patch_file = \"b.patch\"\n[print_schema.x]\ncolumn_sortin = \"name\"\n";
        let told = told(text);
        let mut lines: Vec<&str> = told.iter().map(String::as_str).collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "2: `with_docs` must be true, false, \
                 \"database-comments-fallback-to-auto-generated-doc-comment\", \
                 \"only-database-comments\" or \"no-doc-comments\"",
                "3: unknown key `include_views`",
                "4: `only_tables` and `except_tables` cannot both be given",
                "4: `only_tables` must be a list of regular expressions",
                "5: cannot read `b.patch`: entity not found",
                "7: unknown key `column_sortin`",
            ]
        );
    }
}
