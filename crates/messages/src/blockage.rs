//! Sessions that stand in a migration's way.

use migrate_core::error::{Error, MigrationFailure};
use migrate_core::event::Collision;
use migrate_postgres::blocker::{Blockage, Blocker, WantedLock};

use crate::code::Code;
use crate::message::Message;
use crate::words::duration;

/// So many sessions are told of; a program is told of all.
const SHOWN: usize = 3;

/// What stood in a migration's way, after its name.
pub fn collision(because: Collision) -> &'static str {
    match because {
        Collision::Lock => "got no lock in time",
        Collision::Deadlock => "was in a deadlock",
        Collision::Serialization => "met others who changed the same rows",
    }
}

/// For whom it waits, as the end of a line; empty where nobody knows.
pub fn in_a_line(blockage: &Blockage, because: Option<Collision>) -> String {
    if let Some(reason) = &blockage.not_asked {
        return format!("; for whom is not known: {}", one_line(reason));
    }
    let Some(first) = blockage.blockers.first() else {
        return String::new();
    };
    let others = match blockage.blockers.len() - 1 {
        0 => String::new(),
        others => format!(", and {others} more"),
    };
    let lock = blockage.waits_for.as_ref();
    let waits = match (lock, because) {
        (None, Some(Collision::Deadlock)) => "with".to_owned(),
        (None, _) => "waits for".to_owned(),
        (Some(lock), _) => format!("wants {}, waits for", wanted(lock)),
    };
    format!("; {waits} {}{others}", blocker(first))
}

/// Adds for whom a failed migration waited.
pub fn notes(message: Message, failure: &MigrationFailure) -> Message {
    let Some(blockage) = &failure.blockage else {
        return message;
    };
    let lock = blockage.waits_for.as_ref().map(wanted);
    let mut all: Vec<String> = blockage.blockers.iter().take(SHOWN).map(blocker).collect();
    if let Some(more) = blockage.blockers.len().checked_sub(SHOWN + 1) {
        all.push(format!("and {} more", more + 1));
    }
    if let Some(reason) = &blockage.not_asked {
        all.push(format!(
            "not known, as there was no second connection to ask on: {}",
            one_line(reason)
        ));
    }
    if blockage.blockers.iter().any(is_hidden) {
        all.push("what it does is shown to roles that have `pg_read_all_stats`".to_owned());
    }
    message
        .maybe_note("wanted", lock)
        .maybe_note("blocker", (!all.is_empty()).then(|| all.join("\n")))
        .data("blockage", blockage)
}

/// What to do about it before the next try.
pub fn advice(failure: &MigrationFailure) -> String {
    let blockers = failure.blockage.iter().flat_map(|all| &all.blockers);
    end(blockers.into_iter().next())
}

/// Words that somebody has locked the ledger.
pub fn ledger_locked(whole: &Error, blockers: &[Blocker]) -> Message {
    let all: Vec<String> = blockers.iter().take(SHOWN).map(blocker).collect();
    Message::new(Code::Ledger, whole.to_string())
        .maybe_note("blocker", (!all.is_empty()).then(|| all.join("\n")))
        .data("blockers", blockers)
        .state("nothing was touched")
        .next(format!("{}; then run it again", end(blockers.first())))
}

/// How to get rid of one.
fn end(blocker: Option<&Blocker>) -> String {
    match blocker {
        Some(Blocker {
            prepared: Some(name),
            ..
        }) => format!("end it: `rollback prepared {}`", quoted(name)),
        Some(one) if prevents_wraparound(one) => {
            "let it finish: the database needs it to go on writing".to_owned()
        }
        Some(one) if one.pid != 0 => format!(
            "wait for its end, or end it: `select pg_terminate_backend({})`",
            one.pid
        ),
        _ => "an application holds a lock: end its transaction".to_owned(),
    }
}

/// A lock as the manual writes it.
fn wanted(lock: &WantedLock) -> String {
    let on = |what: &str| match &lock.relation {
        Some(relation) => format!("{what} {relation}"),
        None => what
            .trim_end_matches(" of")
            .trim_end_matches(" on")
            .to_owned(),
    };
    match lock.kind.as_str() {
        "transactionid" | "tuple" => on("the same rows of"),
        "virtualxid" => "the end of older transactions".to_owned(),
        "advisory" => "an advisory lock".to_owned(),
        "relation" => on(&format!("{} on", mode(&lock.mode))),
        kind => format!("{} on {kind}", mode(&lock.mode)),
    }
}

/// `AccessExclusiveLock` is `ACCESS EXCLUSIVE`.
fn mode(mode: &str) -> String {
    let mut words = String::new();
    for letter in mode.trim_end_matches("Lock").chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_uppercase());
    }
    words
}

fn blocker(blocker: &Blocker) -> String {
    let mut text = who(blocker);
    if let Some(does) = does(blocker) {
        text.push_str(", ");
        text.push_str(&does);
    }
    if let Some(age) = blocker.transaction_age {
        let is_older = |query: f64| age - query >= 1.0;
        match blocker.prepared {
            Some(_) => text.push_str(&format!(", prepared {} ago", seconds(age))),
            None if blocker.query_age.is_none_or(is_older) => {
                text.push_str(&format!(", in a transaction of {}", seconds(age)));
            }
            // The query is the first of its transaction.
            None => {}
        }
    }
    if !blocker.waits_for.is_empty() {
        let pids: Vec<String> = blocker.waits_for.iter().map(i32::to_string).collect();
        text.push_str(&format!(
            ", waits for server process {} itself",
            pids.join(", ")
        ));
    }
    text
}

/// `billing as app (server process 4711)`
fn who(blocker: &Blocker) -> String {
    let user = blocker
        .user
        .as_ref()
        .map_or_else(String::new, |user| format!(" as {user}"));
    if let Some(name) = &blocker.prepared {
        return format!("the prepared transaction {}{user}", quoted(name));
    }
    if blocker.pid == 0 {
        return "a prepared transaction".to_owned();
    }
    let what = match (&blocker.application, blocker.kind.as_deref()) {
        (Some(application), _) => application,
        (None, None | Some("client backend")) => "a session",
        (None, Some(kind)) => kind,
    };
    format!("{what}{user} (server process {})", blocker.pid)
}

/// What it is doing, and since when.
fn does(blocker: &Blocker) -> Option<String> {
    let command = blocker.command.as_deref().unwrap_or("a query");
    let age = seconds(blocker.query_age?);
    Some(match blocker.state.as_deref() {
        Some("active") => format!("running {command} for {age}"),
        Some(state) => format!("{state}, last query ({command}) {age} ago"),
        None => format!("last query {age} ago"),
    })
}

/// The server tells everybody who it is, and only some what it does.
fn is_hidden(blocker: &Blocker) -> bool {
    blocker.pid != 0 && blocker.user.is_some() && blocker.kind.is_none()
}

fn prevents_wraparound(blocker: &Blocker) -> bool {
    blocker.kind.as_deref() == Some("autovacuum worker")
        && blocker
            .command
            .as_deref()
            .is_some_and(|command| command.contains("to prevent wraparound"))
}

/// A name of a prepared transaction as people type it.
fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "''"))
}

fn seconds(seconds: f64) -> String {
    duration(seconds * 1000.0)
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_autovacuum_is_named_by_what_it_does() {
        let autovacuum = Blocker {
            pid: 4711,
            kind: Some("autovacuum worker".to_owned()),
            state: Some("active".to_owned()),
            command: Some("autovacuum: VACUUM public.t (to prevent wraparound)".to_owned()),
            query_age: Some(65.0),
            ..Blocker::default()
        };
        assert_eq!(
            blocker(&autovacuum),
            "autovacuum worker (server process 4711), running autovacuum: VACUUM public.t \
             (to prevent wraparound) for 1 min"
        );
        assert!(prevents_wraparound(&autovacuum));
    }

    #[test]
    fn locks_are_written_as_in_the_manual() {
        assert_eq!(mode("AccessExclusiveLock"), "ACCESS EXCLUSIVE");
        assert_eq!(mode("ShareUpdateExclusiveLock"), "SHARE UPDATE EXCLUSIVE");
    }
}
