//! One migration history for many services: read it, plan it, apply it, record it.
//!
//! The modules, in the order in which data flows. Each may use those before it, none those after.
//!
//! - words: [`name`], [`secret`], [`variables`], [`checksum`], [`source`], [`target`],
//!   [`prerequisites`], [`problem`], [`statement`], [`event`]
//! - the model: [`catalog`], [`schema_rs`]
//! - inputs: [`workspace`], [`history`], [`scaffold`]
//! - what the database says: [`database`], [`lock`], [`blockage`], [`ledger`], [`introspect`]
//! - decisions: [`plan`], [`ownership`], [`attribution`]
//! - effects: [`deploy`], [`grants`], [`shadow`], [`generate`]
//! - the door: [`report`], [`error`], [`migrator`]
//!
//! The library never prints, prompts, reads its environment or exits. It returns reports and
//! typed errors, and tells an [`event::Observer`] what happens meanwhile.

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
