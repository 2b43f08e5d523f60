//! Runs the cases, on as many servers as there are processors.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use testkit::server_version;

use crate::case::{Case, Verdict};
use crate::place::{Attempt, Outcome, Place};
use crate::tables::Wall;

const WORKERS: usize = 2;

/// What became of a case.
#[derive(Debug, Clone)]
pub struct Judged {
    pub case: Case,
    /// The wall that refused it.
    pub wall: Option<Wall>,
    pub fault: Option<Fault>,
}

/// How a case went otherwise than it has to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It passed, and changed this.
    Passed(Vec<String>),
    /// It was refused when this was done.
    TooLate(Vec<String>),
    /// It is harmless, and was refused.
    FalseAlarm(String),
    /// It changes nothing, so it says nothing.
    Nothing,
    /// The server did not take it, so it says nothing.
    Invalid(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(changed) => write!(f, "passed and changed: {}", changed.join("; ")),
            Self::TooLate(changed) => {
                write!(f, "refused after it had changed: {}", changed.join("; "))
            }
            Self::FalseAlarm(words) => write!(f, "is harmless and was refused: {words}"),
            Self::Nothing => write!(f, "says nothing: it changes nothing"),
            Self::Invalid(error) => write!(f, "says nothing: {error}"),
        }
    }
}

/// Runs cases, in any order.
pub fn run(cases: &[Case]) -> Vec<Judged> {
    // The version is asked before: the workers have servers of their own.
    let version = server_version();
    let (next, judged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let mut place = Place::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // What the server does not know yet only the text can show.
                    if case.since > version && !case.is_refused_by_its_text() {
                        continue;
                    }
                    let one = judge(&mut place, case);
                    if let Some(fault) = &one.fault {
                        eprintln!("{case}: {fault}");
                    }
                    judged
                        .lock()
                        .expect("no worker panics while it holds it")
                        .push(one);
                }
            });
        }
    });
    judged.into_inner().expect("all are done")
}

fn judge(place: &mut Place, case: &Case) -> Judged {
    let Attempt {
        outcome,
        changed,
        beyond,
    } = place.attempt(case);
    if let Some(undo) = &case.undo
        && changed
    {
        place.undo(undo);
    }
    let wall = match &outcome {
        Outcome::Refused(wall, _) => Some(*wall),
        Outcome::Passed | Outcome::Invalid(_) => None,
    };
    let fault = match (case.verdict, outcome) {
        (_, Outcome::Invalid(error)) => Some(Fault::Invalid(error)),
        (Verdict::Harmless, Outcome::Refused(_, words)) => Some(Fault::FalseAlarm(words)),
        (Verdict::Harmless, Outcome::Passed) => {
            // One for nobody may change what is everybody's, and one for both what is either's.
            let may = beyond.is_empty() || case.services.is_empty() || case.services.contains(',');
            match () {
                () if !may => Some(Fault::Passed(beyond)),
                () if case.is_to_change() && !changed => Some(Fault::Nothing),
                () => None,
            }
        }
        (Verdict::Refused, Outcome::Passed) => Some(Fault::Passed(beyond)),
        (Verdict::Refused, Outcome::Refused(..)) => {
            // A sequence does not roll back.
            let left: Vec<String> = beyond
                .into_iter()
                .filter(|line| !is_sequence(line))
                .collect();
            (!left.is_empty()).then_some(Fault::TooLate(left))
        }
    };
    Judged {
        case: case.clone(),
        wall,
        fault,
    }
}

fn is_sequence(line: &str) -> bool {
    line.starts_with("rows: ") && (line.ends_with("_sequence") || line.ends_with("_seq"))
}
