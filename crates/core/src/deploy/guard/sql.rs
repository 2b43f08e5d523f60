//! The guard's SQL, put together from its files.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use migrate_text::name::quote_literal;

/// How many rows of every table and catalog this session has written since the server last
/// counted them: the numbers go on over transactions.
pub(super) const COUNTS: &str = include_str!("counts.sql");

/// Whether this transaction can have written a row. `guard.sql` sets the lowest age that an id of
/// ours can have: what PostgreSQL takes for later than that is too old for it to tell. Nothing is
/// set yet when the cursors are planned.
const OURS: &str = "pg_catalog.age({xid}) <= 0 and pg_catalog.age({xid}) >= \
    nullif(pg_catalog.current_setting('migrate.newest', true), '')::pg_catalog.int8";

/// Whether somebody can have ended a row since the guard began. Most rows nobody has ended.
const ENDED_SINCE: &str = "pg_catalog.age({row}.xmax) < 2147483647 and pg_catalog.age({row}.xmax) between \
    nullif(pg_catalog.current_setting('migrate.newest', true), '')::pg_catalog.int8 \
    and nullif(pg_catalog.current_setting('migrate.oldest', true), '')::pg_catalog.int8";

/// What became of the transaction that wrote or ended a row `r` of JSON. Before the first id of
/// ours there are those of others.
const STATUS: &str = "pg_xact_status((top + ((((r ->> 'xid')::bigint - top) & 4294967295) # 2147483648) - 2147483648)::text::xid8)";

/// Rows that were ended since, as they were.
pub(super) static ENDED: LazyLock<String> = LazyLock::new(|| {
    let touched =
        "pg_catalog.strpos(pg_catalog.current_setting('migrate.ended', true), '[{catalog}]') > 0";
    collected(&state("xmax", &format!("{ENDED_SINCE} and {touched}")))
});

/// All rows.
pub(super) static ALL: LazyLock<String> = LazyLock::new(|| collected(&state("xmin", "true")));

static OWN: LazyLock<String> = LazyLock::new(|| block("false", "false", "2"));

static WHOLE: LazyLock<[String; 2]> =
    LazyLock::new(|| ["false", "true"].map(|same_files| block("true", same_files, "1")));

/// The catalogs of what has a name and an owner of its own, and is called as its catalog is.
const NAMED: &str = "'pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_collation', 'pg_conversion', \
    'pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_publication', \
    'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_cast', 'pg_transform'";

/// The catalogs of which it is enough to know that they were written. Not all servers have them,
/// and not everybody may read them.
const COUNTED: &str = "'{pg_event_trigger,pg_database,pg_db_role_setting,pg_authid,pg_auth_members,\
    pg_tablespace,pg_parameter_acl,pg_subscription,pg_language,pg_am,pg_publication_namespace,\
    pg_user_mapping,pg_seclabel,pg_largeobject,pg_depend}'";

/// The class of an object of a catalog, by the catalog's number.
const CLASS: &str = "case $1 when 1259 then 'relation' when 1255 then 'routine' when 1247 then 'type' \
    when 2615 then 'schema' when 2613 then 'largeobject' else substr(($1)::regclass::text, 4) end";

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Comparison {
    /// What this transaction has written.
    Own,
    /// The catalogs as they are with the catalogs as they were, whoever has written.
    Whole {
        /// Whether a table in a new file may be the same.
        rewrites_alike: bool,
    },
}

impl Comparison {
    /// The block, with what differs from migration to migration still in braces.
    pub(super) fn block(self) -> &'static str {
        match self {
            Self::Own => &OWN,
            Self::Whole { rewrites_alike } => &WHOLE[usize::from(rewrites_alike)],
        }
    }
}

/// All rows of a query as one value, so that one fetch gives them all.
fn collected(state: &str) -> String {
    format!(
        "select coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(state)), '[]') from (\n{state}) state"
    )
}

/// The rows of the catalogs for which a condition holds. It may name `{row}`, `{catalog}` and
/// `{key}`.
fn state(xid: &str, condition: &str) -> String {
    let sql = code(include_str!("state.sql"));
    let sql = pattern(r"\{xid:(\w+)\}").replace_all(&sql, |found: &Captures<'_>| {
        format!("{}.{xid}::pg_catalog.text::pg_catalog.int8", &found[1])
    });
    let seen = pattern(r"\{seen:(\w+):(\w+):([\w.]+)\}");
    let condition_of = |found: &Captures<'_>| {
        condition
            .replace("{catalog}", &found[1])
            .replace("{row}", &found[2])
            .replace("{key}", &found[3])
    };
    seen.replace_all(&sql, condition_of).into_owned()
}

/// The catalogs that are read, as a literal of SQL.
fn catalogs() -> String {
    format!("'{{{}}}'", catalog_names().join(","))
}

fn catalog_names() -> Vec<String> {
    let sql = code(include_str!("state.sql"));
    let names = pattern(r"\{seen:(\w+)");
    let names = names.captures_iter(&sql);
    names.map(|found| found[1].to_owned()).collect()
}

/// The same by catalog: its name, and the query of its rows alone as a literal of SQL.
fn parts(condition: &str) -> Vec<(String, String)> {
    let state = state("xmin", condition);
    let queries = state.split("\nunion all\n").map(quote_literal);
    catalog_names().into_iter().zip(queries).collect()
}

fn values(condition: &str) -> String {
    let parts = parts(condition).into_iter();
    let rows: Vec<String> = parts
        .map(|(name, query)| format!("('{name}', {query})"))
        .collect();
    rows.join(", ")
}

/// The block with these in place of the braces.
fn block(whole: &str, same_files: &str, cursors: &str) -> String {
    let new = &OURS.replace("{xid}", "{row}.xmin");
    let of_altered = parts(&format!("{{key}} = any ($1) and {new}"));
    let of_altered = of_altered
        .into_iter()
        .find(|(name, _)| name == "pg_attribute");
    let (_, of_altered) = of_altered.expect("the columns are among the catalogs");
    let block = code(include_str!("guard.sql"))
        .replace("{bounds}", &code(include_str!("bounds.sql")))
        .replace("{own}", &code(include_str!("own.sql")))
        .replace("{status}", STATUS)
        .replace("{suspicious}", &code(include_str!("suspicious.sql")))
        .replace("{dangling}", &code(include_str!("dangling.sql")))
        .replace("{everybodys}", &code(include_str!("everybodys.sql")))
        .replace("{strangers}", &code(include_str!("strangers.sql")))
        .replace("{works_with}", &code(include_str!("works_with.sql")))
        .replace("{compare}", &code(include_str!("compare.sql")))
        .replace("{said}", &code(include_str!("said.sql")))
        .replace("{called}", &code(include_str!("called.sql")))
        .replace("{through}", &code(include_str!("through.sql")))
        .replace("{ours}", &OURS.replace("{xid}", "xmin"))
        .replace("{ours:d}", &OURS.replace("{xid}", "d.xmin"))
        .replace("{named}", NAMED)
        .replace("{counted}", COUNTED)
        .replace("{reads}", &fits("reads"))
        .replace("{uses}", &fits("uses"))
        .replace("{allowed}", &fits("allowed"))
        .replace("{catalogs}", &catalogs())
        .replace("{whole}", whole)
        .replace("{same_files}", same_files)
        .replace("{cursors}", cursors)
        .replace("{all}", &state("xmin", "true"))
        .replace("{altered}", &of_altered)
        .replace("{after}", &values(new))
        .replace("{still}", &values("{key} = any ($1)"));
    let classes = pattern(r"\{class:([\w.]+)\}");
    let block = classes.replace_all(&block, CLASS);
    let keys = pattern(r"\{key:(\w+)\}");
    let key_of = "jsonb_build_array($1 -> 'catalog', $1 -> 'object', $1 -> 'part')::text";
    let block = keys.replace_all(&block, key_of);
    let rules = pattern(r"\{rules:([^:]+):([^:]+):([^}]+)\}");
    let rules_of = |found: &Captures<'_>| {
        code(include_str!("rules.sql"))
            .replace("{class}", &found[1])
            .replace("{schema}", &found[2])
            .replace("{name}", &found[3])
    };
    rules.replace_all(&block, rules_of).into_owned()
}

/// Whether a list of patterns in the mandate has one for the object `c`.
fn fits(list: &str) -> String {
    code(include_str!("fits.sql")).replace("{list}", list)
}

/// SQL without comments and indentation, which the server need not be sent.
fn code(sql: &str) -> String {
    let lines = sql.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("--") && !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn pattern(regex: &str) -> Regex {
    Regex::new(regex).expect("the pattern is a constant")
}
