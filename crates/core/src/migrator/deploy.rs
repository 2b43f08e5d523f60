//! `deploy`: what is pending, to every database, once.

use crate::attribution::{Attributed, Guarded};
use crate::error::{Changing, Error};
use crate::event::Observer;
use crate::plan::DeployRequest;
use crate::reach::{Connected, MissingDatabase, Opened, Question, Run};
use crate::report::DeployReport;
use crate::turn::{DeployOptions, Looked, Planned, Purpose, Turn, fingerprint, foresee, reach};
use crate::workspace::Database;

use super::Migrator;

impl Migrator {
    /// What a deploy would do, and what stands for it. Writes nothing.
    pub fn plan(
        &self,
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<Planned<DeployReport>, Error> {
        let run = self.run(observer);
        let (databases, guarded) = self.guarded_databases(options, run)?;
        let attributed = self.attributed(&databases, &guarded)?;
        let (mut opened, mut looked) =
            reach(run, &databases, &attributed, options, Purpose::ToPlan)?;
        self.missing(options).check(&opened)?;
        // Of what the ledger says: what is found out beyond that is found out again.
        let fingerprint = fingerprint(&opened, &looked);
        foresee(&mut opened, &mut looked, &attributed, &options.request)?;
        let databases = opened.iter().zip(&looked);
        let report = DeployReport {
            dry_run: true,
            databases: databases
                .map(|(one, looked)| looked.planned(one.database()))
                .collect(),
            not_reached: Vec::new(),
        };
        Ok(Planned {
            report,
            fingerprint,
        })
    }

    /// Applies what is pending to each selected database, in the order of the file.
    ///
    /// All variables, connections and plans of all databases are looked at before anything is
    /// applied to any. Where nothing is pending, nothing is locked or written. A plan that was
    /// approved is compared with what would be done now: before anything is touched, and again
    /// under the lock of each database, before anything is created there.
    pub fn deploy(
        &self,
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<DeployReport, Error> {
        self.require(&options.approval, Changing::Deploy)?;
        let run = self.run(observer);
        let (databases, guarded) = self.guarded_databases(options, run)?;
        let attributed = self.attributed(&databases, &guarded)?;
        let (mut opened, looked) = reach(run, &databases, &attributed, options, Purpose::ToWrite)?;
        let missing = self.missing(options);
        missing.check(&opened)?;
        options.approval.check(&fingerprint(&opened, &looked))?;
        for (one, looked) in opened.iter_mut().zip(&looked) {
            if !looked.nothing_to_do() {
                one.require_own_session()?;
            }
        }
        for (one, looked) in opened.iter_mut().zip(&looked) {
            // While others have their turn, it is idle.
            if let (Opened::Connected(connected), false) = (one, looked.nothing_to_do()) {
                connected.make_settings()?;
            }
        }
        let connected = run.create_missing(opened, missing)?;
        deploy_all(run, connected, attributed, &looked, options)
    }

    /// The selected databases with their parts of the history.
    fn guarded_databases(
        &self,
        options: &DeployOptions,
        run: Run<'_>,
    ) -> Result<(Vec<Database>, Vec<Guarded>), Error> {
        let question = match options.request == DeployRequest::default() {
            true => Question::Digest,
            // A part of what is pending is found among the rows.
            false => Question::Ledger,
        };
        let (history, databases) = self.read_and_ask(&options.connect, question, run)?;
        let guarded = databases
            .iter()
            .map(|database| self.guarded(&history, &database.name))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((databases, guarded))
    }

    /// The same with who touches what. Refuses what touches what it may not.
    fn attributed<'g>(
        &self,
        databases: &[Database],
        guarded: &'g [Guarded],
    ) -> Result<Vec<Attributed<'g>>, Error> {
        let attributed: Vec<_> = guarded.iter().map(Guarded::attributed).collect();
        let names = databases.iter().map(|database| database.name.as_str());
        self.refuse_breaches(&names.zip(&attributed).collect::<Vec<_>>())?;
        Ok(attributed)
    }

    /// What to do about a database that is missing. Production gets one only where `create = true`
    /// says so.
    fn missing(&self, options: &DeployOptions) -> MissingDatabase {
        match options.create_databases && !self.workspace.is_production() {
            true => MissingDatabase::Create,
            false => MissingDatabase::CreateIfAllowed,
        }
    }
}

/// One database after the other. A failed migration stops those that follow; a privilege that is
/// not ours to give is told at the end.
fn deploy_all<'r>(
    run: Run<'r>,
    connected: Vec<Connected>,
    attributed: Vec<Attributed<'r>>,
    looked: &[Looked],
    options: &DeployOptions,
) -> Result<DeployReport, Error> {
    let mut report = DeployReport::default();
    let names = connected.iter().map(|one| one.database.name.clone());
    let mut names: Vec<String> = names.collect();
    let mut refused: Option<Error> = None;
    for ((connected, attributed), looked) in connected.into_iter().zip(attributed).zip(looked) {
        let mut turn = Turn::new(run, connected, attributed);
        let (done, result) = turn.deploy(looked, options);
        report.databases.push(done);
        let Err(error) = result else {
            continue;
        };
        let goes_on = matches!(error, Error::Privileges { .. });
        refused = Some(match refused {
            Some(earlier) if goes_on => earlier.and(error),
            // What stops the deploy counts more.
            Some(earlier) => error.and(earlier),
            None => error,
        });
        if !goes_on {
            report.not_reached = names.split_off(report.databases.len());
            break;
        }
    }
    match refused {
        Some(error) => Err(Error::Stopped {
            error: Box::new(error),
            report: Box::new(report),
        }),
        None => Ok(report),
    }
}
