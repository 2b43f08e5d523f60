//! Applies and reverts migrations: the only place that holds lock, transaction and record
//! together.

mod alone;
mod doubt;
mod executor;
mod failure;
mod foreseen;
mod foresight;
mod guard;
mod interrupt;
mod job;
mod limits;
mod outside;
mod patience;
mod proof;
mod remains;
mod run;
mod script;
mod stopped;
mod together;
mod transaction;
mod watched;

pub use doubt::look;
pub use executor::{DoneMigration, Executor};
pub use failure::ExecuteError;
pub use foresight::Foresight;
pub use guard::{ForeignChange, GuardBreach, Offence};
pub use interrupt::{Hold, Interrupt};
pub use job::attempted;
pub use limits::Limits;
pub use patience::Patience;
pub use remains::{Escape, FailedPart, MigrationFailure, Remains};
pub use script::{ForbiddenText, Script};
pub(crate) use transaction::clean;
