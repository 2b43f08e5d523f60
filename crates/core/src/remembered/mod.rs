//! What one run works out is remembered for the next: a long history as it was read, that nothing
//! in it touches what it may not, the catalogs of histories that were replayed.
//!
//! Everything is kept under a [`Fingerprint`] of all that it depends on, so it is never found when
//! any of that has changed. Whatever cannot be found or read is worked out again; nothing here
//! fails a command.

mod catalogs;
mod chain;
mod clean;
mod fingerprint;
mod history;
mod store;

pub(crate) use chain::Chain;
pub(crate) use clean::what_is_judged;
pub(crate) use fingerprint::Fingerprint;
pub(crate) use history::Reading;
pub(crate) use store::Remembered;
