//! A migration outside a transaction: statement by statement, each recorded, so that a rerun
//! goes on where it stopped.

use crate::database::{ServerError, sqlstate};
use crate::ledger::{
    attempted_sql, finish_applied, finish_failed, start_outside_transaction, statement_done,
};
use crate::statement::{Statement, mask_passwords, split};

use super::guard::{Guard, GuardBreach, LastingBreach, Offence, finds};
use super::transaction::{clean, ourselves, settings};
use super::{ExecuteError, Executor, Job, MigrationFailure, Remains};

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
        let guard = self.guard(job);
        for (index, statement) in statements.iter().enumerate().skip(skip) {
            let result = match self.interrupt.was_asked() {
                true => Err(Stopped::before(ServerError::interrupted())),
                false => self.run_statement(job, statement, guard.as_ref(), id, index + 1),
            };
            if let Err(Stopped { error, done }) = result {
                let failure = failure(job, error, Some(statement), index + usize::from(done));
                let breach = LastingBreach::of(&failure.error, index);
                let breach = breach.map(|breach| breach.text());
                let end = finish_failed(self.place, id, &failure.error, breach.as_deref());
                self.record_end(&end);
                return Err(failure);
            }
        }
        let finish = finish_applied(
            self.place,
            id,
            job.attempted.version,
            job.direction.as_str(),
        );
        self.run_clean(&as_ourselves(&finish))
            .map_err(|f| failure(job, f.error, None, statements.len()))
    }

    /// Makes sure that the statements to be skipped are those that were done.
    pub(super) fn check_finished_part(&mut self, job: &Job<'_>) -> Result<(), ExecuteError> {
        if job.statements_done == 0 {
            return Ok(());
        }
        let edited = |location| ExecuteError::FinishedPartEdited {
            migration: job.attempted.name.to_owned(),
            statements_done: job.statements_done,
            location,
        };
        if job.attempted.run_in_transaction {
            // What is done is done: as one transaction it would be done again.
            return Err(edited(None));
        }
        let direction = job.direction.as_str();
        let version = job.attempted.version;
        // What cannot be read cannot be compared; running it will fail on the same connection.
        let Ok(Some(attempted)) = attempted_sql(self.session, self.place, version, direction)
        else {
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
        let statement = job.script.statements().get(same);
        Err(edited(statement.map(|s| job.script.location_of(s))))
    }

    /// Makes sure that what an earlier attempt changed for good of other services' is no breach
    /// any more: otherwise whoever runs it twice would have passed the guard.
    pub(super) fn check_breach(&self, job: &Job<'_>) -> Result<(), ExecuteError> {
        let (Some(breach), Some(mandate)) = (job.breach, self.mandate(job)) else {
            return Ok(());
        };
        // What cannot be read was not written by us.
        let Some(breach) = LastingBreach::read(breach) else {
            return Ok(());
        };
        if breach.is_covered(&mandate) {
            return Ok(());
        }
        let statements = job.script.statements();
        let statement = statements.get(breach.statement);
        Err(ExecuteError::Breach(Box::new(GuardBreach {
            migration: job.migration.clone(),
            direction: job.direction,
            services: mandate.services,
            on_disk: job.on_disk(),
            offence: Offence::Changed(breach.changed),
            location: statement.map(|s| job.script.location_of(s)),
            for_good: true,
            refused_again: true,
            remains: Remains::Statements {
                done: job.statements_done,
                of: statements.len(),
            },
            not_tried: 0,
        })))
    }

    /// A clean session with our timeouts, and the settings that the statements done earlier made.
    fn prepare_session(&mut self, job: &Job<'_>, done: usize) -> Result<(), ServerError> {
        let mut setup: Vec<String> = clean(self.session).collect();
        setup.extend(settings("set", job.limits));
        let earlier = &job.script.statements()[..done];
        let sets = earlier.iter().filter(|statement| {
            statement.starts_with(&["set"]) || statement.starts_with(&["reset"])
        });
        setup.extend(sets.map(|statement| job.script.text(statement).to_owned()));
        self.run_clean(&setup.join(";\n")).map_err(|f| f.error)
    }

    /// Runs a statement together with its record where PostgreSQL lets it run in a transaction,
    /// so that both happen or neither. PostgreSQL itself says where it does not.
    fn run_statement(
        &mut self,
        job: &Job<'_>,
        statement: &Statement,
        guard: Option<&Guard>,
        id: i64,
        number: usize,
    ) -> Result<(), Stopped> {
        let text = job.script.text(statement);
        let record = statement_done(self.place, id, number);
        let mut before = "begin;\n".to_owned();
        let mut after = String::new();
        if let Some(guard) = guard {
            before.push_str(&(guard.before(text).join("; ") + ";\n"));
            after = guard.after() + ";\n";
        }
        let ourselves = ourselves("set local");
        let together = format!("{before}{text}\n;\n{ourselves};\n{after}{record};\ncommit");
        self.patience.begin_statement();
        let error = loop {
            let Err(failure) = self.run_clean(&together) else {
                return Ok(());
            };
            if !self.retries(job, &failure.error) {
                break failure.error;
            }
        };
        if let Some(alone) = Alone::of(job, statement, &error) {
            return match guard {
                Some(guard) => self.run_alone_guarded(&alone, guard, &record),
                None => self
                    .run_alone(&alone)
                    .and_then(|()| self.run_ours(&record))
                    .map_err(Stopped::before),
            };
        }
        // Counted from the statement's own start.
        let position = error
            .position
            .and_then(|position| position.checked_sub(before.chars().count()));
        Err(Stopped::before(ServerError { position, ..error }))
    }

    /// Runs a statement that has transactions of its own, and compares afterwards: too late to
    /// roll anything back, but not to stop there.
    fn run_alone_guarded(
        &mut self,
        alone: &Alone<'_>,
        guard: &Guard,
        record: &str,
    ) -> Result<(), Stopped> {
        let statement = alone.statement;
        self.run_ours(&guard.hold()).map_err(Stopped::before)?;
        let result = self.run_alone(alone);
        let rewrites_alike =
            statement.starts_with(&["vacuum"]) || statement.starts_with(&["cluster"]);
        let compared = self.run_ours(&guard.compare_held(rewrites_alike));
        match (result, compared) {
            // What it did before it failed is done too.
            (Err(_), Err(error)) if finds(&error) => Err(Stopped::before(error)),
            (Err(error), _) => Err(Stopped::before(error)),
            (Ok(()), Err(error)) => {
                // The breach is what the caller has to hear of.
                let done = self.run_ours(record).is_ok();
                Err(Stopped { error, done })
            }
            (Ok(()), Ok(())) => self.run_ours(record).map_err(Stopped::before),
        }
    }

    /// Runs SQL of ours as a transaction of the role that connected.
    fn run_ours(&mut self, sql: &str) -> Result<(), ServerError> {
        self.run_clean(&as_ourselves(sql)).map_err(|f| f.error)
    }

    /// Runs a statement that has to be alone in its message.
    fn run_alone(&mut self, alone: &Alone<'_>) -> Result<(), ServerError> {
        if alone.lock == LockTimeout::Off {
            self.session.execute("set lock_timeout = 0")?;
            self.patience.set_endless(true);
        }
        let result = loop {
            let result = self.watched(alone.text).map_err(|failure| failure.error);
            match &result {
                Err(error) if alone.repeatable && self.retries(alone.job, error) => {}
                _ => break result,
            }
        };
        if alone.lock == LockTimeout::Off {
            let limits = alone.job.limits;
            self.patience.set_endless(limits.lock_timeout.is_zero());
            if !self.session.is_broken() {
                self.session
                    .execute(&settings("set", limits).swap_remove(0))?;
            }
        }
        result.map_err(|error| match builds_concurrently(alone.text) {
            true => self.with_invalid_indexes(error),
            false => error,
        })
    }

    /// Names the invalid indexes that a failed `CREATE INDEX CONCURRENTLY` has left: the next try
    /// would only say that the name is taken.
    fn with_invalid_indexes(&mut self, error: ServerError) -> ServerError {
        let rows = self.session.query(
            "select pg_catalog.format('%I.%I', n.nspname, c.relname) \
             from pg_catalog.pg_index i \
             join pg_catalog.pg_class c on c.oid = i.indexrelid \
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where not i.indisvalid order by 1",
            &[],
        );
        let Ok(rows) = rows else { return error };
        let names: Vec<&str> = (0..rows.len()).filter_map(|row| rows.get(row, 0)).collect();
        if names.is_empty() {
            return error;
        }
        let drops: Vec<String> = names
            .iter()
            .map(|name| format!("drop index concurrently {name};"))
            .collect();
        ServerError {
            hint: Some(format!(
                "invalid indexes are left, and stand in the way of the next try: {}",
                drops.join(" ")
            )),
            ..error
        }
    }

    /// Ends the row of an attempt. The failure itself is what the caller has to hear of.
    fn record_end(&mut self, sql: &str) {
        let _ = self.run_clean(&as_ourselves(sql));
    }
}

/// A statement outside a transaction after which nothing more is run.
struct Stopped {
    error: ServerError,
    /// Whether it is done and recorded nevertheless.
    done: bool,
}

impl Stopped {
    fn before(error: ServerError) -> Self {
        Self { error, done: false }
    }
}

/// A statement that has to be alone in its message.
struct Alone<'a> {
    job: &'a Job<'a>,
    statement: &'a Statement,
    text: &'a str,
    lock: LockTimeout,
    /// Whether a try that got no lock has left nothing behind.
    repeatable: bool,
}

/// What `lock_timeout` means to a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LockTimeout {
    /// The same as to any other.
    On,
    /// Nothing. `CONCURRENTLY` waits for every transaction that is older than it. That is its way
    /// of not standing in anyone's: it must not end half way, and leave an invalid index or a
    /// partition that is half detached.
    Off,
}

impl<'a> Alone<'a> {
    /// The statement, if this is how PostgreSQL says that it must be alone.
    fn of(job: &'a Job<'a>, statement: &'a Statement, error: &ServerError) -> Option<Self> {
        let refused = error.is(sqlstate::ACTIVE_TRANSACTION);
        if !refused && !error.is(COMMITS_ITSELF) {
            return None;
        }
        let text = job.script.text(statement);
        let concurrent = is_concurrent(statement, text);
        let mut statements = job.script.statements().iter();
        // Whoever writes it into the file wants it.
        let own = statements.any(|statement| {
            statement.starts_with(&["set", "lock_timeout"])
                || statement.starts_with(&["set", "session", "lock_timeout"])
        });
        Some(Self {
            job,
            statement,
            text,
            lock: match concurrent && !own {
                true => LockTimeout::Off,
                false => LockTimeout::On,
            },
            // A procedure that commits by itself may have done a part for good.
            repeatable: refused && !concurrent,
        })
    }
}

/// Whether a statement waits for older transactions before it goes on, in transactions of its own.
fn is_concurrent(statement: &Statement, text: &str) -> bool {
    let waits: [&[&str]; 5] = [
        &["create", "index"],
        &["create", "unique", "index"],
        &["reindex"],
        &["drop", "index"],
        &["alter", "table"],
    ];
    let mut waits = waits.iter();
    waits.any(|keywords| statement.starts_with(keywords))
        && text.to_ascii_lowercase().contains("concurrently")
}

/// Whether a statement leaves an invalid index when it fails.
fn builds_concurrently(text: &str) -> bool {
    let statements = split(text);
    let starts = |keywords: &[&str]| statements.iter().any(|s| s.starts_with(keywords));
    let index = starts(&["create", "index"]) || starts(&["create", "unique", "index"]);
    (index || starts(&["reindex"])) && text.to_ascii_lowercase().contains("concurrently")
}

/// SQL of ours as a transaction of the role that connected.
fn as_ourselves(sql: &str) -> String {
    let ourselves = ourselves("set local");
    format!("begin read write; {ourselves};\n{sql};\ncommit")
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
            .or_else(|| job.script.location_inside(&error))
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
        tries: 1,
        blockage: None,
    }
}
