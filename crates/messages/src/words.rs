//! Numbers, times and states in words.

use migrate_core::report::State;

/// `1 migration`, `2 migrations`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A state in one word, as it is also in JSON.
pub fn state(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Pending => "pending",
        State::Failed => "failed",
        State::Running => "running",
        State::Modified => "modified",
        State::Missing => "missing",
        State::Ahead => "ahead",
    }
}

/// A time for people.
pub fn duration(milliseconds: f64) -> String {
    match milliseconds {
        ms if ms < 1.0 => "<1 ms".to_owned(),
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms if ms < 60_000.0 => format!("{:.1} s", ms / 1_000.0),
        ms => format!("{:.0} min", ms / 60_000.0),
    }
}
