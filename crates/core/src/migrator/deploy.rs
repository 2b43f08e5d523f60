//! `deploy`: what is pending, to every database, once.

use std::time::Duration;

use crate::attribution::Attribution;
use crate::deploy::{ExecuteError, Executor, Limits, Patience, Script, attempted};
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::history::History;
use crate::ledger::{self, LedgerError, LedgerPlace, LedgerState};
use crate::lock;
use crate::plan::{DeployRequest, Step};
use crate::report::{DatabaseDeploy, DeployReport, PrivilegesDone};

use super::ahead::{Answer, Question};
use super::connect::{MissingDatabase, Opened};
use super::ownership::{Attributed, Guarded, refuse};
use super::pending::Looked;
use super::{ConnectOptions, Connected, Migrator};

/// How to deploy.
#[derive(Debug, Clone)]
pub struct DeployOptions {
    /// Which databases, and how long to wait for them.
    pub connect: ConnectOptions,
    /// What to apply.
    pub request: DeployRequest,
    /// Whether to create a missing database even where `create` does not say so.
    pub create_databases: bool,
    /// Whether to only say what would be done.
    pub dry_run: bool,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
}

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
        let connect = &options.connect;
        let question = match options.request == DeployRequest::default() {
            true => Question::Digest,
            // A part of what is pending is found among the rows.
            false => Question::Ledger,
        };
        let (history, databases) = self.read_and_ask(connect, question)?;
        let guarded = databases
            .iter()
            .map(|database| self.guarded(&history, &database.name))
            .collect::<Result<Vec<_>, _>>()?;
        let attributed: Vec<_> = guarded.iter().map(Guarded::attributed).collect();
        let names = databases.iter().map(|database| database.name.as_str());
        self.refuse_breaches(&names.zip(&attributed).collect::<Vec<_>>())?;
        let (mut opened, mut looked) = self.reach(databases, &attributed, options, observer)?;
        let missing = if options.create_databases {
            MissingDatabase::Create
        } else {
            MissingDatabase::CreateIfAllowed
        };
        if options.dry_run {
            missing.check(&opened)?;
            self.foresee(&mut opened, &mut looked, &attributed, options, observer)?;
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
        let connected = self.create_missing(opened, missing, observer)?;
        self.deploy_all(connected, &attributed, looked, options, observer)
    }

    /// Finds what would refuse to go on with a migration that stopped half way, and where it would
    /// go on. Changes nothing.
    fn foresee(
        &self,
        opened: &mut [Opened],
        looked: &mut [Looked],
        attributed: &[Attributed<'_>],
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        for ((one, looked), attributed) in opened.iter_mut().zip(looked).zip(attributed) {
            let (Opened::Connected(connected), Some(ledger)) = (one, &looked.ledger) else {
                continue;
            };
            looked.at_work = connected.at_work(ledger)?;
            // What a deploy is at now has not stopped.
            if looked.at_work.is_some() || !looked.plan.steps.iter().any(Step::has_begun) {
                continue;
            }
            let key = lock::key(&ledger.place.schema);
            let attribution = attributed.attribution();
            let mut executor = self.executor(connected, &ledger.place, key, attribution, observer);
            executor.retry = options.request.retry;
            let result = executor.foresee(&mut looked.plan.steps);
            result.map_err(|error| executed(error, &connected.database.name))?;
        }
        Ok(())
    }

    /// One database after the other. A failed migration stops those that follow; a privilege that
    /// is not ours to give is told at the end.
    fn deploy_all(
        &self,
        mut all: Vec<Connected>,
        attributed: &[Attributed<'_>],
        looked: Vec<Looked>,
        options: &DeployOptions,
        observer: &dyn Observer,
    ) -> Result<DeployReport, Error> {
        let mut report = DeployReport::default();
        let names = all.iter().map(|one| one.database.name.clone());
        let mut names: Vec<String> = names.collect();
        let mut refused: Option<Error> = None;
        for ((connected, attributed), looked) in all.iter_mut().zip(attributed).zip(looked) {
            let mut done = looked.report(&connected.database);
            let result = if looked.nothing_to_do() {
                Ok(())
            } else {
                self.deploy_through(connected, attributed, options, &mut done, observer)
            };
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

    /// Looks at every database, and touches none.
    pub(super) fn look_at_all(
        &self,
        opened: &mut [Opened],
        attributed: &[Attributed<'_>],
        request: &DeployRequest,
    ) -> Result<Vec<Looked>, Error> {
        let mut all = Vec::new();
        for (one, attributed) in opened.iter_mut().zip(attributed) {
            let mut looked = one.look(attributed, request)?;
            if let Opened::Connected(connected) = one {
                connected.know_owners(attributed);
                looked.privileges = self.privileges_to_change(connected)?;
            }
            let late = looked.plan.late();
            if !late.is_empty()
                && let Some(attribution) = attributed.attribution()
            {
                refuse(attribution.breaches_of_late(&late))?;
            }
            for step in &looked.plan.steps {
                // A file that cannot be run must not be found out half way.
                Script::of(&step.migration.up)?;
            }
            all.push(looked);
        }
        Ok(all)
    }

    /// Everything that happens under the lock of one database.
    pub(super) fn deploy_one(
        &self,
        connected: &mut Connected,
        attributed: &Attributed<'_>,
        options: &DeployOptions,
        done: &mut DatabaseDeploy,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let missing = connected.missing_prerequisites()?;
        let key = match ledger::locate(&mut connected.session) {
            Ok(place) => lock::key(&place.schema),
            // The search path may name a schema that we are about to create.
            Err(LedgerError::NoSchema) if !missing.schemas.is_empty() => {
                lock::key(&missing.schemas[0])
            }
            Err(error) => return Err(connected.ledger_failed()(error)),
        };
        connected.lock(key, options.lock_wait, observer)?;
        let mut work = Work {
            attributed,
            request: &options.request,
            key,
        };
        let result = connected
            .create_prerequisites(&missing, observer)
            .and_then(|()| match missing.schemas.is_empty() {
                true => Ok(key),
                false => connected.lock_again(key, options.lock_wait, observer),
            })
            .and_then(|key| {
                work.key = key;
                self.deploy_locked(connected, &work, done, observer)
            });
        if work.key != key {
            lock::release(&mut connected.session, work.key);
        }
        lock::release(&mut connected.session, key);
        result
    }

    fn deploy_locked(
        &self,
        connected: &mut Connected,
        work: &Work<'_, '_>,
        done: &mut DatabaseDeploy,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let place = connected.ensure_ledger()?;
        // Whoever held the lock before us may have applied what we saw pending.
        let looked = connected.look(work.attributed, work.request)?;
        *done = looked.report(&connected.database);
        if let Some(ledger) = &looked.ledger {
            self.adopt(connected, work.attributed.history, ledger, observer)?;
        }
        let steps = &looked.plan.steps;
        observer.observe(&Event::Planned {
            database: connected.database.name.clone(),
            migrations: steps
                .iter()
                .map(|step| step.migration.reference())
                .collect(),
        });
        // Who has nothing to run needs to know nothing of it.
        let attributed = (!steps.is_empty()).then_some(work.attributed);
        let attribution = attributed.and_then(Attributed::attribution);
        let mut executor = self.executor(connected, &place, work.key, attribution, observer);
        executor.retry = work.request.retry;
        let result = executor.apply(steps, &mut done.applied);
        done.total_applied += done.applied.len();
        let ran = result.map_err(|error| executed(error, &connected.database.name));
        let mut privileges = PrivilegesDone::default();
        let committed = !done.applied.is_empty();
        let result = self.settle_after(connected, ran, committed, observer, &mut privileges);
        done.privileges = (!privileges.is_nothing()).then_some(privileges);
        result
    }

    /// What runs migrations on a session that holds the lock.
    pub(super) fn executor<'e>(
        &'e self,
        connected: &'e mut Connected,
        place: &'e LedgerPlace,
        key: i64,
        attribution: Option<&'e Attribution<'e>>,
        observer: &'e dyn Observer,
    ) -> Executor<'e> {
        Executor {
            session: &mut connected.session,
            place,
            client: &self.client,
            lock_key: Some(key),
            database: &connected.database.name,
            limits: Limits {
                lock_timeout: connected.database.lock_timeout,
                lock_retries: connected.database.lock_retries,
                statement_timeout: connected.database.statement_timeout,
            },
            patience: Patience::watchful(),
            attribution,
            interrupt: &self.interrupt,
            retry: false,
            observer,
        }
    }

    /// Adds our rows for what Diesel's own tool applied.
    pub(super) fn adopt(
        &self,
        connected: &mut Connected,
        history: &History,
        ledger: &LedgerState,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let adopted: Vec<_> = ledger
            .entries
            .iter()
            .filter(|entry| entry.needs_adoption())
            .filter_map(|entry| history.find(&entry.version))
            .collect();
        let place = &ledger.place;
        let rows: Vec<_> = adopted
            .iter()
            .map(|migration| attempted(migration))
            .collect();
        ledger::adopt(&mut connected.session, place, &self.client, &rows)
            .map_err(connected.failed("taking over what Diesel's own tool applied"))?;
        for migration in adopted {
            observer.observe(&Event::Adopted {
                database: connected.database.name.clone(),
                version: migration.version.clone(),
            });
        }
        Ok(())
    }
}

/// What is to be done under the lock.
struct Work<'w, 'a> {
    attributed: &'w Attributed<'a>,
    request: &'w DeployRequest,
    key: i64,
}

impl Connected {
    /// Takes note of whose everything is, where roles are to be given what they need.
    pub(super) fn know_owners(&mut self, attributed: &Attributed<'_>) {
        self.owners = self.database.roles.then(|| attributed.owners());
    }

    /// Makes sure that the ledger's tables are there. Call it under the lock.
    pub(super) fn ensure_ledger(&mut self) -> Result<LedgerPlace, Error> {
        let place = ledger::locate(&mut self.session).map_err(self.ledger_failed())?;
        let lock_timeout = self.database.lock_timeout;
        ledger::ensure(&mut self.session, &place, lock_timeout).map_err(self.ledger_failed())
    }

    /// Reads how every version stands.
    pub(super) fn read_ledger(&mut self) -> Result<LedgerState, Error> {
        if let Some(Answer::Ledger(ledger)) = self.answer.take() {
            return Ok(ledger);
        }
        let place = ledger::locate(&mut self.session).map_err(self.ledger_failed())?;
        let at_work = lock::held_by(lock::key(&place.schema));
        ledger::read(&mut self.session, place, &at_work).map_err(self.failed("reading the ledger"))
    }
}

/// An executor's error as one of a database.
pub(super) fn executed(error: ExecuteError, database: &str) -> Error {
    match error {
        ExecuteError::Forbidden(forbidden) => Error::Forbidden(forbidden),
        error => Error::Execute {
            database: database.to_owned(),
            error,
        },
    }
}
