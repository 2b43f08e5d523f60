//! The pool of connections a service works with.

use std::env;
use std::ffi::OsString;
use std::num::NonZeroU32;
use std::time::Duration;

use diesel::pg::PgConnection;
use diesel::r2d2::{self, ConnectionManager};
use thiserror::Error;

/// The variable that says how many connections a service may hold at once.
pub const POOL_SIZE: &str = "DATABASE_POOL_SIZE";

/// The variable that says after how many seconds an unused connection is closed.
pub const IDLE_TIMEOUT: &str = "DATABASE_IDLE_TIMEOUT";

/// A pool of PostgreSQL connections. Cloning it is cheap and gives the same pool.
pub type Pool = r2d2::Pool<ConnectionManager<PgConnection>>;

/// A connection on loan from a [`Pool`]; dropping it gives it back.
pub type PooledConnection = r2d2::PooledConnection<ConnectionManager<PgConnection>>;

/// How large a pool may grow and how soon it shrinks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSettings {
    /// The most connections open at once. Every running copy of a service has a pool of its own;
    /// together they have to stay below the server's `max_connections`.
    pub max_size: u32,
    /// How long a connection may be unused before it is closed.
    pub idle_timeout: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            max_size: 10,
            idle_timeout: Duration::from_secs(30),
        }
    }
}

impl PoolSettings {
    /// Reads `DATABASE_POOL_SIZE` and `DATABASE_IDLE_TIMEOUT`, each with its default when it is
    /// not set.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        Self::from_variables(|name| env::var_os(name))
    }

    /// The same from any source of variables, so that it can be tested without changing those of
    /// the whole process.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, InvalidSetting> {
        let mut settings = Self::default();
        if let Some(connections) = positive(&variable, POOL_SIZE)? {
            settings.max_size = connections;
        }
        if let Some(seconds) = positive(&variable, IDLE_TIMEOUT)? {
            settings.idle_timeout = Duration::from_secs(seconds.into());
        }
        Ok(settings)
    }

    /// Opens a pool to the database at `url`.
    ///
    /// One connection is made at once, so that a service with a wrong URL, or without its
    /// database, fails when it starts and not at its first request.
    pub fn open(self, url: &str) -> Result<Pool, r2d2::PoolError> {
        let pool = r2d2::Pool::builder()
            .max_size(self.max_size)
            // Left alone, r2d2 keeps `max_size` connections open at all times, and what the idle
            // timeout closes is opened again at once.
            .min_idle(Some(0))
            .idle_timeout(Some(self.idle_timeout))
            .build(ConnectionManager::new(url))?;
        pool.get()?;
        Ok(pool)
    }
}

/// A variable that is set to something other than what it should hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{variable} must be a whole number from 1 to {max}, not {value:?}", max = u32::MAX)]
pub struct InvalidSetting {
    /// The name of the variable.
    pub variable: &'static str,
    /// What it is set to.
    pub value: OsString,
}

/// Reads a number above zero: a pool of none would never lend a connection, and a connection
/// closed after no time at all would never be used again.
fn positive(
    variable: impl Fn(&str) -> Option<OsString>,
    name: &'static str,
) -> Result<Option<u32>, InvalidSetting> {
    let Some(value) = variable(name) else {
        return Ok(None);
    };
    match value.to_str().map(str::parse::<NonZeroU32>) {
        Some(Ok(number)) => Ok(Some(number.get())),
        _ => Err(InvalidSetting {
            variable: name,
            value,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<PoolSettings, InvalidSetting> {
        PoolSettings::from_variables(|name| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some(OsString::from(value))
        })
    }

    #[test]
    fn what_is_not_set_has_a_default() {
        assert_eq!(
            settings(&[]),
            Ok(PoolSettings {
                max_size: 10,
                idle_timeout: Duration::from_secs(30),
            })
        );
    }

    #[test]
    fn what_is_set_is_used() {
        assert_eq!(
            settings(&[(POOL_SIZE, "3"), (IDLE_TIMEOUT, "120")]),
            Ok(PoolSettings {
                max_size: 3,
                idle_timeout: Duration::from_secs(120),
            })
        );
    }

    #[test]
    fn what_is_malformed_is_named() {
        for value in ["", "0", "-1", "ten", "1.5", " 5", "4294967296"] {
            for variable in [POOL_SIZE, IDLE_TIMEOUT] {
                let error = settings(&[(variable, value)]).unwrap_err();
                assert_eq!(error.variable, variable);
                assert_eq!(error.value, value);
            }
        }
        assert_eq!(
            settings(&[(POOL_SIZE, "ten")]).unwrap_err().to_string(),
            r#"DATABASE_POOL_SIZE must be a whole number from 1 to 4294967295, not "ten""#
        );
    }
}
