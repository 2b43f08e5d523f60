//! PostgreSQL as the engine sees it: where a server is, a session on it, rows by the names of their
//! columns, and what stands in the way.
//!
//! What it is for: to send SQL and to know afterwards what became of it. A session tells the
//! SQLSTATE of an error, how many statements of a message were done before it and whether anybody
//! can know if it was committed. It waits for hours where the server works, and not for ever where
//! nobody is left. Around it: who holds a lock and who waits for whom, whether a pooler stands in
//! between, creating and dropping databases, and a server of our own.
//!
//! What it may use: libpq, the operating system, and `migrate-text`. It alone of the engine has
//! `unsafe` code, in `libpq.rs` and `result.rs`; all above them is safe. What a file is built upon
//! never uses it in turn: a connection (`libpq.rs`), a wire on which answers are waited for
//! (`wire.rs`), a session, and what sessions are used for.
//!
//! What it may not know: migrations, services, settings, and any SQL but what asks the server about
//! itself. It prints nothing, asks nobody, and reads no variables of the process by itself; libpq
//! does, as every program with libpq.
//!
//! ```no_run
//! use migrate_postgres::{Session, sqlstate, target::Target};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::parse("postgresql://app@localhost/shop")?;
//! let mut session = Session::connect(&target)?;
//! let rows = session.query(
//!     "select relname as name, reltuples as rows from pg_catalog.pg_class where relkind = $1",
//!     &[Some("r")],
//! )?;
//! for row in rows.iter() {
//!     println!("{} has about {} rows", row.str("name"), row.number::<f32>("rows"));
//! }
//! // Both statements, or none: a message is one transaction.
//! if let Err(failure) = session.run("create table a (); create table b ()") {
//!     assert!(failure.error.is(sqlstate::DUPLICATE_TABLE));
//!     println!("{} were done before: {}", failure.completed, failure.error);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What decodes rows needs no server to be tested:
//!
//! ```
//! use migrate_postgres::Rows;
//!
//! let rows = Rows::of(&["name", "parts"], &[&[Some("shop"), Some("{a,\"b,c\"}")]]);
//! let row = rows.first().expect("there is one");
//! assert_eq!(row.str("name"), "shop");
//! assert_eq!(row.array("parts"), ["a", "b,c"]);
//! ```

mod admin;
mod array;
pub mod blockage;
pub mod blocker;
mod connect;
pub mod embedded;
pub mod holder;
mod libpq;
mod login;
mod milestone;
mod obstacle;
mod pauses;
mod pooler;
mod programs;
#[cfg(test)]
mod property;
mod pulse;
mod result;
mod row;
mod run;
mod server_error;
mod session;
mod socket;
mod standing;
pub mod target;
mod wait;
mod waiting;
mod wire;

pub use admin::{
    AdminError, create_database, create_database_to_deploy, create_prerequisites, database_exists,
    drop_database, missing_prerequisites,
};
pub use array::text_array;
pub use connect::{ConnectError, ping};
pub use libpq::{Canceller, ServerState};
pub use login::{Login, try_login};
pub use milestone::{Milestone, Milestones};
pub use obstacle::{Obstacle, Refusal, Tls};
pub use pauses::Pauses;
pub use pooler::{PoolMode, PoolerError, SERVED_BY};
pub use result::Notice;
pub use row::{Row, Rows};
pub use run::Failure;
pub use server_error::{Ailment, ServerError, sqlstate};
pub use session::Session;
pub use standing::READ_AS_WE_WRITE;
pub use wait::{ServerWait, wait_for_server};
pub use waiting::Meanwhile;
