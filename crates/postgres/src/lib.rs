//! Databases: where they are, how to connect, create and drop them, and the embedded server.

mod admin;
mod array;
mod beside;
pub mod blockage;
pub mod blocker;
mod cancel;
mod connect;
pub mod embedded;
pub mod holder;
mod login;
mod milestone;
mod obstacle;
mod pooler;
mod pulse;
mod result;
mod row;
mod server_error;
mod session;
mod standing;
pub mod target;
mod wait;
mod waiting;

pub use admin::{
    AdminError, create_database, create_database_to_deploy, create_prerequisites, database_exists,
    drop_database, missing_prerequisites,
};
pub use array::text_array;
pub use cancel::Canceller;
pub use login::{Login, try_login};
pub use milestone::{Milestone, Milestones};
pub use obstacle::{Obstacle, Refusal, Tls};
pub use pooler::{PoolMode, PoolerError, SERVED_BY};
pub use result::Notice;
pub use row::{Row, Rows};
pub use server_error::{Ailment, ServerError, sqlstate};
pub use session::{ConnectError, Failure, ServerState, Session, ping};
pub use wait::{ServerWait, wait_for_server};
pub use waiting::Meanwhile;
