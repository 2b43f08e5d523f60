//! Sends a message of several statements, and counts those that were done.

use std::ffi::CString;

use super::milestone::Milestones;
use super::server_error::ServerError;
use super::session::Session;
use super::waiting::{Meanwhile, Waiting};

/// A statement of a message failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How many statements of the message were done before it, or since the last milestone.
    pub completed: usize,
    /// What the server said.
    pub error: ServerError,
}

impl Failure {
    /// Before the first statement.
    fn at_first(error: ServerError) -> Self {
        let completed = 0;
        Self { completed, error }
    }
}

impl Session {
    /// Sends a message whose statements are not counted.
    pub fn execute(&mut self, sql: &str) -> Result<(), ServerError> {
        self.run(sql).map_err(|failure| failure.error)
    }

    /// Sends a message of any number of statements and reads all answers. Rows are dropped.
    ///
    /// Statements without a transaction of their own are one implicit transaction: that is
    /// PostgreSQL's simple query protocol.
    pub fn run(&mut self, sql: &str) -> Result<(), Failure> {
        self.run_meanwhile(sql, &mut Milestones::none(), &mut |_, _| None)
    }

    /// The same, and something else while the server works at it. What a failure says of
    /// completed statements is counted from the last milestone.
    pub fn run_meanwhile(
        &mut self,
        sql: &str,
        milestones: &mut Milestones,
        meanwhile: &mut Meanwhile<'_>,
    ) -> Result<(), Failure> {
        let nul = |_| Failure::at_first(ServerError::not_text("the text holds a NUL byte"));
        let text = CString::new(sql).map_err(nul)?;
        if !self.wire.send(|connection| connection.send(&text)) {
            return Err(Failure::at_first(self.wire.lost()));
        }
        // They are dropped, so they need not be gathered.
        self.wire.connection.single_rows();
        let mut completed = 0;
        let mut failure = None;
        let mut waiting = Waiting::begin(self, meanwhile);
        while let Some(result) = waiting.next_result(self) {
            let error = if result.is_copy() {
                self.wire.connection.end_copy(result.is_copy_out());
                Some(ServerError::copy())
            } else {
                self.wire.error_of(&result)
            };
            match error {
                Some(error) if failure.is_none() => failure = Some(Failure { completed, error }),
                Some(_) => {}
                None if result.is_single_row() => milestones.note(&result),
                None if milestones.is(&result) => {
                    milestones.pass(self.take_notices());
                    completed = 0;
                }
                // A rule may add results that are of no statement of their own.
                None if result.ends_statement() => completed += 1,
                None => {}
            }
            if self.is_broken() {
                break;
            }
        }
        match failure {
            Some(mut failure) => {
                // The server says why before it hangs up.
                failure.error.connection_lost |= self.is_broken();
                Err(failure)
            }
            None => Ok(()),
        }
    }
}
