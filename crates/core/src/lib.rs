//! One migration history for many services: read it, plan it, apply it, record it.
//!
//! ```no_run
//! use migrate_core::event::Unobserved;
//! use migrate_core::ledger::Client;
//! use migrate_core::migrator::{DeployOptions, Migrator};
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
//! let plan = migrator.deploy(&DeployOptions { dry_run: true, ..options.clone() }, &Unobserved)?;
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
//! tells an [`event::Observer`] what happens meanwhile. Its modules go one way, from [`workspace`]
//! and [`history`] over [`ledger`], [`plan`], [`ownership`] and [`attribution`] to [`deploy`],
//! [`grants`], [`shadow`] and [`generate`]; [`migrator`] is the door.

pub mod attribution;
pub mod deploy;
pub mod error;
pub mod event;
pub mod generate;
pub mod grants;
pub mod history;
pub mod ledger;
pub mod lock;
pub mod migrator;
pub mod ownership;
pub mod plan;
pub(crate) mod reach;
mod remembered;
pub mod report;
pub mod scaffold;
pub mod shadow;
pub(crate) mod turn;
pub mod workspace;
