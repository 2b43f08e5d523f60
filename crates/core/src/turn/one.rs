//! One database's turn, and the part of it under the lock.

use std::time::Duration;

use crate::attribution::{Attributed, Attribution};
use crate::deploy::{ExecuteError, Executor, Limits, Patience, attempted};
use crate::error::{Doing, Error};
use crate::event::Event;
use crate::ledger::{self, LedgerPlace, LedgerState};
use crate::lock::Held;
use crate::reach::{Connected, Locked, Run};
use crate::workspace::Database;
use migrate_postgres::ServerWait;

/// One database's turn, ready to be taken on whichever thread. Several databases have their turns
/// one after the other, or side by side.
pub(crate) struct Turn<'r> {
    pub(super) run: Run<'r>,
    pub(super) connected: Connected,
    pub(super) attributed: Attributed<'r>,
}

/// A turn while it has the lock. What writes to a database is a method of this.
pub(super) struct LockedTurn<'t, 'r> {
    pub(super) run: Run<'r>,
    pub(super) locked: Locked<'t>,
    pub(super) attributed: &'t Attributed<'r>,
}

impl<'r> Turn<'r> {
    /// The turn of a database that was reached.
    pub(crate) fn new(run: Run<'r>, connected: Connected, attributed: Attributed<'r>) -> Self {
        Self {
            run,
            connected,
            attributed,
        }
    }

    /// Makes sure that the database can be written to.
    pub(crate) fn make_writable(&mut self, wait: &mut ServerWait) -> Result<(), Error> {
        self.run.make_writable(&mut self.connected, wait)
    }

    /// Takes the lock of the ledger where it is.
    pub(super) fn lock_ledger(&mut self, limit: Duration) -> Result<LockedTurn<'_, 'r>, Error> {
        let locked = self.connected.lock_ledger(limit, self.run)?;
        Ok(LockedTurn {
            run: self.run,
            locked,
            attributed: &self.attributed,
        })
    }

    /// The database.
    pub(crate) fn database(&self) -> &Database {
        &self.connected.database
    }
}

impl LockedTurn<'_, '_> {
    /// Makes sure that a ledger's tables are there, with our rows for what Diesel's own tool
    /// applied. Writes, so what may refuse is asked before it.
    pub(super) fn adopt(&mut self, ledger: &mut LedgerState) -> Result<(), Error> {
        ledger.place = self.locked.ensure_ledger()?;
        let history = self.attributed.history;
        let adopted: Vec<_> = ledger
            .entries
            .iter()
            .filter(|entry| entry.needs_adoption())
            .filter_map(|entry| history.find(&entry.version))
            .collect();
        let rows: Vec<_> = adopted
            .iter()
            .map(|migration| attempted(migration))
            .collect();
        let (mut held, _) = self.locked.held();
        ledger::adopt(&mut held, &ledger.place, self.run.client, &rows)
            .map_err(self.locked.failed(Doing::TakingOver))?;
        for migration in adopted {
            self.run.observer.observe(&Event::Adopted {
                database: self.locked.database.name.clone(),
                version: migration.version.clone(),
            });
        }
        Ok(())
    }
}

/// What runs migrations of a database.
pub(super) fn executor<'e>(
    run: Run<'e>,
    (session, database): (Held<'e>, &'e Database),
    place: &'e LedgerPlace,
    attribution: Option<&'e Attribution<'e>>,
) -> Executor<'e> {
    Executor {
        session,
        place,
        client: run.client,
        database: &database.name,
        limits: Limits {
            lock_timeout: database.lock_timeout,
            lock_retries: database.lock_retries,
            statement_timeout: database.statement_timeout,
        },
        patience: Patience::watchful(),
        attribution,
        interrupt: run.interrupt,
        retry: false,
        observer: run.observer,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::DatabaseDeploy;

    #[test]
    fn a_turn_and_what_comes_of_it_can_be_sent_to_a_thread() {
        fn is_sent<T: Send>() {}
        is_sent::<Turn<'_>>();
        is_sent::<(DatabaseDeploy, Result<(), Error>)>();
    }
}
