//! What is found out of a migration that stopped half way before anything is run: what would
//! refuse to go on with it, and where it would go on.

use crate::attribution::Attribution;
use crate::ledger::{Begun, LedgerPlace, Unfinished, attempted_sql};
use crate::plan::{Doubt, Happened, Step};
use migrate_postgres::Session;
use migrate_sql::{LoneDeed, SqlFile, mask_passwords};

use super::failure::ExecuteError;
use super::guard::{GuardBreach, LastingBreach, Offence};
use super::job::{Job, Remedy};
use super::remains::{Escape, Remains};
use super::script::{ForbiddenText, Script};

/// A session that is only asked, so it needs no lock.
pub struct Foresight<'a> {
    /// The session.
    pub session: &'a mut Session,
    /// Where the ledger is.
    pub place: &'a LedgerPlace,
    /// What each migration may touch; all, where there is nobody to be protected from anybody.
    pub attribution: Option<&'a Attribution<'a>>,
    /// Whether a person said that what stopped half way is to be run again.
    pub retry: bool,
}

impl Foresight<'_> {
    /// Finds out, of steps that are to be applied, what would refuse them before the first is run, and how many
    /// statements of each are done for good by now. Changes nothing.
    pub fn foresee(&mut self, steps: &mut [Step]) -> Result<(), ExecuteError> {
        let scripts = scripts(steps)?;
        let pairs = steps.iter().zip(&scripts);
        let mut jobs: Vec<Job<'_>> = pairs.map(|(step, script)| Job::up(step, script)).collect();
        self.look_before(&mut jobs)?;
        let known: Vec<Unfinished> = jobs.into_iter().map(|job| job.unfinished).collect();
        for (step, known) in steps.iter_mut().zip(known) {
            step.unfinished = known;
        }
        Ok(())
    }

    /// Finds out of jobs that stopped half way whether and where they can go on.
    pub(super) fn look_before(&mut self, jobs: &mut [Job<'_>]) -> Result<(), ExecuteError> {
        for job in jobs {
            self.check_finished_part(job)?;
            let recorded = job.unfinished.statements_done;
            self.settle(job)?;
            if job.unfinished.statements_done > recorded {
                self.check_finished_part(job)?;
            }
            self.check_breach(job)?;
        }
        Ok(())
    }

    /// Finds out whether the statement that an earlier attempt had begun, and of which no record
    /// says that it is done, happened. Changes nothing in the database.
    fn settle(&mut self, job: &mut Job<'_>) -> Result<(), ExecuteError> {
        let done = job.unfinished.statements_done;
        let begun = job.unfinished.begun.as_ref();
        let Some(Begun { sent, unended }) = begun.filter(|b| b.sent.statement == done + 1) else {
            return Ok(());
        };
        if sent.does == LoneDeed::Escaped {
            return self.check_escape(job);
        }
        // What cannot be asked is not known.
        let doubt = sent.ask(self.session).unwrap_or(Doubt {
            statement: sent.statement,
            happened: Happened::Unknown,
            invalid_indexes: Vec::new(),
        });
        let rest = sent
            .finalize()
            .filter(|_| doubt.happened == Happened::Partly);
        match doubt.happened {
            Happened::Yes if *unended => job.unfinished.statements_done += 1,
            Happened::Unknown if *unended && !self.retry => {
                let statement = job.script.statements().get(done);
                return Err(ExecuteError::InDoubt {
                    migration: job.migration.clone(),
                    direction: job.direction,
                    statements_done: done,
                    statements: job.script.statements().len(),
                    location: statement.map(|s| job.script.location_of(s)),
                });
            }
            _ => {}
        }
        job.remedy = match rest {
            Some(rest) => Remedy::Finish(rest),
            None => Remedy::Drop(not_dropped_by(job, doubt.invalid_indexes)),
        };
        Ok(())
    }

    /// Makes sure that nobody runs a second time what an earlier attempt has committed a part of,
    /// but for who has looked and says so.
    fn check_escape(&self, job: &Job<'_>) -> Result<(), ExecuteError> {
        if self.retry {
            return Ok(());
        }
        let done = job.unfinished.statements_done;
        let statement = (!job.attempted.run_in_transaction)
            .then(|| job.script.statements().get(done))
            .flatten();
        Err(ExecuteError::Escaped(Box::new(Escape {
            migration: job.migration.clone(),
            direction: job.direction,
            location: statement.map(|s| job.script.location_of(s)),
            statements_done: done,
            error: None,
            refused_again: true,
            not_tried: 0,
        })))
    }

    /// Makes sure that the statements to be skipped are those that were done.
    fn check_finished_part(&mut self, job: &Job<'_>) -> Result<(), ExecuteError> {
        if job.unfinished.statements_done == 0 {
            return Ok(());
        }
        let (migration, statements_done) = (
            job.attempted.name.to_owned(),
            job.unfinished.statements_done,
        );
        if job.attempted.run_in_transaction {
            return Err(ExecuteError::NowInTransaction {
                migration,
                statements_done,
            });
        }
        let direction = job.direction;
        let version = job.attempted.version;
        // What cannot be read cannot be compared; running it will fail on the same connection.
        let Ok(Some(attempted)) = attempted_sql(self.session, self.place, version, direction)
        else {
            return Ok(());
        };
        let present = mask_passwords(job.script.file().text());
        let texts = |sql: &str| -> Vec<String> {
            let file = SqlFile::of(sql);
            let statements = file
                .statements()
                .iter()
                .take(job.unfinished.statements_done);
            statements
                .map(|statement| sql[statement.span.clone()].replace("\r\n", "\n"))
                .collect()
        };
        let (done, now) = (texts(&attempted), texts(&present));
        let same = done.iter().zip(&now).take_while(|(a, b)| a == b).count();
        if same == done.len() {
            return Ok(());
        }
        let statement = job.script.statements().get(same);
        Err(ExecuteError::FinishedPartEdited {
            migration,
            direction: job.direction,
            statements_done,
            location: statement.map(|s| job.script.location_of(s)),
        })
    }

    /// Makes sure that what an earlier attempt changed for good of other services' is no breach
    /// any more: otherwise whoever runs it twice would have passed the guard.
    fn check_breach(&self, job: &Job<'_>) -> Result<(), ExecuteError> {
        let (Some(breach), Some(mandate)) = (
            job.unfinished.breach.as_deref(),
            job.mandate(self.attribution),
        ) else {
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
                done: job.unfinished.statements_done,
                of: statements.len(),
            },
            not_tried: 0,
        })))
    }
}

/// The files of steps, looked through.
pub(super) fn scripts(steps: &[Step]) -> Result<Vec<Script>, ForbiddenText> {
    let files = steps.iter().map(|step| &step.migration.up);
    files.map(Script::of).collect()
}

/// Of invalid indexes those that the rest of the file does not drop by itself.
fn not_dropped_by(job: &Job<'_>, mut indexes: Vec<String>) -> Vec<String> {
    let rest = &job.script.statements()[job
        .unfinished
        .statements_done
        .min(job.script.statements().len())..];
    indexes.retain(|index| {
        // The first statement about it. One that builds an index needs not name it.
        let about = rest.iter().enumerate().find(|(number, statement)| {
            let text = job.script.text(statement);
            let builds = matches!(LoneDeed::of(text), LoneDeed::BuildIndex { .. });
            *number == 0 && builds || SqlFile::of(text).has_name(index)
        });
        !about.is_some_and(|(_, statement)| statement.drops_index())
    });
    indexes
}
