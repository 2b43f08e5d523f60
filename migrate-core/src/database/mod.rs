//! Databases: where they are, how to connect, create and drop them, and the embedded server.

mod admin;
mod array;
mod connect;
pub mod embedded;
mod login;
mod server_error;
mod session;
mod wait;

pub use admin::{
    AdminError, create_database, create_prerequisites, database_exists, drop_database,
    missing_prerequisites,
};
pub use array::text_array;
pub use login::{Login, try_login};
pub use server_error::{ServerError, sqlstate};
pub use session::{Canceller, ConnectError, Failure, Notice, Rows, ServerState, Session, ping};
pub use wait::wait_for_server;
