//! Makes a database ready to be written to, and words what the server refuses.

use std::time::Duration;

use crate::error::{Doing, Error};
use crate::event::Event;
use crate::ledger::{self, LedgerError, LedgerPlace, LedgerState};
use crate::lock;
use migrate_postgres::{
    ServerError, blockage, create_prerequisites, missing_prerequisites, sqlstate,
};
use migrate_text::prerequisites::Prerequisites;

use super::ahead::Answer;
use super::connected::Connected;
use super::run::Run;

impl Connected {
    /// Makes sure that the session is ours, that the database can be written to, and that no limit
    /// that was set for the role or the database ends the session. Call it before the lock: others
    /// may have it for long.
    pub(crate) fn prepare_to_write(&mut self) -> Result<(), Error> {
        self.require_own_session()?;
        self.require_primary()?;
        self.make_settings()
    }

    /// Makes sure that the database can be written to.
    pub(crate) fn require_primary(&mut self) -> Result<(), Error> {
        let standby = self.session.is_standby();
        if standby.map_err(self.failed(Doing::AskingForStandby))? {
            return Err(Error::Standby {
                database: self.database.name.clone(),
                target: self.database.address.to_string(),
                waited: Duration::ZERO,
            });
        }
        Ok(())
    }

    /// Makes the settings of a session that writes. A session that a pooler gives to others too
    /// must not have them.
    pub(crate) fn make_settings(&mut self) -> Result<(), Error> {
        let settings: Vec<&str> = self.session.own_settings().collect();
        let result = self.session.execute(&settings.join("; "));
        result.map_err(self.failed(Doing::PreparingSession))
    }

    /// Creates the schemas and extensions that are missing.
    pub(super) fn create_prerequisites(
        &mut self,
        missing: &Prerequisites,
        run: Run<'_>,
    ) -> Result<(), Error> {
        create_prerequisites(&mut self.session, missing)
            .map_err(self.failed(Doing::CreatingPrerequisites))?;
        for name in &missing.schemas {
            run.observer.observe(&Event::SchemaCreated {
                database: self.database.name.clone(),
                name: name.clone(),
            });
        }
        for name in &missing.extensions {
            run.observer.observe(&Event::ExtensionCreated {
                database: self.database.name.clone(),
                name: name.clone(),
            });
        }
        self.session.take_notices();
        Ok(())
    }

    /// The schemas and extensions that are missing.
    pub(crate) fn missing_prerequisites(&mut self) -> Result<Prerequisites, Error> {
        missing_prerequisites(&mut self.session, &self.database.prerequisites)
            .map_err(self.failed(Doing::LookingForPrerequisites))
    }

    /// Words a server's error about a statement of ours.
    pub(crate) fn failed(&self, doing: Doing) -> impl FnOnce(ServerError) -> Error {
        let database = self.database.name.clone();
        move |error| Error::Server {
            database,
            doing,
            error,
        }
    }

    pub(crate) fn ledger_failed(&self) -> impl FnOnce(LedgerError) -> Error {
        let database = self.database.name.clone();
        move |error| Error::Ledger { database, error }
    }

    /// Where the ledger is.
    pub(crate) fn locate(&mut self) -> Result<LedgerPlace, Error> {
        ledger::locate(&mut self.session).map_err(|error| self.not_located(error))
    }

    /// Why the ledger could not be found.
    pub(crate) fn not_located(&mut self, error: LedgerError) -> Error {
        match error {
            LedgerError::Server(error) if error.is(sqlstate::LOCK_NOT_AVAILABLE) => {
                self.not_read(error)
            }
            error => self.ledger_failed()(error),
        }
    }

    /// Why the ledger could not be read, and who holds it if that is why.
    pub(crate) fn not_read(&mut self, error: ServerError) -> Error {
        if !error.is(sqlstate::LOCK_NOT_AVAILABLE) {
            return self.failed(Doing::ReadingLedger)(error);
        }
        let holders = blockage::holders(&mut self.session, &LedgerPlace::TABLES);
        Error::LedgerLocked {
            database: self.database.name.clone(),
            // That it is locked counts more than who cannot be named.
            blockers: holders.unwrap_or_default(),
            waited: ledger::PATIENCE,
        }
    }

    /// Where the ledger is; `None` when there is no schema for it yet.
    pub(crate) fn place(&mut self) -> Result<Option<LedgerPlace>, Error> {
        match ledger::locate(&mut self.session) {
            Ok(place) => Ok(Some(place)),
            Err(LedgerError::NoSchema) => Ok(None),
            Err(error) => Err(self.not_located(error)),
        }
    }

    /// Reads how every version stands.
    pub(crate) fn read_ledger(&mut self) -> Result<LedgerState, Error> {
        if let Some(Answer::Ledger(ledger)) = self.answer.take() {
            return Ok(ledger);
        }
        let place = self.locate()?;
        let at_work = lock::held_by(lock::key(&place.schema));
        let read = ledger::read(&mut self.session, place, &at_work);
        read.map_err(|error| self.not_read(error))
    }
}
