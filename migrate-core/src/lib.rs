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
pub mod blockage;
pub mod catalog;
pub mod checksum;
pub mod database;
pub mod deploy;
mod document;
pub mod error;
pub mod event;
pub mod generate;
pub mod grants;
pub mod history;
pub mod introspect;
pub mod ledger;
pub mod lock;
pub mod migrator;
pub mod name;
pub mod ownership;
pub mod plan;
pub mod prerequisites;
pub mod problem;
mod replace;
pub mod report;
pub mod scaffold;
pub mod schema_rs;
pub mod secret;
pub mod shadow;
pub mod source;
pub mod statement;
pub mod target;
pub mod variables;
pub mod workspace;
