//! `metadata.toml` of a migration.

use migrate_text::document::{Located, Table, parse};
use migrate_text::name::nearest;
use migrate_text::problem::{Problem, ProblemKind, Problems};
use migrate_text::source::SourceFile;

use super::migration::{Exception, OwnLimits};
use super::rules::Rules;

/// What it says.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) run_in_transaction: bool,
    pub(super) services: Vec<String>,
    pub(super) database: Option<String>,
    pub(super) allow: Vec<Exception>,
    pub(super) limits: OwnLimits,
}

/// Where there is no file. To Diesel such a migration is one transaction, and one whose file does
/// not say so is none.
impl Default for Metadata {
    fn default() -> Self {
        Self {
            run_in_transaction: true,
            services: Vec::new(),
            database: None,
            allow: Vec::new(),
            limits: OwnLimits::default(),
        }
    }
}

/// Reads the file strictly.
pub(super) fn read(file: &SourceFile, rules: &Rules, problems: &mut Problems) -> Metadata {
    let document = parse(file, problems);
    let mut table = Table::new(file, &document);
    let problems_before = problems.0.len();
    let transaction = table.boolean("run_in_transaction", problems);
    let services = table.strings("services", problems).unwrap_or_default();
    let database = table.string("database", problems);
    let allow = table.tables("allow", problems);
    let allow = allow
        .into_iter()
        .filter_map(|table| exception(table, problems))
        .collect();
    let limits = OwnLimits {
        lock_timeout: table.timeout("lock_timeout", problems),
        lock_retries: table.count("lock_retries", problems),
        statement_timeout: table.timeout("statement_timeout", problems),
    };
    let location = table.location();
    table.finish(problems);
    // A misspelt key has been reported already.
    if transaction.is_none() && rules.strict && problems.0.len() == problems_before {
        let key = "run_in_transaction";
        let example = "run_in_transaction = true";
        problems.at(location, ProblemKind::MissingKey { key, example });
    }
    for service in &services {
        check("service", service, &rules.services, problems);
    }
    if let Some(database) = &database {
        check("database", database, &rules.databases, problems);
    }
    Metadata {
        run_in_transaction: transaction.is_some_and(|said| said.value),
        services: services.into_iter().map(|service| service.value).collect(),
        database: database.map(|database| database.value),
        allow,
        limits,
    }
}

/// An object and the reason why it may be touched; both have to be said.
fn exception(mut table: Table<'_, '_>, problems: &mut Problems) -> Option<Exception> {
    let location = table.location();
    let object = table.string("object", problems);
    let reason = table.string("reason", problems);
    table.finish(problems);
    let mut missing = |key, example| {
        problems.at(location.clone(), ProblemKind::MissingKey { key, example });
    };
    if object.is_none() {
        missing("object", "object = \"posts\"");
    }
    let is_said = |reason: &Located<String>| !reason.value.trim().is_empty();
    let reason = reason.filter(is_said);
    if reason.is_none() {
        missing("reason", "reason = \"why this has to be\"");
    }
    Some(Exception {
        object: object?.value,
        reason: reason?.value,
    })
}

fn check(what: &'static str, name: &Located<String>, known: &[String], problems: &mut Problems) {
    // Without `migrate.toml` nothing is known, and a name is only a note.
    if known.is_empty() || known.contains(&name.value) {
        return;
    }
    problems.0.push(Problem {
        kind: ProblemKind::UnknownName {
            what,
            name: name.value.clone(),
            nearest: nearest(&name.value, known.iter().map(String::as_str)).map(str::to_owned),
            known: known.to_vec(),
        },
        location: Some(name.location.clone()),
    });
}
