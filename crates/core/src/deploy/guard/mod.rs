//! Wall 2: what a migration did to what other services own, found out in its own transaction and
//! by the server, so that the answer comes in time to roll it back and costs no message.
//!
//! Before the file two cursors are declared. One keeps the catalogs as they are then, and reads
//! nothing until after the file, and only rows that the migration has ended. The other counts the
//! rows that this session has written so far. After the file a `DO` block compares and raises.

mod breach;
mod sql;

use std::collections::BTreeMap;

use crate::ledger::LedgerPlace;
use crate::ownership::{Mandate, NamePattern, QualifiedPattern};
use migrate_sql::mask_passwords;
use migrate_text::class::Class;
use migrate_text::name::quote_literal;

use serde::Serialize;
use serde_json::json;

pub use breach::{ForeignChange, GuardBreach, Offence};
pub(super) use breach::{LastingBreach, finds, refused};

use sql::Comparison;

/// What our queries mean by an operator or a name.
const PATH: &str = "set local search_path = pg_catalog, pg_temp";
const SET_CONFIG: &str = "pg_catalog.set_config";
const SETTING: &str = "pg_catalog.current_setting";

/// The guard of one message.
pub(super) struct Guard {
    /// The mandate as a literal of SQL.
    mandate: String,
    /// In the names of the cursors, so that no file has them by chance.
    number: u64,
    /// Whether the numbers of written rows can be trusted.
    counting: bool,
}

impl Guard {
    /// The guard of a migration whose text is given.
    pub(super) fn of(mandate: &Mandate, place: &LedgerPlace, text: &str) -> Self {
        let wire = Wire::of(mandate, place);
        // Values of strings and lists of them always have a form in JSON.
        let json = serde_json::to_string(&wire).expect("a mandate is plain data");
        Self {
            mandate: quote_literal(&json),
            number: fastrand::u64(..),
            // A superuser may stop the counting for a while, also by `set_config` with a string:
            // so any mention counts. Where it is in vain, the guard only reads more.
            counting: !text.to_ascii_lowercase().contains("track_counts"),
        }
    }

    /// What has to be run before a text of the migration, in the transaction.
    pub(super) fn before(&self, text: &str) -> Vec<String> {
        vec![
            // The costs that PostgreSQL guesses for these queries would have it compile them,
            // which takes a second. The cursors are planned here.
            format!("{}\nset local jit = off", shown(text)),
            // Which operators they mean is settled then too, and a path may have others in front.
            format!("select {SET_CONFIG}('migrate.path', {SETTING}('search_path'), true)"),
            PATH.to_owned(),
            format!(
                "declare {} scroll cursor for {}",
                self.counts(),
                sql::COUNTS
            ),
            // Numbers of now, not of later: this runs it, and keeps its one row.
            format!("fetch next from {}", self.counts()),
            format!(
                "declare {} no scroll cursor for {}",
                self.cursor(),
                sql::ENDED.as_str()
            ),
            format!("select {SET_CONFIG}('search_path', {SETTING}('migrate.path'), true)"),
            "reset jit".to_owned(),
        ]
    }

    /// What has to be run after the file, in the transaction.
    pub(super) fn after(&self) -> String {
        self.compare(Comparison::Own)
    }

    /// Keeps the catalogs as they are beyond the transaction that this runs in: for a statement
    /// that has transactions of its own.
    pub(super) fn hold(&self) -> String {
        let (cursor, all) = (self.cursor(), sql::ALL.as_str());
        // A type or function is called otherwise under another path, and would look changed.
        format!(
            "{PATH}; set local jit = off; \
             declare {cursor} no scroll cursor with hold for {all}"
        )
    }

    /// Compares with what [`Self::hold`] kept. `VACUUM FULL` and `CLUSTER` write a table anew as
    /// it was.
    pub(super) fn compare_held(&self, rewrites_alike: bool) -> String {
        let compare = self.compare(Comparison::Whole { rewrites_alike });
        format!("{compare};\nclose {}", self.cursor())
    }

    fn compare(&self, comparison: Comparison) -> String {
        let block = comparison
            .block()
            .replace("{counting}", if self.counting { "true" } else { "false" })
            .replace("{before}", &quote_literal(&self.cursor()))
            .replace("{counts}", &quote_literal(&self.counts()))
            // Last: it holds names that people chose.
            .replace("{mandate}", &self.mandate);
        let tag = format!("$guard_{}$", self.number);
        // The file may have set a path with functions of its own in front.
        format!("{PATH};\nset local jit = off;\ndo {tag}\n{block}\n{tag}")
    }

    fn cursor(&self) -> String {
        format!("migrate_before_{}", self.number)
    }

    fn counts(&self) -> String {
        format!("migrate_counts_{}", self.number)
    }
}

/// A comment with the beginning of a text. The server's list of sessions has the first 1,024
/// bytes of a message, and who looks there wants to see what runs, not the guard.
fn shown(text: &str) -> String {
    let masked = mask_passwords(text);
    let words: Vec<&str> = masked.split_whitespace().collect();
    let beginning: String = words.join(" ").chars().take(300).collect();
    // Without its quotes: PostgreSQL looks for a function's body in the message to say where in
    // it an error is, and gives up where it finds two.
    format!("-- {}", beginning.replace('\'', "`").replace('$', "#"))
}

/// A mandate as the server reads it. A name that is no glob is compared, not matched: PostgreSQL
/// keeps only 32 regular expressions compiled, and there may be thousands of tables.
#[derive(Serialize)]
struct Wire<'a> {
    services: &'a [String],
    /// Whether nobody has to be protected from it: it acts for all, or for nobody.
    impartial: bool,
    /// The number and the services of a rule for one name, by class, schema and name in JSON as
    /// the server writes it.
    names: BTreeMap<String, (usize, Vec<&'a str>)>,
    globs: Vec<WireRule<'a>>,
    reads: Vec<WirePattern<'a>>,
    uses: Vec<WirePattern<'a>>,
    /// The roles of the other services.
    roles: &'a [String],
    allowed: Vec<WirePattern<'a>>,
}

#[derive(Serialize)]
struct WireRule<'a> {
    number: usize,
    class: Class,
    #[serde(flatten)]
    pattern: WirePattern<'a>,
    services: Vec<&'a str>,
}

#[derive(Serialize)]
struct WirePattern<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_regex: Option<String>,
}

impl<'a> Wire<'a> {
    fn of(mandate: &'a Mandate, place: &'a LedgerPlace) -> Self {
        let mut names = BTreeMap::new();
        let mut globs = vec![WireRule {
            number: 0,
            class: Class::Relation,
            pattern: WirePattern {
                schema: Some(&place.schema),
                schema_regex: None,
                name: None,
                name_regex: Some("^(?:__migrate_.*|__diesel_schema_migrations)$".to_owned()),
            },
            services: vec![GuardBreach::TOOL],
        }];
        for (index, rule) in mandate.owners.0.iter().enumerate() {
            let number = index + 1;
            let services: Vec<&str> = rule.services.iter().map(String::as_str).collect();
            match (&rule.pattern.schema, &rule.pattern.name) {
                (NamePattern::Exact(schema), NamePattern::Exact(name)) => {
                    // The first rule counts.
                    let key = key(rule.class, schema, name);
                    names.entry(key).or_insert((number, services));
                }
                _ => globs.push(WireRule {
                    number,
                    class: rule.class,
                    pattern: WirePattern::of(&rule.pattern),
                    services,
                }),
            }
        }
        let mut owners = mandate.owners.0.iter().flat_map(|rule| &rule.services);
        Self {
            services: &mandate.services,
            impartial: mandate.services.is_empty()
                || owners.all(|owner| mandate.services.contains(owner)),
            names,
            globs,
            reads: mandate.reads.iter().map(WirePattern::of).collect(),
            uses: mandate.uses.iter().map(WirePattern::of).collect(),
            roles: &mandate.roles,
            allowed: mandate.allowed.iter().map(WirePattern::of).collect(),
        }
    }
}

/// What `jsonb_build_array(class, schema, name)::text` gives.
fn key(class: Class, schema: &str, name: &str) -> String {
    let class = json!(class);
    format!("[{class}, {}, {}]", json!(schema), json!(name))
}

impl<'a> WirePattern<'a> {
    fn of(pattern: &'a QualifiedPattern) -> Self {
        let parts = |pattern: &'a NamePattern| match pattern {
            NamePattern::Exact(name) => (Some(name.as_str()), None),
            NamePattern::Glob(_) => (None, Some(pattern.regex())),
        };
        let (schema, schema_regex) = parts(&pattern.schema);
        let (name, name_regex) = parts(&pattern.name);
        Self {
            schema,
            schema_regex,
            name,
            name_regex,
        }
    }
}
