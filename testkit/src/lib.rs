//! Development only: PostgreSQL, workspaces and histories for tests.
//!
//! All tests share one private server that is started by the first of them, and each has a
//! database of its own.
//!
//! It may use `migrate-postgres` and `migrate-text`, and may not know migrations' ledger, the core
//! or the command line: so a service's tests compile no SQL parser, and what is tested is not
//! what prepares the test. The command is only run as a program, by its path.

mod database;
pub mod history;
pub mod large_history;
mod own_server;
mod pooler;
mod running;
mod server;
mod workspace;

pub use database::Database;
pub use own_server::OwnServer;
pub use pooler::Pooler;
pub use running::Running;
pub use server::{program, programs, server, server_version, stopped_server};
pub use workspace::{Run, Workspace};
