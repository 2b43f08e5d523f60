//! How far a run had come when it stopped.

use migrate_core::error::{MigrationFailure, Remains};
use migrate_core::report::DatabaseDeploy;
use migrate_text::migration_ref::Direction;

use crate::server::sentence;
use crate::words::count;

/// What a run had done before it stopped.
pub struct SoFar<'a> {
    /// In the database that it stopped with.
    pub report: &'a DatabaseDeploy,
    /// Which one that is, where there are several.
    pub database: Option<&'a String>,
}

/// The sentence about a failed migration, and what to say below the place, if there is one.
pub fn blamed(failure: &MigrationFailure, database: Option<&String>) -> (String, String) {
    let verb = match failure.direction {
        Direction::Up => "failed",
        Direction::Down => "could not be reverted",
    };
    let place = database.map_or_else(String::new, |database| format!(" in {database}"));
    let what = sentence(&failure.error);
    let title = format!("migration {} {verb}{place}", failure.migration);
    match failure.location {
        Some(_) => (title, what),
        None => (format!("{title}: {what}"), String::new()),
    }
}

/// What is left of a migration that did not come to its end.
pub fn left(remains: Remains) -> String {
    match remains {
        Remains::Nothing => "rolled back".to_owned(),
        Remains::Statements { done: 0, .. } => "nothing of it was done".to_owned(),
        Remains::Statements { done, of } => {
            format!("{done} of {of} statements are done for good, a rerun goes on after them")
        }
        Remains::AtLeast { done: 0, .. } => {
            "the connection broke; its first statement may be done".to_owned()
        }
        Remains::AtLeast { done, of } => {
            format!(
                "the connection broke; {done} of {of} statements are done for good, perhaps one more"
            )
        }
        Remains::Escaped { done: 0 } => escaped().to_owned(),
        Remains::Escaped { done } => {
            let are = if done == 1 { "is" } else { "are" };
            let before = count(done, "statement");
            format!("{before} before it {are} done for good; {}", escaped())
        }
        Remains::Unknown => {
            "the connection broke before the answer came: it is, or will be, rolled back or \
             applied, and nothing between"
                .to_owned()
        }
    }
}

fn escaped() -> &'static str {
    "what it committed stays, and nobody can say how much that is; it is not recorded as done"
}

/// The migrations besides the one that did not come to its end.
pub struct Rest {
    /// Which way.
    pub direction: Direction,
    /// How many were not tried.
    pub not_tried: usize,
    /// Whether it is known what became of that one. Several may have been sent in one message.
    pub is_known: bool,
}

impl Rest {
    /// How they stand.
    pub fn word(&self, report: Option<&DatabaseDeploy>) -> String {
        let applied = report.map_or(0, |report| report.total_applied);
        match self.not_tried {
            after @ 1.. if !self.is_known => {
                let others = others(self.direction, applied, 0);
                format!("{others}, {after} after it perhaps not tried")
            }
            not_tried => others(self.direction, applied, not_tried),
        }
    }
}

/// How the other migrations stand.
pub fn others(direction: Direction, applied: usize, not_tried: usize) -> String {
    let others = match direction {
        Direction::Up => format!("{} applied", stay(applied)),
        Direction::Down => "it stays applied".to_owned(),
    };
    match not_tried {
        0 => others,
        not_tried => format!("{others}, {not_tried} after it not tried"),
    }
}

fn stay(applied: usize) -> String {
    match applied {
        0 => "no migration is".to_owned(),
        1 => "1 migration stays".to_owned(),
        number => format!("{number} migrations stay"),
    }
}
