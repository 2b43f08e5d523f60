//! Decisions: how each migration stands, and what a deploy or revert would do. Pure functions of
//! the history and the ledger.

mod deploy;
mod edit;
mod late;
mod resolve;
mod revert;
mod standing;

pub use deploy::{DeployPlan, DeployRequest, PlanError, Step, plan_deploy};
pub use edit::{Edit, edited};
pub use late::{Order, applied_after};
pub use resolve::{Resolution, ResolveStep, Unfit, plan_resolve};
pub use revert::{Reach, RevertStep, plan_revert};
pub use standing::{Doubt, Happened, Standing, State, standings};
