//! The history that is attacked: two services, what each of them has, and what nobody has.

use std::path::Path;

use migrate_core::history::{History, Rules};
use migrate_text::problem::Problems;

use crate::case::Case;

/// The settings of the workspace.
pub const MANIFEST: &str = include_str!("world/migrate.toml");

/// The migration that is tried. The fingerprint leaves out what the ledger says of it.
pub const VERSION: &str = "20240901000000";

/// A migration of the history.
#[derive(Debug, Clone)]
pub struct Migration {
    folder: String,
    up: String,
    metadata: String,
}

/// Whose a migration is, the extension and the large object that come with it, and what else it
/// makes.
const BASE: [(&str, &str, &str, &str, &str); 3] = [
    (
        "auth",
        "auth",
        "fuzzystrmatch",
        "70001",
        include_str!("world/auth.sql"),
    ),
    (
        "post",
        "post",
        "citext",
        "70002",
        include_str!("world/post.sql"),
    ),
    (
        "shared",
        "",
        "pg_trgm",
        "70003",
        include_str!("world/shared.sql"),
    ),
];

/// The history without a case.
pub fn base() -> Vec<Migration> {
    let numbered = (1..).zip(BASE);
    let migrations = numbered.map(|(number, (owner, services, extension, object, more))| {
        let each = include_str!("world/each.sql").replace("{o}", owner);
        Migration {
            folder: format!("2024010{number}000000_{owner}"),
            up: format!(
                "{each}\ncreate extension {extension} schema {owner}_schema;\nselect lo_create({object});\n{more}"
            ),
            metadata: metadata(services, true, Some("foreign server")),
        }
    });
    migrations.collect()
}

impl Migration {
    /// The one that a case tries in a database of this name.
    pub fn of(case: &Case, database: &str) -> Self {
        Self {
            folder: format!("{VERSION}_attack"),
            up: case.text(database),
            metadata: metadata(
                case.services,
                !case.form.is_outside(),
                case.allow.as_deref(),
            ),
        }
    }
}

/// A history of these.
pub fn history(migrations: &[Migration]) -> Result<History, Problems> {
    let mut files = Vec::new();
    for migration in migrations {
        let folder = &migration.folder;
        files.push((format!("{folder}/up.sql"), migration.up.as_str()));
        files.push((
            format!("{folder}/metadata.toml"),
            migration.metadata.as_str(),
        ));
    }
    let files = files.iter().map(|(path, text)| (Path::new(path), *text));
    let rules = Rules {
        services: vec!["auth".to_owned(), "post".to_owned()],
        ..Rules::default()
    };
    History::embedded(files, &rules)
}

fn metadata(services: &str, in_transaction: bool, allow: Option<&str>) -> String {
    let services: Vec<&str> = services
        .split(',')
        .filter(|name| !name.is_empty())
        .collect();
    let allow =
        allow.map(|object| format!("allow = [{{ object = {object:?}, reason = \"a test\" }}]\n"));
    let allow = allow.unwrap_or_default();
    format!("run_in_transaction = {in_transaction}\nservices = {services:?}\n{allow}")
}
