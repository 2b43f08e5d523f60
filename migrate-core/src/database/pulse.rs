//! Waits for answers, and makes sure meanwhile that somebody is there to give them.
//!
//! A migration may take hours, so there can be no limit on an answer. But a firewall that forgot
//! the connection, a proxy that hangs or a host that is gone leave a client waiting for ever. The
//! keepalives of TCP find out about hosts. For the rest, when nothing came for a while, the server
//! is asked over a connection of its own whether it still works at what it was sent.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{Shutdown, shutdown};

use super::obstacle::Obstacle;
use super::session::{ConnectError, Session};

/// How often in a row nobody has to answer until the server counts as gone.
const UNANSWERED: u32 = 4;
/// How often in a row the server has to have answered already until the answer counts as lost.
const ANSWERED: u32 = 2;

/// How long to wait for an answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum AnswerWait {
    /// As long as the server works at it, which is asked each time that nothing came for so long.
    Asking(Duration),
    /// No longer than this.
    Limited(Duration),
}

/// What is known of the server since the last answer.
#[derive(Default)]
struct Signs {
    unanswered: u32,
    answered: u32,
}

/// What the server says of a session when it is asked.
enum Sign {
    /// It works at what it was sent, or may do so.
    Alive,
    /// It has done what it was sent, and waits for more.
    Answered,
    /// It has no such session.
    Gone,
    /// Nobody says anything.
    Unanswered,
}

impl Session {
    /// Sends what libpq holds back. In the mode in which libpq does not wait by itself.
    pub(super) fn flush(&mut self) {
        let mut signs = Signs::default();
        let mut until = Instant::now() + self.pause();
        loop {
            // SAFETY: the connection is valid.
            if unsafe { pq_sys::PQflush(self.as_ptr()) } != 1 {
                // Sent, or broken: the answer will tell.
                return;
            }
            match self.poll(PollFlags::POLLIN | PollFlags::POLLOUT, until) {
                Polled::Ready => {
                    // The server may have to send before it can go on reading.
                    // SAFETY: the connection is valid.
                    unsafe { pq_sys::PQconsumeInput(self.as_ptr()) };
                    until = Instant::now() + self.pause();
                }
                Polled::Nothing if self.is_given_up(&mut signs) => return,
                Polled::Nothing => until = Instant::now() + self.pause(),
                Polled::Failed => return,
            }
        }
    }

    /// Returns when the next result can be read without waiting.
    pub(super) fn until_answered(&mut self) {
        let mut signs = Signs::default();
        // SAFETY: the connection is valid.
        while unsafe { pq_sys::PQisBusy(self.as_ptr()) } == 1 {
            match self.poll(PollFlags::POLLIN, Instant::now() + self.pause()) {
                Polled::Ready => {
                    signs = Signs::default();
                    // SAFETY: the connection is valid.
                    if unsafe { pq_sys::PQconsumeInput(self.as_ptr()) } == 0 {
                        return;
                    }
                }
                Polled::Nothing if self.is_given_up(&mut signs) => return,
                Polled::Nothing => {}
                Polled::Failed => return,
            }
        }
    }

    fn pause(&self) -> Duration {
        match self.answer_wait {
            AnswerWait::Asking(pause) | AnswerWait::Limited(pause) => pause,
        }
    }

    /// Asks how things are. Breaks the connection off when there is nobody to wait for.
    fn is_given_up(&mut self, signs: &mut Signs) -> bool {
        let AnswerWait::Asking(_) = self.answer_wait else {
            return self.give_up("the server does not answer");
        };
        let sign = self.sign();
        match sign {
            Sign::Alive => *signs = Signs::default(),
            Sign::Gone => return self.give_up("the server has lost the session"),
            Sign::Answered => {
                signs.unanswered = 0;
                signs.answered += 1;
            }
            Sign::Unanswered => {
                signs.answered = 0;
                signs.unanswered += 1;
            }
        }
        if signs.answered >= ANSWERED {
            // Its session would keep its locks until the server finds out too.
            self.end_beside();
            return self.give_up("the server has answered, and the answer was lost on the way");
        }
        if signs.unanswered >= UNANSWERED {
            return self
                .give_up("the server does not answer any more, nor does it on a new connection");
        }
        false
    }

    /// Asks the server about this session over another one.
    fn sign(&self) -> Sign {
        let mut beside = match self.connect_beside() {
            Ok(beside) => beside,
            Err(ConnectError { obstacle, .. }) => {
                return match obstacle {
                    // All connections may be taken, and this one still work.
                    Obstacle::Full | Obstacle::NotReady => Sign::Alive,
                    obstacle if obstacle.may_pass() => Sign::Unanswered,
                    // Somebody answers.
                    _ => Sign::Alive,
                };
            }
        };
        let sql = "select pg_catalog.pg_backend_pid(), a.pid is not null, a.state \
                   from (select 1) as one left join pg_catalog.pg_stat_activity a on a.pid = $1";
        let pid = self.backend_pid().to_string();
        let Ok(rows) = beside.query(sql, &[Some(&pid)]) else {
            return Sign::Unanswered;
        };
        if rows.get(0, 0) != Some(&*beside.backend_pid().to_string()) {
            // A pooler has numbers of its own.
            return Sign::Alive;
        }
        match (rows.get(0, 1), rows.get(0, 2)) {
            (Some("f"), _) => Sign::Gone,
            (_, Some(state)) if state.starts_with("idle") => Sign::Answered,
            _ => Sign::Alive,
        }
    }

    /// Ends this session from another one.
    fn end_beside(&self) {
        if let Ok(mut beside) = self.connect_beside() {
            let pid = self.backend_pid().to_string();
            // What matters is told anyway.
            let _ = beside.query("select pg_catalog.pg_terminate_backend($1)", &[Some(&pid)]);
        }
    }

    /// Breaks the connection off. libpq finds it broken, and our words are its error.
    fn give_up(&mut self, why: &'static str) -> bool {
        self.given_up = Some(why);
        // SAFETY: the connection is valid.
        let socket = unsafe { pq_sys::PQsocket(self.as_ptr()) };
        if socket >= 0 {
            // A socket that cannot be shut is broken already.
            let _ = shutdown(socket, Shutdown::Both);
        }
        true
    }

    fn poll(&self, flags: PollFlags, until: Instant) -> Polled {
        // SAFETY: the connection is valid.
        let socket = unsafe { pq_sys::PQsocket(self.as_ptr()) };
        if socket < 0 {
            return Polled::Failed;
        }
        // SAFETY: libpq closes the socket in calls of its own only, and there is none meanwhile.
        let socket = unsafe { BorrowedFd::borrow_raw(socket) };
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Polled::Nothing;
            }
            // Rounded up, not to ask again and again in the last millisecond.
            let timeout = PollTimeout::try_from(left + Duration::from_millis(1));
            match poll(
                &mut [PollFd::new(socket, flags)],
                timeout.unwrap_or(PollTimeout::MAX),
            ) {
                // Over, or interrupted by a signal: the time tells.
                Ok(0) | Err(Errno::EINTR) => {}
                Ok(_) => return Polled::Ready,
                Err(_) => return Polled::Failed,
            }
        }
    }
}

/// What came of waiting for a socket.
enum Polled {
    Ready,
    /// Nothing within the time.
    Nothing,
    Failed,
}
