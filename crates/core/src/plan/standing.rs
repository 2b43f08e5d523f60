//! How each migration stands in a database.

use std::collections::HashMap;

use serde::Serialize;

use crate::history::{History, Migration, name_of};
use crate::ledger::{Applied, Attempt, ByHand, LedgerState, Outcome, Unfinished};
use migrate_text::migration_ref::Direction;

use super::compare::{is_edited, is_reformatted, is_row_altered};

/// The state of a migration in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Applied, and the file is as it was then.
    Applied,
    /// On disk and not applied.
    Pending,
    /// Tried last without success; not applied.
    Failed,
    /// At work now, outside a transaction. Only who looks at the lock can tell it from one that
    /// was killed.
    Running,
    /// Applied, and the file was edited since.
    Modified,
    /// Applied and not on disk, though later ones are: a hole.
    Missing,
    /// Applied and later than everything on disk: the files are of an older release.
    Ahead,
}

/// A migration and its state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The version.
    pub version: String,
    /// The name after the version.
    pub name: String,
    /// The services, from disk or else from the ledger.
    pub services: Vec<String>,
    /// The state.
    pub state: State,
    /// Its place in the order of application, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<usize>,
    /// When it was applied, or tried last: ISO 8601, without a zone where only Diesel knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How long that took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// The role that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Whether Diesel's own tool applied it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_diesel: bool,
    /// Applied, and since then only comments or white space of its file were edited.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reformatted: bool,
    /// Whether a person has changed its row in the ledger: the checksum there is not that of the
    /// text there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub row_altered: bool,
    /// What a person said of it last, where nothing was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
    /// Pending, although a later one is applied: it came late from a branch.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// What the last attempt has left that did not come to its end. Of this, how many statements
    /// are done for good is told.
    #[serde(
        rename = "statements_done",
        skip_serializing_if = "Unfinished::is_at_its_start"
    )]
    pub unfinished: Unfinished,
    /// What the server said when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether nobody heard of the end of the last attempt, outside a transaction: it was killed,
    /// or it is at work now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unended: bool,
    /// What the database says of the statement that it had begun, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_doubt: Option<Doubt>,
}

/// What a database says of a statement that was begun outside a transaction and is not recorded
/// as done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// Its number in the file, from 1.
    pub statement: usize,
    /// Whether it happened.
    pub happened: Happened,
    /// The invalid indexes that it left, as they are written in SQL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub invalid_indexes: Vec<String>,
}

/// Whether a statement happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Happened {
    /// It did.
    Yes,
    /// It did not.
    No,
    /// It stopped half way.
    Partly,
    /// It may as well run twice.
    Whatever,
    /// Nobody can say.
    Unknown,
}

/// How every migration of a database stands, in the order of the versions.
pub fn standings(history: &History, ledger: &LedgerState) -> Vec<Standing> {
    let newest_on_disk = history
        .migrations()
        .last()
        .map(|last| last.version.as_str());
    let mut by_version: HashMap<&str, (usize, &Applied)> = HashMap::new();
    let mut order = 0;
    let mut newest_applied = "";
    for entry in &ledger.entries {
        order += usize::from(entry.in_diesel);
        by_version.insert(&entry.version, (order, entry));
        if entry.in_diesel {
            newest_applied = newest_applied.max(&entry.version);
        }
    }
    let mut standings: Vec<Standing> = history
        .migrations()
        .iter()
        .map(|migration| {
            let entry = by_version.remove(migration.version.as_str());
            on_disk(migration, entry, newest_applied, ledger)
        })
        .collect();
    let gone = by_version
        .into_values()
        .filter(|(_, entry)| entry.in_diesel || !entry.left(Direction::Up).is_nothing());
    standings.extend(gone.map(|(order, entry)| not_on_disk(entry, order, newest_on_disk)));
    standings.sort_by(|a, b| a.version.cmp(&b.version));
    standings
}

fn on_disk(
    migration: &Migration,
    entry: Option<(usize, &Applied)>,
    newest: &str,
    ledger: &LedgerState,
) -> Standing {
    let mut standing = Standing {
        version: migration.version.clone(),
        name: migration.name().to_owned(),
        services: migration.services.clone(),
        state: State::Pending,
        order: None,
        at: None,
        duration_ms: None,
        by: None,
        by_diesel: false,
        reformatted: false,
        row_altered: false,
        by_hand: None,
        late: migration.version.as_str() < newest,
        unfinished: Unfinished::default(),
        error: None,
        unended: false,
        in_doubt: None,
    };
    let Some((order, entry)) = entry else {
        return standing;
    };
    if entry.in_diesel {
        standing.late = false;
        standing.order = Some(order);
        let is_edited = is_edited(entry, migration, ledger);
        standing.row_altered = is_edited && is_row_altered(entry, ledger);
        standing.reformatted =
            is_edited && !standing.row_altered && is_reformatted(migration, ledger);
        standing.state = match is_edited && !standing.reformatted {
            true => State::Modified,
            false => State::Applied,
        };
        tell_when(&mut standing, entry);
    } else if let Some(attempt) = &entry.stopped
        && attempt.direction == Direction::Up
    {
        tell_failed(&mut standing, attempt);
    }
    standing
}

fn not_on_disk(entry: &Applied, order: usize, newest_on_disk: Option<&str>) -> Standing {
    let is_newest = newest_on_disk.is_none_or(|newest| entry.version.as_str() > newest);
    let attempt = entry.record.as_ref().or(entry.stopped.as_deref());
    let name = attempt.map_or("", |attempt| name_of(&attempt.name));
    let mut standing = Standing {
        version: entry.version.clone(),
        name: name.to_owned(),
        services: attempt.map_or_else(Vec::new, |attempt| attempt.services.clone()),
        state: match is_newest {
            true => State::Ahead,
            false => State::Missing,
        },
        order: Some(order),
        at: None,
        duration_ms: None,
        by: None,
        by_diesel: false,
        reformatted: false,
        row_altered: false,
        by_hand: None,
        late: false,
        unfinished: Unfinished::default(),
        error: None,
        unended: false,
        in_doubt: None,
    };
    if entry.in_diesel {
        tell_when(&mut standing, entry);
    } else if let Some(attempt) = &entry.stopped {
        // Half of it is there for good.
        standing.order = None;
        tell_failed(&mut standing, attempt);
        let error = attempt.error.as_deref().unwrap_or("it was interrupted");
        standing.error = Some(format!("{error}; its folder is gone"));
    }
    standing
}

/// What became of the last try.
fn tell_failed(standing: &mut Standing, attempt: &Attempt) {
    standing.state = State::Failed;
    tell_of(standing, attempt);
    standing.error.clone_from(&attempt.error);
    tell_unfinished(standing, attempt);
}

/// When an applied migration was applied, and what became of a later revert.
fn tell_when(standing: &mut Standing, entry: &Applied) {
    standing.at.clone_from(&entry.run_on);
    match &entry.record {
        Some(record) if record.outcome == Outcome::Applied => tell_of(standing, record),
        _ => standing.by_diesel = true,
    }
    standing.by_hand = entry.record.as_ref().and_then(|record| record.by_hand);
    if let Some(attempt) = &entry.stopped {
        let error = attempt.error.as_deref().unwrap_or("it was interrupted");
        standing.error = Some(format!("the last revert failed: {error}"));
        tell_unfinished(standing, attempt);
    }
}

fn tell_unfinished(standing: &mut Standing, attempt: &Attempt) {
    standing.unended = attempt.outcome == Outcome::Running;
    standing.unfinished.clone_from(&attempt.left);
}

fn tell_of(standing: &mut Standing, attempt: &Attempt) {
    standing.at = Some(attempt.started_at.clone());
    standing.duration_ms = attempt.duration_ms;
    standing.by = Some(attempt.executed_by.clone());
}
