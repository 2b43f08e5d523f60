//! `migrate.toml` as written: structure checked, variables not yet looked up.

use migrate_text::document::{Located, Table, parse_text};
use migrate_text::prerequisites::Prerequisites;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::source::Location;
use migrate_text::source::SourceFile;

use super::hide::hide_secrets;
use super::service::{RoleName, Service, TablePattern, Transfer};

/// The file's content.
pub(super) struct Manifest {
    pub(super) databases: Vec<DatabaseSettings>,
    pub(super) services: Vec<Service>,
    pub(super) transfers: Vec<Transfer>,
}

/// A `[databases.NAME]` table.
pub(super) struct DatabaseSettings {
    pub(super) name: Located<String>,
    pub(super) url: Option<Located<String>>,
    /// `host`, `port`, ... under libpq's keywords, in place of a URL.
    pub(super) parts: Vec<(&'static str, Located<String>)>,
    pub(super) create: bool,
    pub(super) roles: bool,
    pub(super) strict_order: bool,
    pub(super) extensions: Vec<Located<String>>,
    pub(super) schemas: Vec<Located<String>>,
    pub(super) pool_max_size: Option<Located<String>>,
    pub(super) pool_idle_timeout: Option<Located<String>>,
    pub(super) lock_timeout: Option<Located<String>>,
    pub(super) lock_retries: Option<Located<String>>,
    pub(super) statement_timeout: Option<Located<String>>,
}

impl DatabaseSettings {
    /// What it needs before its first migration, where no variable has a part in that.
    pub(super) fn plain_prerequisites(&self) -> Option<Prerequisites> {
        let plain = |list: &[Located<String>]| {
            let texts = list.iter().map(|text| &text.value);
            let plain = texts.map(|text| (!text.contains("${")).then(|| text.clone()));
            plain.collect::<Option<Vec<String>>>()
        };
        Some(Prerequisites {
            extensions: plain(&self.extensions)?,
            schemas: plain(&self.schemas)?,
        })
    }
}

/// Our keys for a URL's parts, with libpq's.
const PARTS: [(&str, &str); 6] = [
    ("host", "host"),
    ("port", "port"),
    ("user", "user"),
    ("password", "password"),
    ("name", "dbname"),
    ("sslmode", "sslmode"),
];

/// Reads the whole file and reports all that is wrong with its structure. Problems show the file
/// without its secrets.
pub(super) fn read(file: &SourceFile, problems: &mut Problems) -> Manifest {
    let shown = SourceFile::new(file.path(), hide_secrets(file.text()));
    let document = parse_text(file.text(), &shown, problems);
    let mut root = Table::new(&shown, &document);
    let databases = root
        .table("databases", problems)
        .map(|table| table.named_tables(problems))
        .unwrap_or_default()
        .into_iter()
        .map(|(name, table)| {
            check_named("databases", &name, problems);
            database(name, table, problems)
        })
        .collect();
    let services = root
        .table("services", problems)
        .map(|table| table.named_tables(problems))
        .unwrap_or_default()
        .into_iter()
        .map(|(name, table)| {
            check_named("services", &name, problems);
            service(name, table, problems)
        })
        .collect();
    let transfers = root.tables("transfers", problems);
    let transfers = transfers
        .into_iter()
        .filter_map(|table| transfer(table, problems))
        .collect();
    root.finish(problems);
    Manifest {
        databases,
        services,
        transfers,
    }
}

/// Makes sure that a database or service can be called something.
fn check_named(what: &str, name: &Located<String>, problems: &mut Problems) {
    if name.value.trim().is_empty() {
        problems.at(
            name.location.clone(),
            ProblemKind::BadValue {
                key: format!("{what}.\"{}\"", name.value),
                expected: "a table with a name",
            },
        );
    }
}

/// A `[[transfers]]` table; `None` when something is missing, which is told.
fn transfer(mut table: Table<'_, '_>, problems: &mut Problems) -> Option<Transfer> {
    let location = table.location();
    let mut needed = |key: &'static str, example: &'static str| {
        let value = table.string(key, problems);
        if value.is_none() {
            problems.at(location.clone(), ProblemKind::MissingKey { key, example });
        }
        value.map(|value| value.value)
    };
    let transfer = (
        needed("table", "table = \"posts\""),
        needed("from", "from = \"auth\""),
        needed("to", "to = \"post\""),
        needed("after", "after = \"20250224192746\""),
    );
    table.finish(problems);
    let (Some(table), Some(from), Some(to), Some(after)) = transfer else {
        return None;
    };
    Some(Transfer {
        table,
        from,
        to,
        after,
        location: Some(location),
    })
}

fn database(
    name: Located<String>,
    mut table: Table<'_, '_>,
    problems: &mut Problems,
) -> DatabaseSettings {
    let location = table.location();
    let url = table.string("url", problems);
    let parts: Vec<_> = PARTS
        .into_iter()
        .filter_map(|(ours, libpq)| Some((libpq, table.string_or_number(ours, problems)?)))
        .collect();
    check_address(url.as_ref(), parts.first(), location, problems);
    let mut is_set = |key| {
        let value = table.boolean(key, problems);
        value.is_some_and(|value| value.value)
    };
    let (create, roles, strict_order) = (is_set("create"), is_set("roles"), is_set("strict_order"));
    let settings = DatabaseSettings {
        name,
        url,
        parts,
        create,
        roles,
        strict_order,
        extensions: table.strings("extensions", problems).unwrap_or_default(),
        schemas: table.strings("schemas", problems).unwrap_or_default(),
        lock_timeout: table.string_or_number("lock_timeout", problems),
        lock_retries: table.string_or_number("lock_retries", problems),
        statement_timeout: table.string_or_number("statement_timeout", problems),
        pool_max_size: None,
        pool_idle_timeout: None,
    };
    let pool = table.table("pool", problems);
    table.finish(problems);
    let Some(mut pool) = pool else {
        return settings;
    };
    let settings = DatabaseSettings {
        pool_max_size: pool.string_or_number("max_size", problems),
        pool_idle_timeout: pool.string_or_number("idle_timeout", problems),
        ..settings
    };
    pool.finish(problems);
    settings
}

/// A database is named by a URL or by its parts.
fn check_address(
    url: Option<&Located<String>>,
    part: Option<&(&'static str, Located<String>)>,
    location: Location,
    problems: &mut Problems,
) {
    match (url, part) {
        (Some(_), Some((keyword, part))) => problems.at(
            part.location.clone(),
            ProblemKind::Conflict {
                first: "url",
                second: our_key(keyword),
            },
        ),
        (None, None) => problems.at(
            location,
            ProblemKind::MissingKey {
                key: "url",
                example: "url = \"${DATABASE_URL}\"",
            },
        ),
        _ => {}
    }
}

fn service(name: Located<String>, mut table: Table<'_, '_>, problems: &mut Problems) -> Service {
    let crate_path = table.string("crate", problems);
    let database = table.string("database", problems);
    let service = Service {
        crate_path: crate_path.map_or_else(
            || format!("services/{}", name.value).into(),
            |path| path.value.into(),
        ),
        owns: patterns(table.strings("owns", problems)),
        reads: patterns(table.strings("reads", problems)),
        uses: patterns(table.strings("uses", problems)),
        role: table.string("role", problems).map(|role| RoleName {
            text: role.value,
            location: role.location,
        }),
        location: Some(match &database {
            Some(database) => database.location.clone(),
            None => name.location,
        }),
        database: database.map(|database| database.value),
        name: name.value,
    };
    table.finish(problems);
    service
}

fn patterns(list: Option<Vec<Located<String>>>) -> Vec<TablePattern> {
    let list = list.unwrap_or_default();
    list.into_iter()
        .map(|item| TablePattern {
            text: item.value,
            location: item.location,
        })
        .collect()
}

fn our_key(keyword: &str) -> &'static str {
    PARTS
        .into_iter()
        .find(|(_, libpq)| *libpq == keyword)
        .map_or("url", |(ours, _)| ours)
}
