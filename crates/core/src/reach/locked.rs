//! The lock of a database, and what only its holder may do.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::error::{Doing, Error};
use crate::event::Event;
use crate::ledger::{self, LedgerPlace, LedgerState};
use crate::lock::{self, Held, Lock, LockError};
use crate::workspace::Database;
use migrate_postgres::PoolerError;
use migrate_postgres::holder::Holder;
use migrate_text::prerequisites::Prerequisites;

use super::connect::Opened;
use super::connected::Connected;
use super::run::Run;

/// A database of which we hold the lock. Whatever changes its ledger is a method of this, or takes
/// the session that only this gives. Frees the lock when it is dropped.
pub(crate) struct Locked<'c> {
    connected: &'c mut Connected,
    lock: Lock,
    limit: Duration,
}

impl Connected {
    /// Takes the lock of a ledger, in a session that is ours alone; waits for `limit` at most.
    fn lock(&mut self, key: i64, limit: Duration, run: Run<'_>) -> Result<Locked<'_>, Error> {
        self.require_own_session()?;
        // Whoever had it before may have changed everything.
        self.answer = None;
        let database = &self.database.name;
        let waiting = |holder: &Holder| wait_for(database, holder, run);
        match Lock::take(&mut self.session, key, limit, waiting) {
            Ok(lock) => Ok(Locked {
                connected: self,
                lock,
                limit,
            }),
            Err(error) => Err(not_had(database, error)),
        }
    }

    /// Takes the lock of the ledger where it is.
    pub(crate) fn lock_ledger(
        &mut self,
        limit: Duration,
        run: Run<'_>,
    ) -> Result<Locked<'_>, Error> {
        let place = self.locate()?;
        self.lock(lock::key(&place.schema), limit, run)
    }

    /// Takes the lock of the ledger where it is, or where it will be.
    pub(crate) fn lock_to_deploy(
        &mut self,
        limit: Duration,
        run: Run<'_>,
    ) -> Result<Locked<'_>, Error> {
        let missing = self.missing_prerequisites()?;
        // The search path may name a schema that we are about to create.
        let schema = match (self.place()?, missing.schemas.first()) {
            (Some(place), _) => place.schema,
            (None, Some(schema)) => schema.clone(),
            (None, None) => return self.lock_ledger(limit, run),
        };
        self.lock(lock::key(&schema), limit, run)
    }

    /// Takes the lock to set privileges, which needs no ledger.
    pub(crate) fn lock_for_grants(
        &mut self,
        limit: Duration,
        run: Run<'_>,
    ) -> Result<Locked<'_>, Error> {
        let place = self.place()?;
        let schema = place.as_ref().map_or("public", |place| &place.schema);
        self.lock(lock::key(schema), limit, run)
    }

    /// Who was at work as a ledger was read, and still is. Asks only where somebody was, or where
    /// there were no rows that could have told.
    pub(crate) fn at_work(&mut self, ledger: &LedgerState) -> Result<Option<Holder>, Error> {
        if ledger.at_work.is_none() && !ledger.entries.is_empty() {
            return Ok(None);
        }
        lock::holder(&mut self.session, lock::key(&ledger.place.schema))
            .map_err(self.failed(Doing::LookingForHolder))
    }

    /// Makes sure that no pooler shares this session: the lock would not hold.
    pub(crate) fn require_own_session(&mut self) -> Result<(), Error> {
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
                doing: Doing::AskingForProcess,
                error: *error,
            }),
        }
    }
}

impl Locked<'_> {
    /// The session, for what runs migrations and sets privileges, and the database that it is on.
    pub(crate) fn held(&mut self) -> (Held<'_>, &Database) {
        let Connected {
            session, database, ..
        } = &mut *self.connected;
        (self.lock.held(session), database)
    }

    /// Makes sure that the ledger's tables are there.
    pub(crate) fn ensure_ledger(&mut self) -> Result<LedgerPlace, Error> {
        let place = self.locate()?;
        let (mut held, database) = self.held();
        let ensured = ledger::ensure(&mut held, &place, database.lock_timeout);
        ensured.map_err(self.ledger_failed())
    }

    /// Creates the schemas and extensions that are missing. One of the schemas may come first in
    /// the search path, and whoever comes after us finds the ledger there: then its lock is taken
    /// too.
    pub(crate) fn create_prerequisites(
        &mut self,
        missing: &Prerequisites,
        run: Run<'_>,
    ) -> Result<(), Error> {
        self.connected.create_prerequisites(missing, run)?;
        if missing.schemas.is_empty() {
            return Ok(());
        }
        let place = self.locate()?;
        let Connected {
            database, session, ..
        } = &mut *self.connected;
        let database = &database.name;
        let waiting = |holder: &Holder| wait_for(database, holder, run);
        let key = lock::key(&place.schema);
        let taken = self.lock.take_too(session, key, self.limit, waiting);
        taken.map_err(|error| not_had(database, error))
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.lock.release(&mut self.connected.session);
    }
}

impl Deref for Locked<'_> {
    type Target = Connected;

    fn deref(&self) -> &Connected {
        self.connected
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Connected {
        self.connected
    }
}

impl Opened {
    /// The same, where there is a session.
    pub(crate) fn require_own_session(&mut self) -> Result<(), Error> {
        match self {
            Self::Connected(connected) => connected.require_own_session(),
            Self::Missing(_) => Ok(()),
        }
    }
}

fn wait_for(database: &str, holder: &Holder, run: Run<'_>) {
    run.observer.observe(&Event::WaitingForLock {
        database: database.to_owned(),
        holder: holder.clone(),
    });
}

fn not_had(database: &str, error: LockError) -> Error {
    let database = database.to_owned();
    match error {
        LockError::Held { holder, waited } => Error::Locked {
            database,
            holder,
            waited,
        },
        LockError::Server(error) => Error::Server {
            database,
            doing: Doing::TakingLock,
            error,
        },
    }
}

#[cfg(test)]
mod tests {
    use testkit::Database;

    use crate::ledger;

    /// Whether there is a pooler is seen in an answer that is wanted anyway.
    #[test]
    fn a_direct_connection_pays_nothing_for_poolers() {
        let database = Database::fresh();
        let mut session = database.session();
        ledger::locate(&mut session).expect("the server answers");
        let sent = session.messages_sent();
        session
            .require_own_session()
            .expect("the server itself answers");
        assert_eq!(session.messages_sent(), sent);
        let others = "select count(*) from pg_stat_activity \
                      where datname = current_database() and pid <> pg_backend_pid()";
        assert_eq!(database.value(others).as_deref(), Some("1"));
    }
}
