//! The law: what a migration may do with each kind of statement and each catalog of PostgreSQL, and
//! an attack for everything that it may not.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a test tells what it does, and may ask its environment"
)]

mod case;
mod fingerprint;
mod form;
mod generator;
mod known;
mod law;
mod place;
mod run;
mod statements;
mod tables;
mod world;
