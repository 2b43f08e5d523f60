//! A migration as one transaction in one message, its ledger rows included.

use std::time::Duration;

use crate::ledger::{record_applied, record_reverted};
use migrate_postgres::{Failure, Milestones, ServerError, Session, sqlstate};
use migrate_text::migration_ref::Direction;
use migrate_text::source::Location;

use super::executor::Executor;
use super::guard::Guard;
use super::job::{Commit, Job};
use super::limits::Limits;
use super::proof::{Ended, Proof};
use super::remains::{FailedPart, MigrationFailure, Remains};

/// Deferred triggers would fire at the commit, when nobody looks any more and nobody could tell
/// their failure from one of ours.
pub(super) const FIRE_DEFERRED: &str = "set constraints all immediate";

impl Executor<'_> {
    /// Runs the migration and records it, all or nothing.
    pub(super) fn run_in_transaction(&mut self, job: &Job<'_>) -> Result<(), MigrationFailure> {
        let proof = Proof::new();
        let message = self.message(job, &proof);
        let (text, column) = in_one(std::slice::from_ref(&message));
        loop {
            let mut milestones = Milestones::named(column.clone());
            let result = self.run_proven(&text, &mut milestones, &proof);
            let passed = milestones.passed();
            let at_commit = !passed.is_empty();
            for notice in passed.into_iter().flat_map(|passed| passed.notices) {
                self.tell_notice(job, notice);
            }
            let Err(ended) = result else {
                return Ok(());
            };
            let failure = message.blame(job, ended, at_commit);
            if !failure.is_escape() && self.retries(job, &failure.error) {
                continue;
            }
            self.record_failure(job, &failure);
            return Err(failure);
        }
    }

    /// Sends a message, and leaves no transaction open.
    pub(super) fn run_clean(&mut self, message: &str) -> Result<(), Failure> {
        self.run_clean_past(message, &mut Milestones::none())
    }

    /// The same with a message that has milestones.
    pub(super) fn run_clean_past(
        &mut self,
        message: &str,
        milestones: &mut Milestones,
    ) -> Result<(), Failure> {
        let result = self.watched(message, milestones);
        self.leave_transaction();
        result
    }

    /// The same with a message whose transactions have a proof.
    pub(super) fn run_proven(
        &mut self,
        message: &str,
        milestones: &mut Milestones,
        proof: &Proof,
    ) -> Result<(), Ended> {
        let result = self.watched(message, milestones);
        let result = result.map_err(|failure| {
            // A cancel that is repeated must not hit this.
            self.interrupt.end();
            let held = proof.holds(&mut self.session);
            self.interrupt.begin(self.session.canceller());
            let raised = proof.raised(&failure.error);
            Ended {
                failure,
                held,
                raised,
            }
        });
        self.leave_transaction();
        result
    }

    fn leave_transaction(&mut self) {
        if self.session.in_transaction() {
            // The first error is the one that counts.
            let _ = self.session.execute("rollback");
        }
    }

    pub(super) fn message(&self, job: &Job<'_>, proof: &Proof) -> Message {
        // The modes in full: an earlier migration may have changed the session's defaults.
        let mut prelude = vec!["begin isolation level read committed read write".to_owned()];
        // PostgreSQL takes these only before the first query and savepoint, and there are some of
        // ours.
        let modes = job.script.leading_modes();
        prelude.extend(modes.iter().map(|mode| job.script.text(mode).to_owned()));
        prelude.extend(clean(&self.session));
        prelude.extend(settings("set local", job.limits));
        if job.commit == Commit::Asynchronous {
            prelude.push("set local synchronous_commit = off".to_owned());
        }
        // Ours already, unless an earlier migration freed it: then nobody else shall run beside
        // this one.
        let lock = |key| format!("select pg_catalog.pg_advisory_xact_lock({key})");
        prelude.extend(self.session.key().map(lock));
        let guard = self.guard(job);
        let text = job.script.file().text();
        prelude.extend(guard.iter().flat_map(|guard| guard.before(text)));
        prelude.push(proof.begin());
        let record = match job.direction {
            Direction::Up => record_applied(self.place, self.client, job.attempted),
            Direction::Down => record_reverted(self.place, self.client, job.attempted),
        };
        let before = prelude.join("; ") + ";\n";
        let guard = guard.map_or_else(String::new, |guard| guard.after() + ";\n");
        let closing = format!("{};\n{};\n", proof.end(), ourselves("set"));
        // On a line of its own: the file may end in a line comment.
        let after = format!("\n;\n{closing}{FIRE_DEFERRED};\n{guard}{record};\n");
        Message {
            modes: modes.len(),
            prelude_statements: prelude.len(),
            closing_statements: closing.matches(';').count(),
            prelude_characters: before.chars().count(),
            text: format!("{before}{}{after}", job.script.text_without(modes)),
            ledger: self.place.ledger().to_string(),
        }
    }

    /// The guard of a migration that may not touch everything.
    pub(super) fn guard(&self, job: &Job<'_>) -> Option<Guard> {
        let mandate = job.mandate(self.attribution)?;
        Some(Guard::of(&mandate, self.place, job.script.file().text()))
    }
}

/// The timeouts of a migration. An idle transaction cannot happen to us, but the server's limit
/// on it would count the pause between two of our messages.
pub(super) fn settings(set: &str, limits: Limits) -> Vec<String> {
    let milliseconds = |timeout: Duration| timeout.as_millis();
    vec![
        format!("{set} lock_timeout = {}", milliseconds(limits.lock_timeout)),
        format!(
            "{set} statement_timeout = {}",
            milliseconds(limits.statement_timeout)
        ),
        format!("{set} idle_in_transaction_session_timeout = 0"),
    ]
}

/// Gives the role that connected back: the ledger is not the business of a role that the file took
/// on. The default of `role` is what `ALTER ROLE ... SET role` says, and `none` without that. What
/// is ours takes its time, however short that of the file is.
pub(super) fn ourselves(set: &str) -> String {
    format!(
        "{set} session authorization default; {set} role to default; {set} statement_timeout = 0"
    )
}

/// Makes a session what it is at first, whatever an earlier migration has left in it: a migration
/// must mean the same whether it is deployed alone or after others. `DISCARD ALL` would free our
/// lock.
pub(crate) fn clean(session: &Session) -> impl Iterator<Item = String> + use<> {
    let all = RESET.into_iter().chain(session.own_settings());
    all.map(str::to_owned)
}

const RESET: [&str; 6] = [
    "reset session authorization",
    // Not part of `reset all`.
    "reset role",
    "reset all",
    "deallocate all",
    "unlisten *",
    "discard temp",
];

/// The message and where the file stands in it.
pub(super) struct Message {
    /// All but the commit.
    text: String,
    /// How many statements of the file are sent before it, right after `begin`.
    modes: usize,
    prelude_statements: usize,
    /// How many of ours stand between the file and what is deferred in it.
    closing_statements: usize,
    prelude_characters: usize,
    /// Where its row is, quoted.
    ledger: String,
}

impl Message {
    /// The message with its commit. A column of this name says how long it took, in
    /// milliseconds, right before the commit. After it, it would begin the next transaction, in
    /// which PostgreSQL takes some modes only before the first query.
    fn with_milestone(&self, column: &str) -> String {
        format!(
            "{}select pg_catalog.date_part('epoch', duration) operator(pg_catalog.*) 1000 \
             as {column} from {} order by id desc limit 1;\ncommit;\n",
            self.text, self.ledger
        )
    }

    /// Finds the place in the file that an error of the message is about.
    pub(super) fn blame(&self, job: &Job<'_>, ended: Ended, at_commit: bool) -> MigrationFailure {
        let escaped = ended.escaped(self.prelude_statements, at_commit);
        let of_proof = escaped && ended.raised;
        let Failure {
            completed,
            mut error,
        } = ended.failure;
        let script = job.script;
        // PostgreSQL counts from 1.
        let character = error
            .position
            .and_then(|position| position.checked_sub(1 + self.prelude_characters));
        let mut location = character
            .and_then(|character| script.location_at(0, character))
            .or_else(|| script.location_inside(&error));
        if error.is(sqlstate::SYNTAX_ERROR) && character.is_some() && location.is_none() {
            // The file stops short, and what PostgreSQL stumbled over is ours. Alone, the file
            // would have made it say this.
            "syntax error at end of input".clone_into(&mut error.message);
            location = script.end();
        }
        // Of a text that the server reads otherwise nobody can count the statements.
        if location.is_none() && !escaped && !at_commit {
            location = self.statement_of(job, completed);
        }
        let of_the_file = script.statements().len() - self.modes;
        let deferred = self.prelude_statements + of_the_file + self.closing_statements;
        let remains = match escaped {
            true => Remains::Escaped { done: 0 },
            // The commit may have been on its way.
            false if error.outcome_is_unknown() => Remains::Unknown,
            false => Remains::Nothing,
        };
        MigrationFailure {
            migration: job.migration.clone(),
            direction: job.direction,
            commits_itself: false,
            part: match location.is_none() && remains == Remains::Nothing {
                true if at_commit || completed == deferred => FailedPart::Deferred,
                true if is_about_a_statement(&error) => FailedPart::Ours,
                _ => FailedPart::Statement,
            },
            location,
            remains,
            of_proof,
            error,
            invalid_indexes: Vec::new(),
            not_tried: 0,
            tries: 1,
            blockage: None,
        }
    }

    fn statement_of(&self, job: &Job<'_>, completed: usize) -> Option<Location> {
        let statements = job.script.statements();
        let index = match completed.checked_sub(self.prelude_statements) {
            Some(index) => self.modes + index,
            None => completed
                .checked_sub(1)
                .filter(|index| *index < self.modes)?,
        };
        let statement = statements.get(index)?;
        Some(job.script.location_of(statement))
    }
}

/// Whether it is what the statement says that failed, and not what the server has to do.
pub(super) fn is_about_a_statement(error: &ServerError) -> bool {
    // Connections, conflicts of transactions, a lack of resources, locks, operators who intervene,
    // the system, and what has no code at all: our own.
    let passing = ["08", "40", "53", "55", "57", "58"];
    let passes = passing
        .iter()
        .any(|class| error.sqlstate.starts_with(class));
    !passes && !error.sqlstate.is_empty()
}

/// The messages as one, with a milestone before the commit of each; and the column by which that
/// is known.
pub(super) fn in_one(messages: &[Message]) -> (String, String) {
    // Nothing in a file has it, and a person who looks at the server's log knows what it is.
    let column = format!("migrate_done_{:016x}", fastrand::u64(..));
    let messages = messages.iter();
    let text = messages.map(|message| message.with_milestone(&column));
    (text.collect(), column)
}
