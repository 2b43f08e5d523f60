//! The workspace: where it is, and what its settings say once every variable is looked up.

mod database;
mod expand;
mod hide;
mod locate;
mod manifest;
mod named;
mod resolve;
mod roles;
mod service;
mod settings;
mod variables;

pub use database::{Address, Database, Pool, ServiceRole};
pub use named::ServerNames;
pub use service::{RoleName, Service, TablePattern, Transfer};
pub use settings::{OpenOptions, PRODUCTION, Selection, Workspace};
