//! Databases: where they are, how to connect, create and drop them, and the embedded server.

mod admin;
pub mod embedded;
mod server_error;
mod session;
mod wait;

pub use admin::{AdminError, Prerequisites, create_database, database_exists, drop_database};
pub use server_error::{ServerError, sqlstate};
pub use session::{Canceller, ConnectError, Failure, Notice, Rows, ServerState, Session, ping};
pub use wait::wait_for_server;
