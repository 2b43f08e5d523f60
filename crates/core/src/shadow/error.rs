//! Why a history has no shadow.

use crate::deploy::ExecuteError;
use crate::ledger::LedgerError;
use migrate_postgres::embedded::EmbeddedError;
use migrate_postgres::{AdminError, ConnectError, ServerError};

/// The history could not be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// No connection to the server for shadows.
    #[error("cannot connect to the server for the shadow database")]
    Connect(#[from] ConnectError),
    /// Our own server for shadows could not be made anew.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The shadow could not be created.
    #[error("cannot create the shadow database")]
    Admin(#[from] AdminError),
    /// The server refused a statement of our own.
    #[error("the shadow database refused a statement")]
    Server(#[from] ServerError),
    /// The ledger in the shadow could not be made.
    #[error("the shadow database can hold no ledger")]
    Ledger(#[from] LedgerError),
    /// A migration does not apply to an empty database.
    #[error("it does not apply to an empty database")]
    Execute(#[from] ExecuteError),
}
