//! The proof that the transaction which ends is the one that began.
//!
//! A file is looked through for what ends a transaction before it is run. That finds everything as
//! long as the server reads the text as we do; this holds where it does not.

use std::hash::{BuildHasher, RandomState};

use migrate_postgres::{Failure, ServerError, Session, sqlstate};

/// A savepoint that is set before a file and released after it.
///
/// Its name is made up when the file was read already, so that the file has it nowhere. Whatever
/// ends the transaction takes the savepoint with it, and no file can set it again: the name it may
/// find out while it runs (`current_query()` has our message), but only the text of a message can
/// set a savepoint, and no function, `DO` block or `EXECUTE`. A variable of the session with the
/// transaction's id would be weaker: `set_config` makes of it what a file likes.
pub(super) struct Proof {
    savepoint: String,
}

impl Proof {
    pub(super) fn new() -> Self {
        // Keyed by the system's random numbers.
        let number = RandomState::new().hash_one(0);
        Self {
            savepoint: format!("migrate_{number:016x}"),
        }
    }

    /// SQL that begins what is to be proven.
    pub(super) fn begin(&self) -> String {
        format!("savepoint {}", self.savepoint)
    }

    /// SQL that fails where the transaction is another one. What follows it, up to the commit, is
    /// in the savepoint again, so that a failure can be asked about too.
    pub(super) fn end(&self) -> String {
        format!(
            "release savepoint {name};\nsavepoint {name}",
            name = self.savepoint
        )
    }

    /// Whether a session that has failed is still in the transaction. Leaves it there.
    pub(super) fn holds(&self, session: &mut Session) -> bool {
        let back = format!("rollback to savepoint {}", self.savepoint);
        session.in_transaction()
            && match session.execute(&back) {
                Ok(()) => true,
                Err(error) => !is_gone(&error),
            }
    }

    /// Whether an error is only how the proof failed.
    pub(super) fn raised(&self, error: &ServerError) -> bool {
        // The second comes where there is no transaction at all.
        error.is(sqlstate::INVALID_SAVEPOINT) && error.message.contains(&self.savepoint)
            || error.is(sqlstate::NO_ACTIVE_TRANSACTION)
    }
}

fn is_gone(error: &ServerError) -> bool {
    error.is(sqlstate::INVALID_SAVEPOINT) || error.is(sqlstate::NO_ACTIVE_TRANSACTION)
}

/// A message with a proof failed.
pub(super) struct Ended {
    pub(super) failure: Failure,
    /// Whether the session was in the savepoint then.
    pub(super) held: bool,
    /// Whether the proof itself is what failed.
    pub(super) raised: bool,
}

impl Ended {
    /// Whether the file ended the transaction, of a message with so many statements before the
    /// file. Where the commit is what failed, the proof has held.
    pub(super) fn escaped(&self, before: usize, at_commit: bool) -> bool {
        let in_file = self.failure.completed > before && !at_commit;
        // On a connection that broke nobody can ask.
        in_file && !self.held && !self.failure.error.connection_lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_are_the_same() {
        let names: std::collections::HashSet<String> =
            (0..100).map(|_| Proof::new().savepoint).collect();
        assert_eq!(names.len(), 100);
    }

    #[test]
    fn a_transaction_has_ended_where_the_file_had_begun_and_the_savepoint_is_gone() {
        let ended = |completed, held, error| Ended {
            failure: Failure { completed, error },
            held,
            raised: false,
        };
        let failed = ServerError::interrupted;
        let lost = ServerError {
            connection_lost: true,
            ..ServerError::interrupted()
        };
        for (escaped, ended, at_commit) in [
            (true, ended(4, false, failed()), false),
            (false, ended(4, true, failed()), false),
            (false, ended(4, false, failed()), true),
            // The first statement of the file fails, or one of ours before it.
            (false, ended(3, false, failed()), false),
            (false, ended(0, false, failed()), false),
            (false, ended(4, false, lost), false),
        ] {
            assert_eq!(ended.escaped(3, at_commit), escaped);
        }
    }
}
