//! A private PostgreSQL that we run ourselves, from the server binaries of the machine.
//!
//! It listens on a Unix socket only, in a folder that no other user can enter, so it asks for no
//! password. Its data lies outside the workspace: PostgreSQL refuses to run as root, so for root
//! it runs as another user, who could not reach a workspace below `/root`.

mod cluster;
mod error;
mod files;
mod identity;
mod options;
mod process;
mod server;

pub use error::EmbeddedError;
pub use options::{Durability, EmbeddedOptions};
pub use process::Started;
pub use server::Embedded;
