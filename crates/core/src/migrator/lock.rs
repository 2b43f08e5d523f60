//! Takes the lock of a database, in a session that is ours alone.

use std::time::Duration;

use crate::error::Error;
use crate::event::{Event, Observer};
use crate::ledger::{self, LedgerState};
use crate::lock::{self, LockError};
use migrate_postgres::PoolerError;
use migrate_postgres::holder::Holder;

use super::Connected;
use super::connect::Opened;

impl Connected {
    /// Takes the lock for this session.
    pub(super) fn lock(
        &mut self,
        key: i64,
        limit: Duration,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        self.require_own_session()?;
        // Whoever had it before may have changed everything.
        self.answer = None;
        let database = &self.database.name;
        let acquired = lock::acquire(&mut self.session, key, limit, |holder| {
            observer.observe(&Event::WaitingForLock {
                database: database.clone(),
                holder: holder.clone(),
            });
        });
        acquired.map_err(|error| match error {
            LockError::Held { holder, waited } => Error::Locked {
                database: database.clone(),
                holder,
                waited,
            },
            LockError::Server(error) => Error::Server {
                database: database.clone(),
                doing: "taking the lock",
                error,
            },
        })
    }

    /// Who was at work as a ledger was read, and still is. Asks only where somebody was, or where
    /// there were no rows that could have told.
    pub(super) fn at_work(&mut self, ledger: &LedgerState) -> Result<Option<Holder>, Error> {
        if ledger.at_work.is_none() && !ledger.entries.is_empty() {
            return Ok(None);
        }
        lock::holder(&mut self.session, lock::key(&ledger.place.schema))
            .map_err(self.failed("looking for who holds the lock"))
    }

    /// Takes the lock of the ledger where that is now, after schemas were created: one of them may
    /// come first in the search path, and whoever comes after us will find it there. Gives the key.
    pub(super) fn lock_again(
        &mut self,
        held: i64,
        limit: Duration,
        observer: &dyn Observer,
    ) -> Result<i64, Error> {
        let place = ledger::locate(&mut self.session).map_err(self.ledger_failed())?;
        let key = lock::key(&place.schema);
        if key != held {
            self.lock(key, limit, observer)?;
        }
        Ok(key)
    }

    /// Makes sure that no pooler shares this session: the lock would not hold.
    pub(super) fn require_own_session(&mut self) -> Result<(), Error> {
        let database = &self.database.name;
        match self.session.require_own_session() {
            Ok(()) => Ok(()),
            Err(PoolerError::Shared(mode)) => Err(Error::Pooler {
                database: database.clone(),
                target: self.database.address.to_string(),
                mode,
            }),
            Err(PoolerError::Server(error)) => Err(Error::Server {
                database: database.clone(),
                doing: "asking for the process that serves us",
                error: *error,
            }),
        }
    }
}

impl Opened {
    /// The same, where there is a session.
    pub(super) fn require_own_session(&mut self) -> Result<(), Error> {
        match self {
            Self::Connected(connected) => connected.require_own_session(),
            Self::Missing(_) => Ok(()),
        }
    }
}
