//! Asks databases while the files are still being looked at: of a long history both take their
//! time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::ledger::{self, LedgerError, LedgerState, StandingDigest};
use crate::lock;
use migrate_postgres::target::Target;
use migrate_postgres::{ConnectError, Session};

/// How long those that nobody wants to hear of any more may take to end.
const MOMENT: Duration = Duration::from_secs(1);

/// What is asked of a database before the history is known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question {
    /// A digest of what is applied.
    Digest,
    /// How every version stands.
    Ledger,
}

/// What a database said. Whatever it could not say is asked again where an error can be told.
pub(crate) enum Answer {
    Digest(Option<StandingDigest>),
    Ledger(LedgerState),
}

/// A session, and what it was asked already.
pub(crate) struct Asked {
    pub(crate) session: Session,
    pub(crate) answer: Option<Answer>,
}

impl From<Session> for Asked {
    fn from(session: Session) -> Self {
        Self {
            session,
            answer: None,
        }
    }
}

/// The databases that are being asked, by their names.
#[derive(Default)]
pub(crate) struct Ahead(Mutex<HashMap<String, JoinHandle<Result<Asked, ConnectError>>>>);

impl Ahead {
    /// The first try to connect to a database, if there was one.
    pub(crate) fn take(&self, database: &str) -> Option<Result<Asked, ConnectError>> {
        let begun = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(database)
        };
        // A thread that panicked has asked nothing.
        begun.and_then(|thread| thread.join().ok())
    }

    pub(super) fn begin(&self, database: &str, target: Target, question: Question) {
        let thread = thread::Builder::new().spawn(move || {
            let mut session = Session::connect(&target)?;
            let answer = answer(&mut session, question).ok();
            Ok(Asked { session, answer })
        });
        // Where there may be no more threads, it is connected to later.
        if let Ok(thread) = thread {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(database.to_owned(), thread);
        }
    }

    /// Forgets whoever is still being asked: nobody wants to know any more. They get a moment to
    /// end, since a process that ends while a TLS library is at work in it may crash.
    pub(crate) fn discard(&self) {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let until = Instant::now() + MOMENT;
        while !all.values().all(JoinHandle::is_finished) && Instant::now() < until {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.discard();
    }
}

fn answer(session: &mut Session, question: Question) -> Result<Answer, LedgerError> {
    let place = ledger::locate(session)?;
    Ok(match question {
        Question::Digest => Answer::Digest(ledger::digest(session, &place)?),
        Question::Ledger => {
            let at_work = lock::held_by(lock::key(&place.schema));
            Answer::Ledger(ledger::read(session, place, &at_work)?)
        }
    })
}
