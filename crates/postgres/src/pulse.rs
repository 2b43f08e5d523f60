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

/// The wait for one answer, and what is known of the server since the last.
#[derive(Default)]
pub(super) struct Pulse {
    /// When the server is asked next; none before the wait has begun.
    ask_at: Option<Instant>,
    unanswered: u32,
    answered: u32,
}

impl Pulse {
    /// A sign of life.
    fn beats(&mut self) {
        *self = Self::default();
    }
}

/// What came of listening to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// A result can be read, or that there is none, or that the connection is broken.
    Something,
    /// Nothing until the given moment.
    Nothing,
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
        let mut pulse = Pulse::default();
        let both = PollFlags::POLLIN | PollFlags::POLLOUT;
        // SAFETY: the connection is valid. Else it is all sent, or broken: the answer will tell.
        while unsafe { pq_sys::PQflush(self.as_ptr()) } == 1 {
            if self.wait(both, None, &mut pulse) != Polled::Ready {
                return;
            }
            // The server may have to send before it can go on reading.
            // SAFETY: the connection is valid.
            unsafe { pq_sys::PQconsumeInput(self.as_ptr()) };
        }
    }

    /// Returns when the next result can be read without waiting, or at the given moment.
    pub(super) fn listen(&mut self, until: Option<Instant>, pulse: &mut Pulse) -> Heard {
        // SAFETY: the connection is valid.
        while unsafe { pq_sys::PQisBusy(self.as_ptr()) } == 1 {
            match self.wait(PollFlags::POLLIN, until, pulse) {
                Polled::Ready => {
                    // SAFETY: the connection is valid.
                    if unsafe { pq_sys::PQconsumeInput(self.as_ptr()) } == 0 {
                        break;
                    }
                }
                Polled::Nothing => return Heard::Nothing,
                Polled::Failed => break,
            }
        }
        Heard::Something
    }

    /// Waits for the socket, until a given moment or as long as the server shows signs of life.
    fn wait(&mut self, flags: PollFlags, until: Option<Instant>, pulse: &mut Pulse) -> Polled {
        loop {
            let pause = self.pause();
            let ask_at = *pulse.ask_at.get_or_insert_with(|| Instant::now() + pause);
            let polled = self.poll(flags, until.map_or(ask_at, |until| until.min(ask_at)));
            match polled {
                Polled::Ready => {
                    pulse.beats();
                    return polled;
                }
                Polled::Failed => return polled,
                Polled::Nothing if Instant::now() < ask_at => return polled,
                Polled::Nothing if self.is_given_up(pulse) => return Polled::Failed,
                Polled::Nothing => pulse.ask_at = None,
            }
        }
    }

    fn pause(&self) -> Duration {
        match self.answer_wait {
            AnswerWait::Asking(pause) | AnswerWait::Limited(pause) => pause,
        }
    }

    /// Asks how things are. Breaks the connection off when there is nobody to wait for.
    fn is_given_up(&mut self, pulse: &mut Pulse) -> bool {
        let AnswerWait::Asking(_) = self.answer_wait else {
            return self.give_up("the server does not answer");
        };
        match self.sign() {
            Sign::Alive => pulse.beats(),
            Sign::Gone => return self.give_up("the server has lost the session"),
            Sign::Answered => {
                pulse.unanswered = 0;
                pulse.answered += 1;
            }
            Sign::Unanswered => {
                pulse.answered = 0;
                pulse.unanswered += 1;
            }
        }
        if pulse.answered >= ANSWERED {
            // Its session would keep its locks until the server finds out too.
            self.end_beside();
            return self.give_up("the server has answered, and the answer was lost on the way");
        }
        if pulse.unanswered >= UNANSWERED {
            return self.give_up("the server does not answer any more, on new connections neither");
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
        let sql = "select pg_catalog.pg_backend_pid() as served_by, a.pid is not null as is_there, a.state \
                   from (select 1) as one left join pg_catalog.pg_stat_activity a on a.pid = $1";
        let pid = self.backend_pid().to_string();
        let Ok(rows) = beside.query(sql, &[Some(&pid)]) else {
            return Sign::Unanswered;
        };
        let Some(row) = rows.first() else {
            return Sign::Alive;
        };
        if row.number::<i32>("served_by") != beside.backend_pid() {
            // A pooler has numbers of its own.
            return Sign::Alive;
        }
        if !row.bool("is_there") {
            return Sign::Gone;
        }
        match row.str("state").starts_with("idle") {
            true => Sign::Answered,
            false => Sign::Alive,
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
            // Looks once at least. Rounded up, not to ask again and again in the last millisecond.
            let timeout = match left.is_zero() {
                true => Ok(PollTimeout::ZERO),
                false => PollTimeout::try_from(left + Duration::from_millis(1)),
            };
            match poll(
                &mut [PollFd::new(socket, flags)],
                timeout.unwrap_or(PollTimeout::MAX),
            ) {
                Ok(0) | Err(Errno::EINTR) if left.is_zero() => return Polled::Nothing,
                // Over, or interrupted by a signal: the time tells.
                Ok(0) | Err(Errno::EINTR) => {}
                Ok(_) => return Polled::Ready,
                Err(_) => return Polled::Failed,
            }
        }
    }
}

/// What came of waiting for a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Polled {
    Ready,
    /// Nothing within the time.
    Nothing,
    Failed,
}
