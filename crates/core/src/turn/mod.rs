//! One database's turn: look, lock, plan again, apply, settle.

mod approval;
mod built_upon;
mod deploy;
mod edited;
mod grants;
mod known;
mod late;
mod look;
mod one;
mod pending;
mod refuse;
mod resolve;
mod resume;
mod revert;
mod reverting;

pub use approval::{Approval, PlanFingerprint, Planned};
pub use deploy::DeployOptions;
pub(crate) use grants::PrivilegesToChange;
pub(crate) use look::{Purpose, fingerprint, foresee, reach};
pub(crate) use one::Turn;
pub(crate) use pending::Looked;
pub(crate) use refuse::{refuse, unseen};
pub use resolve::ResolveOptions;
pub use revert::{RedoOptions, RevertOptions};
