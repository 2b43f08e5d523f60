//! Reaches databases: connects, waits for servers, asks while files are still being read, takes the
//! lock. Knows no history and plans nothing.

mod ahead;
mod connect;
mod connected;
mod locked;
mod prepare;
mod promotion;
mod run;

pub(crate) use ahead::{Ahead, Answer, Question};
pub(crate) use connect::{MissingDatabase, Opened, admin_error};
pub use connected::ConnectOptions;
pub(crate) use connected::Connected;
pub(crate) use locked::Locked;
pub(crate) use promotion::Promotion;
pub(crate) use run::Run;
