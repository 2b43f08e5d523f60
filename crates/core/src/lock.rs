//! The lock under which one deploy at a time changes a database.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use migrate_postgres::holder::{Connected, Holder};
use migrate_postgres::{Pauses, ServerError, Session};

/// Pauses between two tries: short at first, as most deploys are, then longer.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long after a word about one holder there may be one about the next.
const BETWEEN_TELLINGS: Duration = Duration::from_secs(10);

/// The lock was not had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Someone else held it all the time.
    #[error("another deploy holds the lock of this database")]
    Held {
        /// Who, if the server told.
        holder: Option<Holder>,
        /// How long we waited.
        waited: Duration,
    },
    /// The server refused.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// The key of the lock of a ledger. Databases do not share advisory locks, so the ledger's
/// schema is all that tells two apart; the text keeps clear of other programs' keys.
///
/// Must never change: two versions of this tool exclude each other by it.
pub fn key(ledger_schema: &str) -> i64 {
    let digest = Sha256::digest(format!("migrate:{ledger_schema}.__migrate_ledger"));
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(bytes)
}

/// What a session has locked. Does not put itself away, as it has no session to do it with:
/// `reach::Locked` has both.
pub struct Lock {
    /// Of the ledger as it was found first, and as it was found after schemas were created.
    keys: Vec<i64>,
}

impl Lock {
    /// Takes the lock of a ledger, waiting for `limit` at most. `waiting` is told for whom.
    pub fn take(
        session: &mut Session,
        key: i64,
        limit: Duration,
        waiting: impl FnMut(&Holder),
    ) -> Result<Self, LockError> {
        acquire(session, key, limit, waiting)?;
        Ok(Self { keys: vec![key] })
    }

    /// Takes that of another ledger too, if it is another. The first stays: whoever came with us
    /// waits for it.
    pub fn take_too(
        &mut self,
        session: &mut Session,
        key: i64,
        limit: Duration,
        waiting: impl FnMut(&Holder),
    ) -> Result<(), LockError> {
        if !self.keys.contains(&key) {
            acquire(session, key, limit, waiting)?;
            self.keys.push(key);
        }
        Ok(())
    }

    /// The session that has it, for whatever writes.
    pub fn held<'s>(&self, session: &'s mut Session) -> Held<'s> {
        Held {
            session,
            key: self.keys.last().copied(),
        }
    }

    /// Frees it. A dropped session frees it too, so an error here is not worth telling.
    pub fn release(&mut self, session: &mut Session) {
        while let Some(key) = self.keys.pop() {
            let key = key.to_string();
            let _ = session.query("select pg_catalog.pg_advisory_unlock($1)", &[Some(&key)]);
        }
    }
}

/// A session beside which no other deploy changes the ledger. What writes to one takes no other
/// session, so nobody can forget the lock.
pub struct Held<'s> {
    session: &'s mut Session,
    key: Option<i64>,
}

impl<'s> Held<'s> {
    /// On a database that we have just made under a name of its own, to throw it away. There is
    /// nobody to be kept out.
    pub fn scratch(session: &'s mut Session) -> Self {
        Self { session, key: None }
    }

    /// The key of the lock; none where there is nobody to be kept out.
    pub fn key(&self) -> Option<i64> {
        self.key
    }
}

impl Deref for Held<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}

/// Takes the lock for this session, polling for `limit` at most. `waiting` is told for whom we
/// wait, and again when that has been another for a while.
///
/// Polls because a session that waits inside `pg_advisory_lock` holds a snapshot, and
/// `CREATE INDEX CONCURRENTLY` of the one that holds the lock waits for all snapshots: a
/// deadlock. Between two tries there is no statement and so no snapshot.
fn acquire(
    session: &mut Session,
    key: i64,
    limit: Duration,
    mut waiting: impl FnMut(&Holder),
) -> Result<(), LockError> {
    let mut pauses = Pauses::until(limit, FIRST_PAUSE, LONGEST_PAUSE);
    let mut told: Option<(Holder, Instant)> = None;
    loop {
        if try_acquire(session, key)? {
            return Ok(());
        }
        let holder = match found(session, key)? {
            // Freed in between: it may be ours now. So nobody waits without saying for whom.
            Found::Free => continue,
            Found::Held(holder) => holder,
        };
        if pauses.is_over() {
            let waited = pauses.waited();
            return Err(LockError::Held { holder, waited });
        }
        if let Some(holder) = holder.filter(|holder| is_news(told.as_ref(), holder)) {
            waiting(&holder);
            told = Some((holder, Instant::now()));
        }
        // Jitter keeps fifty waiters from asking in step.
        pauses.pause_for(0.5 + fastrand::f64());
    }
}

/// Whether it is worth telling who holds the lock. Many that started together pass it on within
/// moments, each finding nothing left to do.
fn is_news(told: Option<&(Holder, Instant)>, holder: &Holder) -> bool {
    told.is_none_or(|(last, when)| last != holder && when.elapsed() >= BETWEEN_TELLINGS)
}

fn try_acquire(session: &mut Session, key: i64) -> Result<bool, ServerError> {
    let key = key.to_string();
    let rows = session.query("select pg_catalog.pg_try_advisory_lock($1)", &[Some(&key)])?;
    Ok(rows.single() == Some("t"))
}

/// SQL for the server's process that holds a lock, as a part of another query.
pub fn held_by(key: i64) -> String {
    let (high, low) = halves(key);
    format!(
        "(select l.pid from pg_catalog.pg_locks l \
          where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
            and l.database = (select oid from pg_catalog.pg_database \
                              where datname = pg_catalog.current_database()) \
            and l.classid = {high}::pg_catalog.oid and l.objid = {low}::pg_catalog.oid limit 1)"
    )
}

/// A key of 64 bits stands in two columns, and objsubid 1 says so.
fn halves(key: i64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// Who holds the lock, if anybody does.
pub fn holder(session: &mut Session, key: i64) -> Result<Option<Holder>, ServerError> {
    Ok(match found(session, key)? {
        Found::Free => None,
        Found::Held(holder) => holder,
    })
}

/// Who has the lock.
enum Found {
    /// Nobody, any more.
    Free,
    /// Somebody, if the server tells whom.
    Held(Option<Holder>),
}

fn found(session: &mut Session, key: i64) -> Result<Found, ServerError> {
    let (high, low) = halves(key);
    let rows = session.query(
        "select a.pid, a.usename as user, a.application_name as application, \
                pg_catalog.to_char(a.backend_start at time zone 'UTC', \
                                   'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as since, \
                pg_catalog.host(a.client_addr) as address \
         from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid \
         where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
           and l.database = (select oid from pg_catalog.pg_database \
                             where datname = pg_catalog.current_database()) \
           and l.classid = $1::pg_catalog.oid and l.objid = $2::pg_catalog.oid",
        &[Some(&high.to_string()), Some(&low.to_string())],
    )?;
    let Some(row) = rows.first() else {
        return Ok(Found::Free);
    };
    Ok(Found::Held(row.optional_number("pid").map(|pid| Holder {
        pid,
        user: row.text("user"),
        application: row.text("application"),
        connected: row.optional("since").map(|since| Connected {
            since,
            address: row.optional("address"),
        }),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_never_changes() {
        // The first 8 bytes of the SHA-256 of `migrate:public.__migrate_ledger`.
        assert_eq!(key("public"), 116_544_403_990_097_310);
    }
}
