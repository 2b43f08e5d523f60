//! The history: the migrations, one ordered timeline.
//!
//! It comes from a folder on disk ([`read`]), from files inside the program
//! ([`History::embedded`]) or from values ([`History::of`]), and is deployed from there by
//! [`Migrator::with_history`](crate::migrator::Migrator::with_history). On disk versions and
//! `run_in_transaction` are read by Diesel's own `diesel_migrations`, so that its tool and ours
//! always mean the same migration; inside a program the same rules hold.

pub(crate) mod create;
mod embedded;
mod metadata;
mod migration;
mod read;
mod rules;
mod source;
mod timeline;

pub(crate) use create::timestamp;
pub use migration::{Exception, Migration, OwnLimits, name_of};
pub use read::read;
pub(crate) use read::shown;
pub use rules::Rules;
pub use timeline::History;
