//! Migrations that come late.

use std::path::Path;
use std::time::SystemTime;

use migrate_core::error::Collision;
use migrate_core::report::{LateMigration, UnseenReport, shown};
use migrate_sql::act::Opaque;
use migrate_sql::verb::Verb;

use crate::code::Code;
use crate::message::Message;
use crate::words::count;

/// So many places are named in a warning.
const NAMED: usize = 3;

/// Words that late migrations touch what later ones have touched.
pub fn conflicts(conflicts: &[Collision], database: &str) -> Vec<Message> {
    let word = |one| conflict(one, database);
    conflicts.iter().map(word).collect()
}

fn conflict(conflict: &Collision, database: &str) -> Message {
    let Collision {
        migration: late,
        applied,
        ..
    } = conflict;
    let title = format!(
        "{late} comes late: {applied} was applied to {database} before, and both touch {}",
        touched(conflict)
    );
    Message::new(Code::Late, title)
        .at(
            Some(&conflict.location),
            format!("comes late{}", to(conflict.verb)),
        )
        .note("applied", applied_at(conflict))
        .state("nothing was applied")
        .next(renamed(
            late,
            applied,
            &conflict.location.file.path().display().to_string(),
        ))
}

/// What both touch.
pub(crate) fn touched(collision: &Collision) -> String {
    if let Verb::Sway(common) = collision.verb {
        common.words().to_owned()
    } else {
        format!("{} {}", collision.kind, shown(&collision.name))
    }
}

/// Where the applied one touches it, and to do what.
pub(crate) fn applied_at(collision: &Collision) -> String {
    let place = &collision.applied_location;
    let position = place.position();
    let (line, column) = (position.line, position.column);
    let file = place.file.path().display();
    format!("{file}:{line}:{column}{}", to(collision.applied_verb))
}

/// What one of the two does to what both touch.
pub(crate) fn to(verb: Verb) -> String {
    match verb {
        Verb::Sway(_) => String::new(),
        Verb::RenameTo => ", to take this name".to_owned(),
        verb => format!(", to {verb} it"),
    }
}

/// How to make a migration come after one that is applied.
fn renamed(late: &str, applied: &str, file: &str) -> String {
    let folders = Path::new(file).parent().and_then(Path::parent);
    let folders = folders.map_or_else(|| "migrations".into(), |path| path.display().to_string());
    let name = late.split_once('_').map_or(late, |(_, name)| name);
    let version = match applied < now().as_str() {
        true => format!(
            "a version of today: `mv {folders}/{late} {folders}/$(date -u +%Y%m%d%H%M%S)_{name}`"
        ),
        // Somebody's clock was ahead, or versions are no times here.
        false => format!("a version after that of {applied}: rename `{folders}/{late}`"),
    };
    format!(
        "see that it still fits what was applied, and give it {version}\n\
         if another database has it already: run it here by hand, then `migrate resolve --applied \
         {late}`"
    )
}

/// The version that a migration of this moment would have.
fn now() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    now.chars().filter(char::is_ascii_digit).collect()
}

/// Words that a database takes no late migrations.
pub fn out_of_order(late: &[String], newest: &str, database: &str) -> Message {
    let title = match late {
        [one] => format!("{one} comes late: {newest} was applied to {database} before"),
        all => format!(
            "{} come late: {newest} was applied to {database} before",
            count(all.len(), "migration")
        ),
    };
    let first = late.first().map_or("", String::as_str);
    Message::new(Code::Late, title)
        .maybe_note("late", (late.len() > 1).then(|| late.join("\n")))
        .note(
            "hint",
            format!("`strict_order = true` of {database} in migrate.toml refuses it"),
        )
        .state("nothing was applied")
        .next(renamed(
            first,
            newest,
            &format!("migrations/{first}/up.sql"),
        ))
}

/// Words that a migration came late and was applied nevertheless.
pub fn warning(late: &LateMigration, database: &str) -> String {
    let migration = &late.migration;
    let mut text = format!(
        "{} {} came late: newer ones were applied to {database} before it",
        migration.version, migration.name
    );
    if !late.unseen.is_empty() {
        text.push_str(&format!(
            "; whether they touch the same cannot be seen, because of {}",
            some(&late.unseen)
        ));
    }
    if !late.unknown.is_empty() {
        text.push_str(&format!(
            "; nobody kept the SQL of {}, which may have touched the same",
            late.unknown.join(", ")
        ));
    }
    text
}

/// The first of them with their places, and how many more there are.
pub(crate) fn some(all: &[UnseenReport]) -> String {
    let places: Vec<String> = all.iter().take(NAMED).map(unseen).collect();
    let places = places.join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => places,
        more => format!("{places}, and {more} more"),
    }
}

/// `migrations/1_a/up.sql:3:1: SQL that is put together when it runs`
pub fn unseen(unseen: &UnseenReport) -> String {
    let why = match unseen.what {
        Opaque::DynamicSql => "SQL that is put together when it runs",
        Opaque::OtherLanguage => "a body in another language than SQL and PL/pgSQL",
        Opaque::Unparsed => "a statement that the parser does not know",
        Opaque::Sweeping => "a statement about everything of somebody",
    };
    format!(
        "{}:{}:{}: {why}",
        unseen.file.display(),
        unseen.position.line,
        unseen.position.column
    )
}
