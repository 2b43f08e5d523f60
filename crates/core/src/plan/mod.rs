//! Decisions: how each migration stands, and what a deploy or revert would do. Pure functions of
//! the history and the ledger.

mod compare;
mod deploy;
mod edit;
mod error;
mod late;
mod resolve;
mod revert;
mod standing;

pub use compare::edited;
pub use deploy::{DeployPlan, DeployRequest, Step, plan_deploy};
pub use edit::Edit;
pub use error::{PlanError, Resolution, Unfit};
pub use late::{Order, applied_after};
pub use resolve::{ResolveStep, plan_resolve};
pub use revert::{Reach, RevertStep, plan_revert, staying_after, steps_back_to};
pub use standing::{Doubt, Happened, Standing, State, standings};

#[cfg(test)]
mod tests;
