//! One migration history for many services: read it, plan it, apply it, record it.
//!
//! It is for whoever deploys a database that several services share. It knows what is pending in
//! each database, keeps a migration from what its services do not own, and applies one in the
//! transaction that records it. From the same history it prints every service's `schema.rs`.
//!
//! ```no_run
//! use migrate_core::event::Unobserved;
//! use migrate_core::migrator::{Client, DeployOptions, Migrator};
//! use migrate_core::workspace::{OpenOptions, Workspace};
//!
//! # fn main() -> Result<(), migrate_core::error::Error> {
//! # let (host, pid) = (String::new(), 1);
//! let variables: migrate_text::variables::Variables = std::env::vars().collect();
//! let embedded = migrate_postgres::embedded::EmbeddedOptions::from_variables(&variables);
//! let (directory, environment) = (".".into(), "local".to_owned());
//! let workspace = Workspace::open(OpenOptions { directory, environment, variables })?;
//! let client = Client { host, pid, tool_version: "1.0".to_owned() };
//! let migrator = Migrator::new(workspace, embedded, client);
//! let options = DeployOptions::default();
//! let plan = migrator.plan(&options, &Unobserved)?.report;
//! println!("{} to apply", plan.databases[0].would_apply.len());
//! let report = migrator.deploy(&options, &Unobserved)?;
//! println!("{} applied", report.databases[0].applied.len());
//! # Ok(())
//! # }
//! ```
//!
//! An [`error::Error`] says what went wrong by its `Display` and why by its `source()`;
//! `migrate_text::causes::with_causes` tells both in one line.
//!
//! It may use every crate of the engine but `migrate-messages`. It may not print, prompt, read its
//! environment or exit: what it needs is handed to it, it returns reports and typed errors, and
//! tells an [`event::Observer`] what happens meanwhile. [`migrator`] is the only way in, and
//! [`history`] is open for who embeds one; the other modules are nobody's but the core's, and
//! `tests/layers/` says which may use which.

#![forbid(unsafe_code)]

mod attribution;
mod deploy;
pub mod error;
pub mod event;
mod generate;
mod grants;
pub mod history;
mod ledger;
mod lock;
pub mod migrator;
mod ownership;
mod plan;
mod reach;
mod remembered;
pub mod report;
mod scaffold;
mod shadow;
mod turn;
pub mod workspace;
