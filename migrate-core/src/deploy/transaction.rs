//! A migration as one transaction in one message, its ledger rows included.

use std::thread::sleep;
use std::time::Duration;

use crate::database::{Failure, ServerError, sqlstate};
use crate::event::{Direction, Event};
use crate::ledger::{record_applied, record_reverted};

use super::{Commit, Executor, Job, MigrationFailure, Remains};

/// Pauses before a migration that did not get a lock in time is tried again. Between two tries
/// the application's queries that queued behind it run.
const RETRY_PAUSES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

impl Executor<'_> {
    /// Runs the migration and records it, all or nothing.
    pub(super) fn run_in_transaction(&mut self, job: &Job<'_>) -> Result<(), MigrationFailure> {
        let message = self.message(job);
        let mut pauses = RETRY_PAUSES.into_iter();
        loop {
            let Err(failure) = self.session.run(&message.text) else {
                return Ok(());
            };
            if self.session.in_transaction() {
                // The first error is the one that counts.
                let _ = self.session.execute("rollback");
            }
            if failure.error.is(sqlstate::LOCK_NOT_AVAILABLE)
                && let Some(pause) = pauses.next()
            {
                self.observer.observe(&Event::Retrying {
                    database: self.database.to_owned(),
                    migration: job.migration.clone(),
                    pause,
                });
                sleep(pause);
                continue;
            }
            let failure = message.blame(job, failure);
            self.record_failure(job, &failure, 0);
            return Err(failure);
        }
    }

    fn message(&self, job: &Job<'_>) -> Message {
        let mut prelude = vec!["begin".to_owned()];
        prelude.extend(RESET.map(str::to_owned));
        prelude.extend(self.settings("set local"));
        if job.commit == Commit::Asynchronous {
            prelude.push("set local synchronous_commit = off".to_owned());
        }
        let record = match job.direction {
            Direction::Up => record_applied(self.place, self.client, job.attempted),
            Direction::Down => record_reverted(self.place, self.client, job.attempted),
        };
        let before = prelude.join("; ") + ";\n";
        // On a line of its own: the file may end in a line comment. The role is the one that
        // connected: the file may have changed it.
        let after = format!("\n;\nreset session authorization;\n{record};\ncommit");
        Message {
            prelude_statements: prelude.len(),
            prelude_characters: before.chars().count(),
            text: format!("{before}{}{after}", job.script.file().text()),
        }
    }

    /// The timeouts of this run. An idle transaction cannot happen to us, but the server's limit
    /// on it would count the pause between two of our messages.
    pub(super) fn settings(&self, set: &str) -> Vec<String> {
        let milliseconds = |timeout: Duration| timeout.as_millis();
        vec![
            format!("{set} lock_timeout = {}", milliseconds(self.lock_timeout)),
            format!(
                "{set} statement_timeout = {}",
                milliseconds(self.statement_timeout)
            ),
            format!("{set} idle_in_transaction_session_timeout = 0"),
        ]
    }
}

/// What an earlier migration may have left in the session. A migration must mean the same
/// whether it is deployed alone or after others. `DISCARD ALL` would free our lock.
pub(super) const RESET: [&str; 5] = [
    "reset session authorization",
    "reset all",
    "deallocate all",
    "unlisten *",
    "discard temp",
];

/// The message and where the file stands in it.
struct Message {
    text: String,
    prelude_statements: usize,
    prelude_characters: usize,
}

impl Message {
    /// Finds the place in the file that an error of the message is about.
    fn blame(&self, job: &Job<'_>, failure: Failure) -> MigrationFailure {
        let Failure {
            completed,
            mut error,
        } = failure;
        let script = job.script;
        // PostgreSQL counts from 1.
        let character = error
            .position
            .and_then(|position| position.checked_sub(1 + self.prelude_characters));
        let by_position = character.and_then(|character| script.location_at(0, character));
        if error.is(sqlstate::SYNTAX_ERROR) && character.is_some() && by_position.is_none() {
            // The file stops short, and what PostgreSQL stumbled over is ours. Alone, the file
            // would have made it say this.
            "syntax error at end of input".clone_into(&mut error.message);
        }
        let statement = completed
            .checked_sub(self.prelude_statements)
            .and_then(|index| script.statements().get(index));
        let location = match (by_position, statement) {
            (Some(location), _) => Some(location),
            (None, Some(statement)) => Some(script.location_of(statement)),
            (None, None) if error.is(sqlstate::SYNTAX_ERROR) => script.end(),
            (None, None) => None,
        };
        MigrationFailure {
            migration: job.migration.clone(),
            direction: job.direction,
            location,
            remains: remains(&error),
            error,
            not_tried: 0,
        }
    }
}

fn remains(error: &ServerError) -> Remains {
    if error.connection_lost && error.sqlstate.is_empty() {
        // The commit may have been on its way.
        Remains::Unknown
    } else {
        Remains::Nothing
    }
}
