//! Who touches what: every statement of a history is read, and each object that it creates,
//! changes or reads is attributed to its owner at that point of the history.
//!
//! A first pass replays the statements on a picture of the database (`replay`), which knows
//! what a name meant at each moment. When it is known how everything ends, a second one says whose
//! each touched object was (`owner`) and which touches may not be (`verdict`).
//!
//! What a text does not show - SQL that is put together when it runs, triggers that fire, functions
//! that are called - is left to the guard in the migration's own transaction, which is told what
//! it may do by a [`Mandate`].

mod attributed;
mod breach;
mod collision;
mod everybodys;
mod judged;
mod late;
mod names;
mod owner;
mod removal;
mod replay;
#[cfg(test)]
mod tests;
mod undone;
mod verdict;
mod world;

pub(crate) use attributed::{Attributed, Guarded};
pub use breach::{Breach, Reason};
pub use collision::Collision;
pub use judged::{Attribution, Late};
pub use replay::Unseen;
pub(crate) use undone::Undone;
