//! A connection over which messages go and answers are waited for.

use std::ffi::CString;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use crate::target::Target;

use super::connect::{self, ConnectError};
use super::libpq::Connection;
use super::obstacle::Obstacle;
use super::pulse::{Pulse, Sign, Verdict};
use super::result::QueryResult;
use super::row::Rows;
use super::server_error::ServerError;
use super::socket::{self, Polled};

/// After how long without an answer the server is asked whether it is there, where the target
/// sets no limit on connecting.
const ASKED_AFTER: Duration = Duration::from_secs(20);
/// How many seconds it may take to connect beside: the first connection's answer waits for it.
const BESIDE_TIMEOUT: &str = "3";
/// How long a question beside may take: they are all about what the server has in memory.
const BESIDE_LIMIT: Duration = Duration::from_secs(5);

/// How many bytes the rows of one answer may take. What we ask for is thousands of times less.
const LARGEST_ANSWER: usize = 1024 * 1024 * 1024;

/// How long to wait for an answer.
#[derive(Debug, Clone, Copy)]
enum AnswerWait {
    /// As long as the server works at it, which is asked each time that nothing came for so long.
    Asking(Duration),
    /// No longer than this.
    Limited(Duration),
}

/// What came of listening to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// A result can be read, or that there is none, or that the connection is broken.
    Something,
    /// Nothing until the given moment.
    Nothing,
}

/// An open connection, and how its answers are waited for.
pub(super) struct Wire {
    pub(super) connection: Connection,
    answer_wait: AnswerWait,
    /// The server's process, as it says itself, once it has been asked.
    pub(super) process: Option<i32>,
    /// How many messages were sent.
    pub(super) sent: u64,
}

impl Wire {
    /// Connects. Who gives a server more time to be connected to gives it more time before it is
    /// asked whether it is still there.
    pub(super) fn connect(target: &Target) -> Result<Self, ConnectError> {
        let (connection, limit) = connect::open(target)?;
        Ok(Self {
            connection,
            answer_wait: AnswerWait::Asking(limit.map_or(ASKED_AFTER, |limit| 2 * limit)),
            process: None,
            sent: 0,
        })
    }

    /// Connects once more to the server that answered, as the same role. What is asked there
    /// must not last.
    pub(super) fn connect_beside(&self) -> Result<Self, ConnectError> {
        let target = connect::target_of(&self.connection).with("connect_timeout", BESIDE_TIMEOUT);
        let mut beside = Self::connect(&target)?;
        beside.answer_wait = AnswerWait::Limited(BESIDE_LIMIT);
        Ok(beside)
    }

    /// The process that serves the connection: as the server says itself, once it was asked. A
    /// pooler makes a number up.
    pub(super) fn process(&self) -> i32 {
        self.process.unwrap_or_else(|| self.connection.greeted_by())
    }

    /// Sends a message; gives whether libpq took it. libpq itself would wait for ever for a
    /// server that reads no more.
    pub(super) fn send(&mut self, hand_over: impl FnOnce(&mut Connection) -> bool) -> bool {
        self.sent += 1;
        self.connection.set_blocking(false);
        let sent = hand_over(&mut self.connection);
        if sent {
            self.flush();
        }
        self.connection.set_blocking(true);
        sent
    }

    fn flush(&mut self) {
        let mut pulse = Pulse::default();
        let both = PollFlags::POLLIN | PollFlags::POLLOUT;
        // Else it is all sent, or broken: the answer will tell.
        while self.connection.flush() {
            if self.wait(both, None, &mut pulse) != Polled::Ready {
                return;
            }
            // The server may have to send before it can go on reading.
            self.connection.take_in();
        }
    }

    /// The next result of what was sent.
    pub(super) fn next_result(&mut self) -> Option<QueryResult> {
        self.listen(None, &mut Pulse::default());
        self.connection.next_result()
    }

    /// The error of a result, if it is one.
    pub(super) fn error_of(&self, result: &QueryResult) -> Option<ServerError> {
        result.error(self.connection.is_broken(), || {
            self.connection.error_message()
        })
    }

    /// Runs one statement with parameters `$1`, `$2`, ... as text, and gives its rows.
    pub(super) fn query(
        &mut self,
        sql: &str,
        parameters: &[Option<&str>],
    ) -> Result<Rows, ServerError> {
        let nul = |_| ServerError::not_text("the statement or a parameter holds a NUL byte");
        let text = CString::new(sql).map_err(nul)?;
        let parameters = parameters
            .iter()
            .map(|parameter| parameter.map(CString::new).transpose())
            .collect::<Result<Vec<_>, _>>()
            .map_err(nul)?;
        if !self.send(|connection| connection.send_with(&text, &parameters)) {
            return Err(self.lost());
        }
        self.connection.single_rows();
        let mut rows = None;
        let mut failed: Option<ServerError> = None;
        while let Some(result) = self.next_result() {
            if result.is_copy() {
                // libpq would say so for ever.
                self.connection
                    .break_off("the server answers a question by COPY");
                return Err(self.lost());
            }
            let added = match self.error_of(&result) {
                Some(error) => Err(error),
                None => result.add_to(rows.get_or_insert_with(|| Rows::named(Vec::new()))),
            };
            // The first is the server's; when it hangs up, libpq adds its own.
            failed = failed.or(added.err());
            if rows
                .as_ref()
                .is_some_and(|rows| rows.size() > LARGEST_ANSWER)
            {
                self.connection
                    .break_off("the server sends rows without end");
                return Err(self.lost());
            }
            if self.connection.is_broken() {
                break;
            }
        }
        match (failed, rows) {
            (Some(mut error), _) => {
                error.connection_lost |= self.connection.is_broken();
                Err(error)
            }
            (None, Some(rows)) => Ok(rows),
            (None, None) => Err(self.lost()),
        }
    }

    /// The connection broke.
    pub(super) fn lost(&self) -> ServerError {
        ServerError::lost(self.connection.error_message())
    }

    /// Returns when the next result can be read without waiting, or at the given moment.
    pub(super) fn listen(&mut self, until: Option<Instant>, pulse: &mut Pulse) -> Heard {
        while self.connection.is_busy() {
            match self.wait(PollFlags::POLLIN, until, pulse) {
                Polled::Ready => {
                    if !self.connection.take_in() {
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
        let (AnswerWait::Asking(pause) | AnswerWait::Limited(pause)) = self.answer_wait;
        loop {
            let ask_at = *pulse.ask_at.get_or_insert_with(|| Instant::now() + pause);
            let first = until.map_or(ask_at, |until| until.min(ask_at));
            let polled = socket::wait(self.connection.socket(), flags, Some(first));
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

    /// Asks how things are. Breaks the connection off when there is nobody to wait for.
    fn is_given_up(&mut self, pulse: &mut Pulse) -> bool {
        let verdict = match self.answer_wait {
            AnswerWait::Asking(_) => pulse.take(self.sign()),
            AnswerWait::Limited(_) => Verdict::GiveUp("the server does not answer"),
        };
        match verdict {
            Verdict::Wait => return false,
            Verdict::GiveUp(why) => self.connection.break_off(why),
            Verdict::EndAndGiveUp(why) => {
                self.end_beside();
                self.connection.break_off(why);
            }
        }
        true
    }

    /// Asks the server about this connection over another one.
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
        let sql = "select pg_catalog.pg_backend_pid() as served_by, a.pid is not null as is_there, \
                          a.state \
                   from (select 1) as one left join pg_catalog.pg_stat_activity a on a.pid = $1";
        let Ok(rows) = beside.query(sql, &[Some(&self.process().to_string())]) else {
            return Sign::Unanswered;
        };
        let Some(row) = rows.first() else {
            return Sign::Alive;
        };
        if row.number::<i32>("served_by") != beside.process() {
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

    /// Ends the server's session of this connection over another one.
    fn end_beside(&self) {
        if let Ok(mut beside) = self.connect_beside() {
            let process = self.process().to_string();
            // What matters is told anyway.
            let _ = beside.query(
                "select pg_catalog.pg_terminate_backend($1)",
                &[Some(&process)],
            );
        }
    }
}
