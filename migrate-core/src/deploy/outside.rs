//! A migration outside a transaction: statement by statement, each recorded, so that a rerun
//! goes on where it stopped.

use crate::database::{Failure, ServerError};
use crate::ledger::{attempted_up_sql, finish_applied, start_outside_transaction, statement_done};
use crate::statement::{Statement, mask_passwords, split};

use super::transaction::RESET;
use super::{ExecuteError, Executor, Job, MigrationFailure, Remains};

/// `active_sql_transaction`: what PostgreSQL answers, before it does anything, to a statement
/// that cannot run in a transaction.
const NOT_IN_TRANSACTION: &str = "25001";
/// `invalid_transaction_termination`: a procedure or `DO` block that commits by itself.
const COMMITS_ITSELF: &str = "2D000";

impl Executor<'_> {
    /// Runs the statements that are not done yet, and records each.
    pub(super) fn run_outside_transaction(
        &mut self,
        job: &Job<'_>,
    ) -> Result<(), MigrationFailure> {
        let statements = job.script.statements();
        let skip = job.statements_done.min(statements.len());
        let whole = |error| failure(job, error, None, skip);
        let id = self
            .prepare_session(job, skip)
            .and_then(|()| {
                start_outside_transaction(
                    self.session,
                    self.place,
                    self.client,
                    job.attempted,
                    job.direction.as_str(),
                    skip,
                )
            })
            .map_err(whole)?;
        for (index, statement) in statements.iter().enumerate().skip(skip) {
            if let Err(error) = self.run_statement(job, statement, id, index + 1) {
                let failure = failure(job, error, Some(statement), index);
                self.record_failure(job, &failure, index);
                return Err(failure);
            }
        }
        let finish = finish_applied(
            self.place,
            id,
            job.attempted.version,
            job.direction.as_str(),
        );
        let finish = format!("begin; reset session authorization;\n{finish};\ncommit");
        self.execute_or_roll_back(&finish)
            .map_err(|error| failure(job, error, None, statements.len()))
    }

    /// Makes sure that the statements to be skipped are those that were done.
    pub(super) fn check_finished_part(&mut self, job: &Job<'_>) -> Result<(), ExecuteError> {
        if job.statements_done == 0 {
            return Ok(());
        }
        let version = job.attempted.version;
        // What cannot be read cannot be compared; running it will fail on the same connection.
        let Ok(Some(attempted)) = attempted_up_sql(self.session, self.place, version) else {
            return Ok(());
        };
        let present = mask_passwords(job.script.file().text());
        let texts = |sql: &str| -> Vec<String> {
            let statements = split(sql).into_iter().take(job.statements_done);
            statements
                .map(|statement| sql[statement.span].replace("\r\n", "\n"))
                .collect()
        };
        let (done, now) = (texts(&attempted), texts(&present));
        let same = done.iter().zip(&now).take_while(|(a, b)| a == b).count();
        if same == done.len() {
            return Ok(());
        }
        let edited = job.script.statements().get(same);
        Err(ExecuteError::FinishedPartEdited {
            migration: job.attempted.name.to_owned(),
            statements_done: job.statements_done,
            location: edited.map(|statement| job.script.location_of(statement)),
        })
    }

    /// A clean session with our timeouts, and the settings that the statements done earlier made.
    fn prepare_session(&mut self, job: &Job<'_>, done: usize) -> Result<(), ServerError> {
        let mut setup: Vec<String> = RESET.map(str::to_owned).to_vec();
        setup.extend(self.settings("set"));
        let earlier = &job.script.statements()[..done];
        let sets = earlier.iter().filter(|statement| {
            statement.starts_with(&["set"]) || statement.starts_with(&["reset"])
        });
        setup.extend(sets.map(|statement| job.script.text(statement).to_owned()));
        self.session.execute(&setup.join(";\n"))
    }

    /// Runs a statement together with its record where PostgreSQL lets it run in a transaction,
    /// so that both happen or neither. PostgreSQL itself says where it does not.
    fn run_statement(
        &mut self,
        job: &Job<'_>,
        statement: &Statement,
        id: i64,
        number: usize,
    ) -> Result<(), ServerError> {
        let text = job.script.text(statement);
        let record = statement_done(self.place, id, number);
        let before = "begin;\n";
        let together = format!("{before}{text}\n;\n{record};\ncommit");
        let Err(error) = self.execute_or_roll_back(&together) else {
            return Ok(());
        };
        if error.is(NOT_IN_TRANSACTION) || error.is(COMMITS_ITSELF) {
            self.session.execute(text)?;
            return self.session.execute(&record);
        }
        // Counted from the statement's own start.
        let position = error
            .position
            .and_then(|position| position.checked_sub(before.chars().count()));
        Err(ServerError { position, ..error })
    }

    fn execute_or_roll_back(&mut self, sql: &str) -> Result<(), ServerError> {
        let result = self.session.run(sql);
        if self.session.in_transaction() {
            // The first error is the one that counts.
            let _ = self.session.execute("rollback");
        }
        result.map_err(|Failure { error, .. }| error)
    }
}

fn failure(
    job: &Job<'_>,
    error: ServerError,
    statement: Option<&Statement>,
    done: usize,
) -> MigrationFailure {
    let location = statement.map(|statement| {
        error
            .position
            .and_then(|position| {
                let character = position.checked_sub(1)?;
                job.script.location_at(statement.span.start, character)
            })
            .unwrap_or_else(|| job.script.location_of(statement))
    });
    MigrationFailure {
        migration: job.migration.clone(),
        direction: job.direction,
        error,
        location,
        remains: Remains::Statements {
            done,
            of: job.script.statements().len(),
        },
        not_tried: 0,
    }
}
