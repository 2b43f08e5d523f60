//! The tables that lie beside the tests, for people to read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The verbs that the generator puts into its forms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Verbs {
    objects: Vec<Object>,
}

/// All that can be done with one sort of object.
#[derive(Debug, Deserialize)]
pub struct Object {
    pub object: String,
    /// What the migrations need an `allow` for, whoever they are aimed at.
    #[serde(default)]
    pub allow: Option<String>,
    #[serde(flatten)]
    pub verbs: BTreeMap<Class, Vec<Verb>>,
}

/// What a verb does to whom: the top of `verbs/` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Each,
    Plain,
    Alone,
    Into,
    Use,
    Through,
    Touch,
    Read,
    Own,
    Session,
    Anybody,
    AloneAnybody,
    Everybody,
    AloneEverybody,
    Never,
    WayOut,
}

/// A statement, with `{o}` for the owner of what it changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Verb {
    Plain(String),
    More {
        sql: String,
        /// What makes it undone where it is of the whole server.
        #[serde(default)]
        undo: Option<String>,
        /// The first version that knows it.
        #[serde(default)]
        since: i32,
        /// Whether it is only tried where it has to be refused.
        #[serde(default)]
        aimed: bool,
        /// Whether it is only tried as it stands.
        #[serde(default)]
        plain: bool,
    },
}

impl Verb {
    pub fn sql(&self) -> &str {
        match self {
            Self::Plain(sql) | Self::More { sql, .. } => sql,
        }
    }

    pub fn undo(&self) -> Option<&str> {
        match self {
            Self::Plain(_) => None,
            Self::More { undo, .. } => undo.as_deref(),
        }
    }

    pub fn is_only_aimed(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::More { aimed, .. } => *aimed,
        }
    }

    pub fn is_only_plain(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::More { plain, .. } => *plain,
        }
    }

    pub fn since(&self) -> i32 {
        match self {
            Self::Plain(_) => 0,
            Self::More { since, .. } => *since,
        }
    }
}

/// What a migration may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum May {
    Own,
    Everybody,
    Allow,
    Never,
    Free,
}

/// A wall that sees something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wall {
    Text,
    Transaction,
    Privileges,
}

/// What the law says of one kind of statement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    pub may: May,
    pub walls: BTreeSet<Wall>,
    pub shown_by: String,
    /// The item of "Limits" that says what of it no wall sees.
    #[serde(default)]
    pub limit: Option<String>,
}

/// What the law says of one catalog, and how the fingerprint reads it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    pub may: May,
    pub walls: BTreeSet<Wall>,
    pub shown_by: String,
    #[serde(default)]
    pub limit: Option<String>,
    /// The first version that has it.
    #[serde(default)]
    pub since: i32,
    /// SQL for what a row belongs to; what PostgreSQL calls the object, if there is nothing.
    #[serde(default)]
    pub identity: Option<String>,
    /// Which rows are not there from the beginning.
    #[serde(default)]
    pub rows: Option<String>,
    /// Which rows a new server has; where `rows` does not say otherwise, by their number.
    #[serde(default)]
    pub built_in: Option<String>,
    /// Columns that change by themselves.
    #[serde(default)]
    pub without: Vec<String>,
    /// What else is taken out of a row, in SQL.
    #[serde(default)]
    pub facts: String,
    /// Why the fingerprint does not read it.
    #[serde(default)]
    pub left_out: Option<String>,
}

pub fn verbs() -> Vec<Object> {
    let files = [
        ("verbs/tables.toml", include_str!("verbs/tables.toml")),
        ("verbs/objects.toml", include_str!("verbs/objects.toml")),
        ("verbs/server.toml", include_str!("verbs/server.toml")),
    ];
    let files = files.map(|(name, text)| read::<Verbs>(name, text).objects);
    files.into_iter().flatten().collect()
}

pub fn statements() -> BTreeMap<String, Statement> {
    read("statements.toml", include_str!("statements.toml"))
}

pub fn catalogs() -> BTreeMap<String, Catalog> {
    read("catalogs.toml", include_str!("catalogs.toml"))
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}
