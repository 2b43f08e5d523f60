//! One migration history for many services: read it, plan it, apply it, record it.
//!
//! [`migrator`] is the only way in. A [`workspace`] is opened, a [`migrator::Migrator`] made of it,
//! and every command is one call: it returns a [`report`] or an [`error`], and tells an
//! [`event::Observer`] what happens meanwhile. [`history`] is what services embed. The other rooms
//! are nobody's but the core's; `tests/layers.rs` says which may use which.
//!
//! The library never prints, prompts, reads its environment or exits.

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
