//! The shadow: a scratch database that the history is replayed into, and what it then looks like.
//!
//! What was replayed once is kept twice: the resulting catalog is `remembered`, so that an unchanged
//! history needs no server, and the database itself as a template, so that of a history that grew
//! only the new migrations are replayed.

mod error;
mod replay;
mod server;

pub use error::ShadowError;
pub(crate) use replay::Replay;
pub use server::ShadowServer;
