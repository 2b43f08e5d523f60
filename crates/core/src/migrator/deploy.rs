//! `deploy`: what is pending, to every database, once.

use crate::attribution::{Attributed, Guarded};
use crate::error::Error;
use crate::event::Observer;
use crate::plan::DeployRequest;
use crate::reach::{Connected, MissingDatabase, Opened, Question, Run};
use crate::report::DeployReport;
use crate::turn::{DeployOptions, Looked, Turn, foresee, reach};

use super::Migrator;

impl Migrator {
    /// Applies what is pending to each selected database, in the order of the file.
    ///
    /// All variables, connections and plans of all databases are looked at before anything is
    /// applied to any. Where nothing is pending, nothing is locked or written.
    pub fn deploy(
        &self,
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<DeployReport, Error> {
        let (run, connect) = (self.run(observer), &options.connect);
        let question = match options.request == DeployRequest::default() {
            true => Question::Digest,
            // A part of what is pending is found among the rows.
            false => Question::Ledger,
        };
        let (history, databases) = self.read_and_ask(connect, question, run)?;
        let guarded = databases
            .iter()
            .map(|database| self.guarded(&history, &database.name))
            .collect::<Result<Vec<_>, _>>()?;
        let attributed: Vec<_> = guarded.iter().map(Guarded::attributed).collect();
        let names = databases.iter().map(|database| database.name.as_str());
        self.refuse_breaches(&names.zip(&attributed).collect::<Vec<_>>())?;
        let (mut opened, mut looked) = reach(run, &databases, &attributed, options)?;
        let missing = if options.create_databases {
            MissingDatabase::Create
        } else {
            MissingDatabase::CreateIfAllowed
        };
        if options.dry_run {
            missing.check(&opened)?;
            foresee(run, &mut opened, &mut looked, &attributed, &options.request)?;
            let databases = opened.iter().zip(&looked);
            return Ok(DeployReport {
                dry_run: true,
                databases: databases
                    .map(|(one, looked)| looked.planned(one.database()))
                    .collect(),
                not_reached: Vec::new(),
            });
        }
        missing.check(&opened)?;
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
