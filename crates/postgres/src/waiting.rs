//! Something else to do while the server works at a message.

use std::time::{Duration, Instant};

use super::pulse::Pulse;
use super::result::QueryResult;
use super::session::Session;
use super::wire::Heard;

/// Is told how long the message runs already, and gives after how long it wants to be called
/// again; `None` for never. Called with zero right after the message was sent.
///
/// It must not last: what the server answers is read only when it returns.
pub type Meanwhile<'m> = dyn FnMut(&Session, Duration) -> Option<Duration> + 'm;

/// The wait for the answers to one message.
pub(super) struct Waiting<'w, 'm> {
    meanwhile: &'w mut Meanwhile<'m>,
    started: Instant,
    next: Option<Instant>,
}

impl<'w, 'm> Waiting<'w, 'm> {
    pub(super) fn begin(session: &Session, meanwhile: &'w mut Meanwhile<'m>) -> Self {
        let mut waiting = Self {
            meanwhile,
            started: Instant::now(),
            next: None,
        };
        waiting.call(session, Duration::ZERO);
        waiting
    }

    /// The next result of the message. Without anything else to do it costs no more than libpq's
    /// own waiting.
    pub(super) fn next_result(&mut self, session: &mut Session) -> Option<QueryResult> {
        self.until_answered(session);
        session.wire.next_result()
    }

    /// Returns when the next result can be read without waiting, or when there is nothing else
    /// to do.
    fn until_answered(&mut self, session: &mut Session) {
        let mut pulse = Pulse::default();
        while let Some(next) = self.next {
            match session.wire.listen(Some(next), &mut pulse) {
                Heard::Something => return,
                Heard::Nothing => self.call(session, self.started.elapsed()),
            }
        }
    }

    fn call(&mut self, session: &Session, waited: Duration) {
        let pause = (self.meanwhile)(session, waited);
        self.next = pause.map(|pause| Instant::now() + pause);
    }
}
