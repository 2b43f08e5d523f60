//! One migration history for many services: read it, plan it, apply it, record it.
//!
//! The modules, in the order in which data flows. Each may use those before it, none those after.
//!
//! - words: [`name`], [`secret`], [`source`], [`statement`], [`problem`], [`event`]
//! - the model: [`catalog`], [`schema_rs`]
//! - inputs: [`workspace`], [`history`]
//! - what the database says: [`database`], [`lock`], [`ledger`], [`introspect`]
//! - decisions: [`plan`]
//! - effects: [`deploy`]
//! - the door: [`report`], [`error`], [`migrator`]
//!
//! The library never prints, prompts, reads its environment or exits. It returns reports and
//! typed errors, and tells an [`event::Observer`] what happens meanwhile.

pub mod catalog;
pub mod database;
pub mod deploy;
mod document;
pub mod error;
pub mod event;
pub mod history;
pub mod introspect;
pub mod ledger;
pub mod lock;
pub mod migrator;
pub mod name;
pub mod plan;
pub mod problem;
pub mod report;
pub mod schema_rs;
pub mod secret;
pub mod source;
pub mod statement;
pub mod workspace;
