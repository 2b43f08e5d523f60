//! What is printed compiles: every subset, and every case of `print_schema` that is Rust at all.
//!
//! `tests/print_schema.rs` and `tests/subset.rs` see to it that the expected files are what is
//! printed. They are included here, each in a module. A case that cannot compile says why: Diesel's
//! own tool prints the same.

#![allow(
    clippy::empty_docs,
    dead_code,
    non_camel_case_types,
    non_snake_case,
    unreachable_pub,
    unused_imports,
    reason = "nobody uses the tables, and their names come from SQL"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Includes the expected outputs of a folder and lists their cases.
macro_rules! compiled {
    ($folder:ident as $list:ident: $($case:ident)*) => {
        mod $folder {
            $(
                mod $case {
                    include!(concat!(
                        "../../schema-rs/tests/fixtures/",
                        stringify!($folder),
                        "/",
                        stringify!($case),
                        "/expected.rs"
                    ));
                }
            )*
        }

        const $list: &[&str] = &[$(stringify!($case)),*];
    };
}

/// What cases with `import_types` or patches import.
mod types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
    pub type Name = diesel::sql_types::Text;
    pub type Price = diesel::sql_types::Int4;
}

compiled! {
    print_schema as PRINTED:
    all_domains_as_custom_types
    arrays
    arrays_of_custom_types
    big_schema
    binary_and_bit_types
    column_sorting_and_types
    column_sorting_by_position
    comments_of_many_shapes
    composite_types
    custom_range_type
    custom_type_derives
    custom_type_derives_just_fit
    custom_type_derives_just_too_long
    custom_type_derives_line_by_line
    custom_type_derives_on_their_own_line
    custom_type_derives_with_sql_type
    date_and_time_types
    document_types
    domains
    domains_as_custom_types
    domains_named_like_varchar
    empty_database
    enums
    except_all_tables
    except_tables
    filter_by_case
    filter_empty
    filter_with_schema_in_the_name
    foreign_key_of_several_columns
    foreign_key_that_is_the_primary_key
    foreign_key_to_a_unique_column
    foreign_key_to_another_schema
    foreign_key_to_itself
    foreign_key_twice_the_same
    foreign_keys_in_both_directions
    foreign_keys_twice_between_two_tables
    generated_and_identity_columns
    geometric_types
    import_no_types
    import_types
    import_types_with_custom_types
    import_types_without_definitions
    inherited_tables
    integer_types
    keys_of_other_databases
    long_type_names
    many_custom_types
    multirange_types
    name_with_tab_and_quotes
    name_with_valid_escape
    names_of_63_bytes
    names_that_differ_in_case
    names_with_leading_digits
    names_with_line_breaks
    names_with_line_breaks_and_docs
    network_types
    no_sections
    not_null_by_check
    not_null_domains
    number_types
    one_table
    only_tables
    only_tables_anchored
    only_tables_empty
    partitioned_tables
    patch_file
    patch_file_at_another_line
    patch_files_in_sections
    primary_key_name_shared_across_schemas
    primary_key_name_shared_with_a_foreign_key
    primary_key_of_several_columns
    range_types
    relations_that_are_no_tables
    same_query_all_tables
    same_query_by_foreign_keys
    same_query_by_foreign_keys_unrelated
    same_query_fits_the_line
    same_query_none
    same_query_of_short_names
    same_query_of_short_names_in_a_schema
    same_query_wraps
    same_type_name_in_two_schemas
    schema
    schema_fits_the_line
    schema_public
    schema_that_does_not_exist
    schema_with_awkward_name
    schema_with_custom_types
    schema_with_docs
    schema_with_many_tables
    schema_without_tables
    section_named_default
    system_types
    table_of_32_columns
    table_without_primary_key_left_out
    tables_of_extensions
    text_search_types
    text_types
    type_in_another_schema
    type_name_with_leading_underscore
    type_names_that_meet_in_rust
    typed_table
    with_docs
    with_docs_false
    with_docs_named
    with_docs_none
    with_docs_only_database_comments
}

compiled! {
    subset as SUBSETS:
    nothing
    one_schema_that_is_not_public
    one_table
    owns_and_reads
    schema_named_like_a_table
    several_schemas
    several_schemas_in_related_groups
}

/// The cases that do not compile, and why.
const NOT_COMPILED: &[(&str, &str)] = &[
    (
        "awkward_type_names",
        "a derive of Diesel panics at type names beyond ASCII",
    ),
    (
        "big_schema_with_defaults",
        "so many tables in one query need a higher recursion limit",
    ),
    (
        "column_names_that_are_keywords",
        "`gen` is a keyword since the edition of 2024",
    ),
    (
        "column_sorting_by_name",
        "two columns or tables have one name in Rust",
    ),
    (
        "comment_with_bare_carriage_return",
        "a name in it is not Rust",
    ),
    (
        "except_custom_type_definitions",
        "it is told to leave a type undefined",
    ),
    (
        "except_every_custom_type_definition",
        "it is told to leave a type undefined",
    ),
    ("joinable", "a column has the name of its table"),
    ("many_foreign_keys", "a column has the name of its table"),
    ("name_with_backslash", "a name in it is not Rust"),
    ("name_with_carriage_return", "a name in it is not Rust"),
    (
        "names_reserved_by_diesel",
        "two columns or tables have one name in Rust",
    ),
    (
        "names_that_meet_in_rust",
        "two columns or tables have one name in Rust",
    ),
    (
        "names_with_quotes_and_backslashes",
        "two columns or tables have one name in Rust",
    ),
    (
        "names_with_spaces_and_signs",
        "two columns or tables have one name in Rust",
    ),
    (
        "names_with_underscores",
        "two columns or tables have one name in Rust",
    ),
    (
        "names_with_unicode",
        "two columns or tables have one name in Rust",
    ),
    (
        "no_missing_type_definitions",
        "it is told to leave a type undefined",
    ),
    (
        "schema_that_is_a_keyword",
        "a column has the name of its table",
    ),
    (
        "sections",
        "Diesel prints the sections one after the other, meant for one file each",
    ),
    (
        "sections_with_a_default",
        "Diesel prints the sections one after the other, meant for one file each",
    ),
    (
        "table_names_that_are_keywords",
        "`gen` is a keyword since the edition of 2024",
    ),
    (
        "table_of_128_columns",
        "it needs a feature of Diesel that makes it slow to build",
    ),
    (
        "table_of_129_columns",
        "it needs a feature of Diesel that makes it slow to build",
    ),
    (
        "table_of_300_columns",
        "it needs a feature of Diesel that makes it slow to build",
    ),
    (
        "table_of_33_columns",
        "it needs a feature of Diesel that makes it slow to build",
    ),
    (
        "table_of_64_columns",
        "it needs a feature of Diesel that makes it slow to build",
    ),
    (
        "table_of_65_columns",
        "it needs a feature of Diesel that makes it slow to build",
    ),
    ("type_name_with_backslash", "a name in it is not Rust"),
    ("type_name_with_leading_digit", "a name in it is not Rust"),
    ("type_name_with_superscript", "a name in it is not Rust"),
    ("type_name_without_letters", "a name in it is not Rust"),
    ("type_named_self", "a name in it is not Rust"),
    (
        "wide_type_names",
        "a derive of Diesel panics at type names beyond ASCII",
    ),
    (
        "wide_type_names_that_wrap",
        "a derive of Diesel panics at type names beyond ASCII",
    ),
];

#[test]
fn every_case_compiles_or_says_why_not() {
    let excused = NOT_COMPILED.iter().map(|(case, _)| *case);
    let listed = PRINTED.iter().copied().chain(excused);
    assert_eq!(sorted(listed), sorted(cases("print_schema")));
    assert_eq!(sorted(SUBSETS.iter().copied()), sorted(cases("subset")));
}

/// The cases of a folder that have an output.
fn cases(folder: &str) -> Vec<String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema-rs/tests/fixtures");
    fs::read_dir(fixtures.join(folder))
        .expect("the cases are there")
        .map(|entry| entry.expect("the folder can be read"))
        .filter(|entry| entry.path().join("expected.rs").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn sorted<S: ToString>(names: impl IntoIterator<Item = S>) -> BTreeSet<String> {
    names.into_iter().map(|name| name.to_string()).collect()
}
